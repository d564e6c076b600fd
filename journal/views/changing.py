"""Changing a text: the PIN shows it once more, and what is typed then is kept with no PIN at all."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.access import patient_of, patient_page
from accounts.middleware import AppRequest
from aftercare.http import get_or_post, render_page, see_other, show_form
from journal.access import after_the_pin, by_its_writer
from journal.forms import NOTHING, WordsForm
from journal.models import JournalEntry
from journal.queries import is_readable, write_page
from journal.services import JournalClosed, keep_words, open_entry
from journal.states import READ_AGAIN
from journal.views.common import answer_saving, plain
from journal.views.reading import CLOSED

CHANGE = "journal/change.html"
BOTH_KEPT = "Another page changed this text too. Both are kept."


@sensitive_post_parameters()
@patient_page
@by_its_writer
@get_or_post
def change(request: AppRequest, entry_id: UUID) -> HttpResponse:
    """A lock that comes while somebody types takes nothing away: only the look at the text needs the PIN."""
    if request.method != "POST":
        return _show(request, entry_id=entry_id)
    return _keep(request, entry_id)


@after_the_pin
def _show(request: AppRequest, *, entry_id: UUID) -> HttpResponse:
    patient, at = patient_of(request), timezone.now()
    try:
        opened = open_entry(patient, entry_id, kinds=READ_AGAIN, at=at)
    except JournalEntry.DoesNotExist:
        raise Http404 from None
    except JournalClosed as error:
        return render_page(request, CLOSED, closed=str(error), status=503)
    if opened.words is None:
        return see_other(reverse("journal:entry", args=[entry_id]))
    words = opened.words
    told = {"text": words.text, "feelings": words.feelings, "question": words.prompt, "seen": opened.revision}
    page = write_page(patient, question=words.prompt, at=at)
    return render_page(request, CHANGE, page, form=WordsForm(initial=told), entry_id=entry_id)


def _keep(request: AppRequest, entry_id: UUID) -> HttpResponse:
    """What was a change of a text that is gone meanwhile is a text of its own: no word is lost."""
    patient, at, form = patient_of(request), timezone.now(), WordsForm(request.POST)
    page = write_page(patient, question=request.POST.get("ask", request.POST.get("question", "")), at=at)
    if "ask" in request.POST:
        form = WordsForm.unsent(request.POST, question=page.question)
        return render_page(request, CHANGE, page, form=form, entry_id=entry_id)
    if form.is_valid() and form.words.is_blank:
        form.add_error("text", NOTHING)
    if not form.is_valid():
        return show_form(request, CHANGE, form, page, entry_id=entry_id)
    wanted = entry_id if is_readable(patient, entry_id) else form.entry_id(patient)
    try:
        row = keep_words(patient, entry_id=wanted, words=form.words, saving=form.saving, at=at)
    except JournalClosed as error:
        form.add_error("text", str(error))
        return render_page(request, CHANGE, page, form=form, entry_id=entry_id, status=503)
    if row.pk != wanted:
        messages.success(request, BOTH_KEPT)
    return see_other(reverse("journal:entry", args=[row.pk]))


@sensitive_post_parameters()
@patient_page
@by_its_writer
@require_POST
def save_change(request: AppRequest, entry_id: UUID) -> HttpResponse:
    """What is there so far, sent by the page itself. 404 where there is no such text of this patient's."""
    patient, at = patient_of(request), timezone.now()
    form = WordsForm(request.POST)
    if form.is_valid() and not is_readable(patient, entry_id):
        return plain("This text is gone.", status=404)
    return answer_saving(patient, form, entry_id=entry_id, at=at)
