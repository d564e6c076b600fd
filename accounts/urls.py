"""Addresses of anybody, about themselves."""

from django.urls import path

from accounts.views import anybody, binding

app_name = "accounts"
urlpatterns = [
    path("welcome/", anybody.welcome, name="welcome"),
    path("help/", anybody.help_page, name="help"),
    path("theme/", anybody.theme, name="theme"),
    path("b/<str:secret>/", binding.open_binding, name="open_binding"),
    path("code/", binding.enter_code, name="enter_code"),
    path("bind/", binding.bind, name="bind"),
]
