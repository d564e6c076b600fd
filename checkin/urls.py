"""Addresses of check-ins. None of them tells what was asked or answered: a browser keeps them."""

from django.urls import path

from checkin.views import check_ins, offline, two_weeks, weeks

app_name = "checkin"
urlpatterns = [
    path("check-in/", check_ins.start, name="start"),
    path("check-in/<uuid:check_in_id>/", check_ins.go_on, name="go_on"),
    path("check-in/<uuid:check_in_id>/q/<int:place>/", check_ins.question, name="question"),
    path("check-in/<uuid:check_in_id>/stop/", check_ins.stop, name="stop"),
    path("check-in/<uuid:check_in_id>/now/", check_ins.now, name="now"),
    path("check-in/<uuid:check_in_id>/call/", check_ins.call, name="call"),
    path("set-up/two-weeks/", two_weeks.baseline, name="baseline"),
    path("set-up/two-weeks/<int:part>/", two_weeks.questions, name="questions"),
    path("set-up/two-weeks/<uuid:page_key>/now/", two_weeks.help_now, name="help_now"),
    path("weeks/", weeks.weeks, name="weeks"),
    path("weeks/share/", weeks.weeks_share, name="weeks_share"),
    path("offline/<int:need>/", offline.action, name="offline"),
    path("sw.js", offline.worker, name="worker"),
]
