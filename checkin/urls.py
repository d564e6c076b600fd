"""Addresses of check-ins. None of them tells what was asked or answered: a browser keeps them."""

from django.urls import path

from checkin.views import check_ins, logs, offline, two_weeks, weeks

app_name = "checkin"
urlpatterns = [
    path("check-in/", check_ins.start, name="start"),
    path("check-in/<uuid:check_in_id>/", check_ins.go_on, name="go_on"),
    path("check-in/<uuid:check_in_id>/q/<int:place>/", check_ins.question, name="question"),
    path("check-in/<uuid:check_in_id>/stop/", check_ins.stop, name="stop"),
    path("check-in/<uuid:check_in_id>/now/", check_ins.now, name="now"),
    path("check-in/<uuid:check_in_id>/call/", check_ins.call, name="call"),
    path("log/", logs.log, name="log"),
    path("log/kept/", logs.log_kept, name="log_kept"),
    path("log/now/", check_ins.log_now, name="log_now"),
    path("log/how-often/", logs.log_pace, name="log_pace"),
    path("set-up/two-weeks/", two_weeks.baseline, name="baseline"),
    path("set-up/two-weeks/<int:part>/", two_weeks.questions, name="questions"),
    path("set-up/two-weeks/<uuid:page_key>/now/", two_weeks.help_now, name="help_now"),
    path("two-weeks/", two_weeks.two_weeks, name="two_weeks"),
    path("two-weeks/<int:part>/", two_weeks.later_questions, name="later_questions"),
    path("two-weeks/<uuid:page_key>/now/", two_weeks.later_help_now, name="later_help_now"),
    path("weeks/", weeks.weeks, name="weeks"),
    path("weeks/share/", weeks.weeks_share, name="weeks_share"),
    path("offline/<int:need>/", offline.action, name="offline"),
    path("sw.js", offline.worker, name="worker"),
]
