"""One private line before a visit: writing needs no PIN, reading does."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from accounts.access import patient_of, set_up_page
from accounts.forms import KnownPinForm
from accounts.middleware import AppRequest
from accounts.services import PinRefused, check_pin
from accounts.views.common import refuse
from aftercare.http import get_or_post, render_page, see_other, show_form, typed
from journal.forms import LineForm
from journal.queries import intention_page
from journal.revisions import Saving
from journal.services import JournalClosed, entry_id_of, keep_words, open_newest
from journal.states import EntryKind
from journal.words import DAMAGED, Words

WRITE, READ = "journal/intention.html", "journal/read_intention.html"


@sensitive_post_parameters()
@set_up_page
@get_or_post
def intention(request: AppRequest) -> HttpResponse:
    """One line, for nobody but the patient. What was typed stays in the page when it can't be kept."""
    patient, at, form = patient_of(request), timezone.now(), LineForm(typed(request))
    page = intention_page(patient, at)
    if not form.is_valid():
        return show_form(request, WRITE, form, page)
    key, words = form.cleaned_data["key"], Words(form.cleaned_data["line"])
    try:
        keep_words(
            patient,
            entry_id=entry_id_of(patient, key),
            words=words,
            saving=Saving(writer=key, number=1),
            kind=EntryKind.INTENTION,
            at=at,
        )
    except JournalClosed as error:
        form.add_error("line", str(error))
        return render_page(request, WRITE, page, form=form, status=503)
    messages.success(request, "It is kept.")
    return see_other(reverse("journal:intention"))


@sensitive_post_parameters()
@set_up_page
@get_or_post
def read_intention(request: AppRequest) -> HttpResponse:
    """The line once more, after the PIN. It stands in this one answer and nowhere else."""
    patient, at, form = patient_of(request), timezone.now(), KnownPinForm(typed(request))
    if not form.is_valid():
        return show_form(request, READ, form)
    try:
        check_pin(patient, form.cleaned_data["known_pin"], at=at)
        opened = open_newest(patient, EntryKind.INTENTION, at=at)
    except PinRefused as error:
        return refuse(request, READ, form, "known_pin", error)
    except JournalClosed as error:
        return render_page(request, READ, form=KnownPinForm(), closed=str(error), status=503)
    if opened and opened.words is None:
        return render_page(request, READ, form=KnownPinForm(), closed=DAMAGED, status=503)
    line = opened.words.text if opened and opened.words else ""
    return render_page(request, READ, form=KnownPinForm(), line=line, is_open=True)
