"""Addresses of the patient's day."""

from django.urls import path

from timeline.views import day

app_name = "timeline"
urlpatterns = [
    path("", day.today, name="today"),
    path("learn/", day.learn, name="learn"),
    path("learn/<slug:key>/", day.learn_card, name="learn_card"),
    path("set-up/", day.set_up, name="set_up"),
    path("step/", day.answer_step, name="answer_step"),
]
