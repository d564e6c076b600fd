"""The "Not today" box. Putting something in needs no PIN; handing it back and letting it go do."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from accounts.access import patient_of, patient_page
from accounts.middleware import AppRequest
from accounts.models import Patient
from aftercare.http import get_or_post, render_page, see_other, show_form, typed
from journal.access import by_its_writer, open_words_page
from journal.forms import UrgeAnswerForm, UrgeForm
from journal.models import ParkedUrge
from journal.queries import UrgePage, not_today_page, urge_page
from journal.services import JournalClosed, answer_urge, entry_id_of, let_urge_go, open_urge, park_urge
from journal.states import UrgeAnswer

BOX, ONE, LET_GO = "journal/not_today.html", "journal/urge.html", "journal/let_go.html"


@sensitive_post_parameters()
@patient_page
@by_its_writer
@get_or_post
def not_today(request: AppRequest) -> HttpResponse:
    """What waits, by its time alone, and room for one line more. What was typed stays when it can't be kept."""
    patient, at, form = patient_of(request), timezone.now(), UrgeForm(typed(request))
    page = not_today_page(patient, at)
    if not form.is_valid():
        return show_form(request, BOX, form, page)
    # A page gone back to may send another line with its old key: that is one more, and neither is lost.
    line = form.cleaned_data["line"]
    urge_id = entry_id_of(patient, uuid5(form.cleaned_data["key"], line))
    try:
        park_urge(patient, urge_id=urge_id, line=line, opens_at=page.opens_at, at=at)
    except JournalClosed as error:
        form.add_error("line", str(error))
        return render_page(request, BOX, page, form=form, status=503)
    messages.success(request, "It is put away.")
    return see_other(reverse("journal:not_today"))


@open_words_page
@get_or_post
def urge(request: AppRequest, urge_id: UUID) -> HttpResponse:
    """Handed back, once its time has come: still want this? Before that, only when it comes."""
    patient, at = patient_of(request), timezone.now()
    page = _page(patient, urge_id, at)
    if page.times.stage == "waiting":
        return render_page(request, ONE, page)
    form = UrgeAnswerForm(typed(request))
    if form.is_valid():
        answer_urge(patient, urge_id, UrgeAnswer(form.cleaned_data["answer"]), at=at)
        return see_other(request.path)
    try:
        line = open_urge(patient, urge_id, at=at)
    except ParkedUrge.DoesNotExist:
        raise Http404 from None  # let go on another page, a moment ago
    except JournalClosed as error:
        return render_page(request, ONE, page, closed=str(error), status=503)
    return show_form(request, ONE, form, page, line=line, is_open=True)


@open_words_page
@get_or_post
def let_go(request: AppRequest, urge_id: UUID) -> HttpResponse:
    """Asks first: nothing brings it back. A second tap finds it gone, and says the same."""
    patient, at = patient_of(request), timezone.now()
    if request.method == "POST":
        let_urge_go(patient, urge_id, at=at)
        messages.success(request, "It is gone.")
        return see_other(reverse("journal:not_today"))
    return render_page(request, LET_GO, _page(patient, urge_id, at))


def _page(patient: Patient, urge_id: UUID, at: datetime) -> UrgePage:
    page = urge_page(patient, urge_id, at)
    if page is None:
        raise Http404
    return page
