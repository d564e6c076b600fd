"""Addresses of the demo's start page; elsewhere they do not exist."""

from django.urls import path

from clinic import demo_views

app_name = "demo"
urlpatterns = [
    path("start/", demo_views.start, name="start"),
    path("start/as/", demo_views.become, name="become"),
    path("start/errors/<int:status>/", demo_views.error, name="error"),
    path("start/over/", demo_views.start_over, name="start_over"),
]
