"""Addresses of the escort's pages."""

from django.urls import URLPattern

app_name = "pickup"
urlpatterns: list[URLPattern] = []
