"""Old writing, after the PIN: the list, one text, and taking one away."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import patient_of, patient_page
from accounts.middleware import AppRequest
from aftercare.http import get_or_post, render_page, see_other
from journal.access import after_the_pin, open_words_page
from journal.models import JournalEntry
from journal.queries import entries_page, entry_page, remove_page
from journal.services import JournalClosed, open_entries, open_entry, remove_entry
from journal.states import LISTED

CLOSED = "journal/closed.html"
GONE = "It is gone for good."
GONE_BUT = "It is gone. But a page for a talk does not open. It may still hold these words."


@patient_page
@require_safe
@after_the_pin
def entries(request: AppRequest) -> HttpResponse:
    """Everything that was written, newest first. One that does not open stands in its place."""
    patient, at = patient_of(request), timezone.now()
    try:
        opened = open_entries(patient, at=at)
    except JournalClosed as error:
        return render_page(request, CLOSED, closed=str(error), status=503)
    return render_page(request, "journal/entries.html", entries_page(opened, patient=patient, at=at))


@patient_page
@require_safe
@after_the_pin
def entry(request: AppRequest, entry_id: UUID) -> HttpResponse:
    """One text as it was typed."""
    patient, at = patient_of(request), timezone.now()
    try:
        opened = open_entry(patient, entry_id, kinds=LISTED, at=at)
    except JournalEntry.DoesNotExist:
        raise Http404 from None
    except JournalClosed as error:
        return render_page(request, CLOSED, closed=str(error), status=503)
    return render_page(request, "journal/entry.html", entry_page(opened, patient=patient, at=at))


@open_words_page
@get_or_post
def remove(request: AppRequest, entry_id: UUID) -> HttpResponse:
    """Takes one text, or the page for a talk, away for good, after a question. A second tap finds it gone, and says the same."""
    patient, at = patient_of(request), timezone.now()
    if request.method != "POST":
        try:
            return render_page(request, "journal/remove.html", remove_page(patient, entry_id, at))
        except JournalEntry.DoesNotExist:
            raise Http404 from None
    try:
        unread = remove_entry(patient, entry_id, at=at)
    except JournalClosed as error:
        return render_page(request, CLOSED, closed=str(error), status=503)
    messages.success(request, GONE_BUT if unread else GONE)
    return see_other(reverse("journal:entries"))
