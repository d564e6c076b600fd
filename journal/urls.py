"""Addresses of the patient's private writing."""

from django.urls import path

from journal.views import intention, note

app_name = "journal"
urlpatterns = [
    path("set-up/your-line/", intention.intention, name="intention"),
    path("set-up/your-line/read/", intention.read_intention, name="read_intention"),
    path("words/note/", note.note, name="note"),
]
