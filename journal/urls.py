"""Addresses of the patient's private writing."""

from django.urls import path

from journal.views import (
    changing,
    deleting,
    intention,
    morning,
    note,
    opening,
    reading,
    shared,
    sharing,
    waiting,
    writing,
)

app_name = "journal"
urlpatterns = [
    path("set-up/your-line/", intention.intention, name="intention"),
    path("set-up/your-line/read/", intention.read_intention, name="read_intention"),
    path("words/not-today/", waiting.not_today, name="not_today"),
    path("words/not-today/<uuid:urge_id>/", waiting.urge, name="urge"),
    path("words/not-today/<uuid:urge_id>/let-go/", waiting.let_go, name="let_go"),
    path("words/note/", note.note, name="note"),
    path("words/morning/", morning.morning, name="morning"),
    path("words/page/", morning.summary, name="summary"),
    path("words/page/file/", morning.summary_file, name="summary_file"),
    path("words/read/<uuid:entry_id>/share/", sharing.share, name="share"),
    path("words/shared/", sharing.shares, name="shares"),
    path("words/shared/<uuid:share_id>/end/", sharing.end_share, name="end_share"),
    path("shared/", shared.shared, name="shared"),
    path("shared/file/", shared.shared_file, name="shared_file"),
    path("shared/close/", shared.close_shared, name="close_shared"),
    path("shared/<str:secret>/", shared.open_share, name="open_share"),
    path("words/", writing.write, name="write"),
    path("words/save/", writing.save, name="save"),
    path("words/open/", opening.unlock, name="unlock"),
    path("words/lock/", opening.lock, name="lock"),
    path("words/openings/", opening.openings, name="openings"),
    path("words/delete/", deleting.destroy, name="destroy"),
    path("words/read/", reading.entries, name="entries"),
    path("words/read/<uuid:entry_id>/", reading.entry, name="entry"),
    path("words/read/<uuid:entry_id>/change/", changing.change, name="change"),
    path("words/read/<uuid:entry_id>/save/", changing.save_change, name="save_change"),
    path("words/read/<uuid:entry_id>/remove/", reading.remove, name="remove"),
]
