"""Addresses of the patient's day."""

from django.urls import path

from timeline.views import about_me, before, day, set_up

app_name = "timeline"
urlpatterns = [
    path("", day.today, name="today"),
    path("learn/", day.learn, name="learn"),
    path("learn/<slug:key>/", day.learn_card, name="learn_card"),
    path("set-up/", set_up.set_up, name="set_up"),
    path("set-up/agree/", set_up.agree, name="agree"),
    path("set-up/reach/", set_up.reach, name="reach"),
    path("set-up/reach/test/", set_up.send_test_note, name="send_test"),
    path("set-up/reach/came/", set_up.answer_test_note, name="answer_test"),
    path("set-up/home-screen/", set_up.home_screen, name="home_screen"),
    path("set-up/clock/", about_me.clock, name="clock"),
    path("set-up/look/", about_me.look, name="look"),
    path("set-up/tonight/", about_me.tonight, name="tonight"),
    path("set-up/about-you/", about_me.about_you, name="about_you"),
    path("set-up/home/", before.home, name="home"),
    path("set-up/before/", before.before, name="before"),
    path("set-up/visit.ics", before.calendar, name="calendar"),
    path("breathe/", day.breathe, name="breathe"),
    path("home-card/", before.home_card, name="home_card"),
    path("step/", day.answer_step, name="answer_step"),
]
