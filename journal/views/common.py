"""What the pages that are written on share: the answer to a saving that a script sends."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse

from accounts.models import Patient
from journal.forms import NOTHING, WordsForm
from journal.services import JournalClosed, TextGone, is_kept, keep_words
from timeline.phases import clock_words


def answer_saving(patient: Patient, form: WordsForm, *, entry_id: UUID | None = None, at: datetime) -> HttpResponse:
    """Keeps what a page sends while somebody types, and says so in plain words: 200, 410, 422 or 503.

    Kept as a text of its own, because another page changed this one too, the answer says so in a header.
    `entry_id` is the text that is changed; None for a new one, which the key of the page names.
    """
    if not form.is_valid():
        return plain(" ".join(str(error) for errors in form.errors.values() for error in errors), status=422)
    entry_id = entry_id or form.entry_id(patient)
    was_kept = form.cleaned_data["was_saved"]
    if form.words.is_blank and not was_kept and not is_kept(patient, entry_id):
        return plain(NOTHING, status=422)
    try:
        row = keep_words(patient, entry_id=entry_id, words=form.words, saving=form.saving, was_kept=was_kept, at=at)
    except TextGone as error:
        return plain(str(error), status=410)
    except JournalClosed as error:
        return plain(str(error), status=503)
    answer = plain(f"Saved {clock_words(at, zone=ZoneInfo(patient.zone), today=at)}")
    if row.pk != entry_id:
        answer["X-Beside"] = "1"
    return answer


def plain(words: str, *, status: int = 200) -> HttpResponse:
    """For a script to show as it is."""
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")
