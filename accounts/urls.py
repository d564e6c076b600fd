"""Addresses of anybody, about themselves."""

from django.urls import path

from accounts.views import anybody, binding, invitations, machines, phone_and_pin, way_back, your_data

app_name = "accounts"
urlpatterns = [
    path("welcome/", anybody.welcome, name="welcome"),
    path("help/", anybody.help_page, name="help"),
    path("healthz", machines.healthz, name="healthz"),
    path("robots.txt", machines.robots, name="robots"),
    path("manifest.webmanifest", machines.manifest, name="manifest"),
    path("theme/", anybody.theme, name="theme"),
    path("b/<str:secret>/", binding.open_binding, name="open_binding"),
    path("code/", binding.enter_code, name="enter_code"),
    path("bind/", binding.bind, name="bind"),
    path("i/<str:secret>/", invitations.open_invitation, name="open_invitation"),
    path("invitation/", invitations.invitation, name="invitation"),
    path("way-back/", way_back.way_back, name="way_back"),
    path("way-back/code/", way_back.way_back_code, name="way_back_code"),
    path("way-back/pin/", way_back.way_back_pin, name="way_back_pin"),
    path("way-back/card/", way_back.way_back_card, name="way_back_card"),
    path("phone-and-pin/", phone_and_pin.phone_and_pin, name="phone_and_pin"),
    path("phone-and-pin/change/", phone_and_pin.change_pin, name="change_pin"),
    path("phone-and-pin/forgot/", phone_and_pin.forgot_pin, name="forgot_pin"),
    path("phone-and-pin/others/", phone_and_pin.end_other_phones, name="end_other_phones"),
    path("phone-and-pin/sign-out/", phone_and_pin.end_phone, name="end_phone"),
    path("your-data/", your_data.your_data, name="your_data"),
    path("your-data/copy/", your_data.copy, name="copy"),
    path("your-data/delete/", your_data.ask, name="ask_deletion"),
]
