"""Addresses of anybody, about themselves."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("welcome/", views.welcome, name="welcome"),
    path("help/", views.help_page, name="help"),
    path("theme/", views.theme, name="theme"),
    path("b/<str:secret>/", views.open_binding, name="open_binding"),
    path("code/", views.enter_code, name="enter_code"),
    path("bind/", views.bind, name="bind"),
]
