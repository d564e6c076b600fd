"""A private note beside the log of a day. Writing needs no PIN; reading does."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from accounts.access import patient_of, patient_page
from accounts.middleware import AppRequest
from aftercare.http import get_or_post, render_page, see_other, show_form, typed
from journal.access import by_its_writer
from journal.forms.note import NoteForm
from journal.revisions import Saving
from journal.services import JournalClosed, entry_id_of, keep_words
from journal.states import EntryKind
from journal.words import Words

NOTE = "journal/note.html"


@sensitive_post_parameters()
@patient_page
@by_its_writer
@get_or_post
def note(request: AppRequest) -> HttpResponse:
    """One note, for nobody but the patient. What was typed stays in the page when it can't be kept."""
    patient, form = patient_of(request), NoteForm(typed(request))
    if not form.is_valid():
        return show_form(request, NOTE, form)
    key = form.cleaned_data["key"]
    try:
        keep_words(
            patient,
            entry_id=entry_id_of(patient, key),
            words=Words(form.cleaned_data["note"]),
            saving=Saving(writer=key, number=1),
            kind=EntryKind.NOTE,
            at=timezone.now(),
        )
    except JournalClosed as error:
        form.add_error("note", str(error))
        return render_page(request, NOTE, form=form, status=503)
    messages.success(request, "Your note is kept.")
    return see_other(reverse("checkin:log_kept"))
