"""Addresses of the patient's private writing."""

from django.urls import path

from journal import views

app_name = "journal"
urlpatterns = [
    path("set-up/your-line/", views.intention, name="intention"),
    path("set-up/your-line/read/", views.read_intention, name="read_intention"),
]
