"""Sharing one text, the list of what was shared, and ending it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.access import patient_of, patient_page
from accounts.middleware import AppRequest
from accounts.models import Patient
from accounts.services import LinkExpired
from aftercare.http import get_or_post, render_page, see_other, typed
from journal import services
from journal.access import are_words_open, open_words_page
from journal.forms import ShareForm
from journal.models import JournalEntry, Share
from journal.queries import SharesPage, shares_page
from journal.services import CanNotOpen, JournalClosed, TextChanged
from journal.states import SHARED

SHARE, MADE, LIST = "journal/share.html", "journal/share_made.html", "journal/shares.html"


@sensitive_post_parameters()
@open_words_page
@get_or_post
def share(request: AppRequest, entry_id: UUID) -> HttpResponse:
    """What will be shared, for whom and how long. The answer to the POST shows link and code: the code once, never again."""
    form, at = ShareForm(typed(request)), timezone.now()
    try:
        return _share(request, entry_id, form, at)
    except JournalEntry.DoesNotExist:
        raise Http404 from None
    except (CanNotOpen, JournalClosed) as error:
        return render_page(request, SHARE, form=form, closed=str(error), status=503)


def _share(request: AppRequest, entry_id: UUID, form: ShareForm, at: datetime) -> HttpResponse:
    patient, status = patient_of(request), 422 if form.is_bound else 200
    if form.is_valid():
        try:
            made = services.make_share(patient, entry_id, at=at, **form.cleaned_data)
        except LinkExpired:
            return see_other(reverse("journal:shares"))
        except TextChanged as error:
            form.add_error(None, str(error))
            status = 409
        else:
            return render_page(request, MADE, made=made, whom=form.cleaned_data["whom"])
    opened = services.open_entry(patient, entry_id, kinds=SHARED, at=at)
    page = services.page_of(opened, patient.zone)
    return render_page(request, SHARE, page, form=form, seen=opened.revision, status=status)


@patient_page
@require_safe
def shares(request: AppRequest) -> HttpResponse:
    """No PIN: what is shared can be ended at any time. For whom it is shows only after the PIN."""
    patient, at = patient_of(request), timezone.now()
    page, is_named = shares_page(patient, at), are_words_open(request, at=at)
    return render_page(request, LIST, _named(patient, page, at) if is_named else page, is_named=is_named)


def _named(patient: Patient, page: SharesPage, at: datetime) -> SharesPage:
    """As it is, where the names don't open: ending a copy needs no name."""
    try:
        return page.named(services.open_names(patient, page.rows, at=at))
    except JournalClosed:
        return page


@patient_page
@require_POST
def end_share(request: AppRequest, share_id: UUID) -> HttpResponse:
    """At once. A second tap is the first."""
    try:
        services.end_share(patient_of(request), share_id, at=timezone.now())
    except Share.DoesNotExist:
        raise Http404 from None
    messages.success(request, "It is ended. The link opens nothing now.")
    return see_other(reverse("journal:shares"))
