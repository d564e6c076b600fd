"""Addresses of the patient's private writing."""

from django.urls import path

from journal.views import intention, writing

app_name = "journal"
urlpatterns = [
    path("set-up/your-line/", intention.intention, name="intention"),
    path("set-up/your-line/read/", intention.read_intention, name="read_intention"),
    path("words/", writing.write, name="write"),
    path("words/save/", writing.save, name="save"),
]
