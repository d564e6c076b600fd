"""What the pages that are written on share: whose page it was, and the answer to a saving that a script sends."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.models import Patient
from aftercare.http import hold_form
from journal.forms import NOTHING, WordsForm
from journal.services import JournalClosed, TextGone, is_kept, keep_words
from timeline.phases import clock_words


def is_of_somebody_else(request: HttpRequest, patient: Patient) -> bool:
    """Whether the page that was sent was opened by somebody else, before this phone became this patient's."""
    return request.POST.get("who", str(patient.pk)) != str(patient.pk)


def hold_for_its_writer(request: HttpRequest) -> HttpResponse:
    """Their words stay in the page, to be sent when they are back. They never go into somebody else's journal."""
    return hold_form(request, why="phone_gone", status=401, door=reverse("accounts:welcome"))


def answer_saving(patient: Patient, form: WordsForm, *, entry_id: UUID | None = None, at: datetime) -> HttpResponse:
    """Keeps what a page sends while somebody types, and says so in plain words: 200, 410, 422 or 503.

    `entry_id` is the text that is changed; None for a new one, which the key of the page names.
    """
    if not form.is_valid():
        return plain(" ".join(str(error) for errors in form.errors.values() for error in errors), status=422)
    entry_id = entry_id or form.entry_id(patient)
    was_kept = form.cleaned_data["was_saved"]
    if form.words.is_blank and not was_kept and not is_kept(patient, entry_id):
        return plain(NOTHING, status=422)
    try:
        keep_words(patient, entry_id=entry_id, words=form.words, saving=form.saving, was_kept=was_kept, at=at)
    except TextGone as error:
        return plain(str(error), status=410)
    except JournalClosed as error:
        return plain(str(error), status=503)
    return plain(f"Saved {clock_words(at, zone=ZoneInfo(patient.zone), today=at)}")


def plain(words: str, *, status: int = 200) -> HttpResponse:
    """For a script to show as it is."""
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")
