"""Addresses of the patient's private writing."""

from django.urls import path

from journal.views import intention, opening, reading, writing

app_name = "journal"
urlpatterns = [
    path("set-up/your-line/", intention.intention, name="intention"),
    path("set-up/your-line/read/", intention.read_intention, name="read_intention"),
    path("words/", writing.write, name="write"),
    path("words/save/", writing.save, name="save"),
    path("words/open/", opening.unlock, name="unlock"),
    path("words/lock/", opening.lock, name="lock"),
    path("words/openings/", opening.openings, name="openings"),
    path("words/read/", reading.entries, name="entries"),
    path("words/read/<uuid:entry_id>/", reading.entry, name="entry"),
    path("words/read/<uuid:entry_id>/remove/", reading.remove, name="remove"),
]
