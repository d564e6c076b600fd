"""Addresses of the patient's day."""

from django.urls import path

from timeline import views

app_name = "timeline"
urlpatterns = [
    path("", views.today, name="today"),
    path("learn/", views.learn, name="learn"),
    path("learn/<slug:key>/", views.learn_card, name="learn_card"),
    path("set-up/", views.set_up, name="set_up"),
    path("step/", views.answer_step, name="answer_step"),
]
