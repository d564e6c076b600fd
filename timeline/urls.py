"""Addresses of the patient's day."""

from django.urls import path

from timeline.views import before, day

app_name = "timeline"
urlpatterns = [
    path("", day.today, name="today"),
    path("learn/", day.learn, name="learn"),
    path("learn/<slug:key>/", day.learn_card, name="learn_card"),
    path("set-up/", day.set_up, name="set_up"),
    path("set-up/home/", before.home, name="home"),
    path("set-up/before/", before.before, name="before"),
    path("set-up/visit.ics", before.calendar, name="calendar"),
    path("home-card/", before.home_card, name="home_card"),
    path("step/", day.answer_step, name="answer_step"),
]
