"""Addresses of the patient's day."""

from django.urls import path

from timeline import views

app_name = "timeline"
urlpatterns = [
    path("", views.today, name="today"),
    path("step/", views.answer_step, name="answer_step"),
]
