"""The log of a day: three taps and Save; what follows; how often it is asked for, and when we remind of it."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import patient_of, patient_page
from accounts.middleware import AppRequest
from accounts.models import Patient
from aftercare.http import get_or_post, render_page, see_other, show_form, typed
from checkin.forms import LogForm, PaceForm
from checkin.models import DailyLog
from checkin.queries import LogPage, log_day, log_kept_page, log_pace_page, log_page
from checkin.services import Said, choose_pace, record_log
from checkin.states import LogPace
from checkin.trends import opens_help

LOG, KEPT, PACE = "checkin/log.html", "checkin/log_kept.html", "checkin/log_pace.html"


@patient_page
@get_or_post
def log(request: AppRequest) -> HttpResponse:
    """Three numbers, and what somebody wants to add. A low mood leads to help before anything else."""
    patient, at = patient_of(request), timezone.now()
    form = LogForm(typed(request), today=log_day(patient, at))
    form.full_clean()
    page = log_page(patient, at, day=form.on)
    form.initial = _initial(page.kept)
    if form.is_bound and page.opens:
        form.add_error(None, _rests_words(page))
    if not form.is_valid():
        return show_form(request, LOG, form, page)
    kept = _keep(patient, form, at=at)
    return see_other(reverse("checkin:log_now" if opens_help(kept.mood) else "checkin:log_kept"))


def _keep(patient: Patient, form: LogForm, *, at: datetime) -> DailyLog:
    said = dict(form.cleaned_data)
    key, day = said.pop("key"), said.pop("day")
    return record_log(patient, Said(**said), key=key, day=day, at=at)


def _initial(kept: DailyLog | None) -> dict[str, object]:
    """Nothing is picked before, but what the person has picked on that day. What the clinic was told is told already."""
    if kept is None:
        return {"key": uuid4()}
    names = ("mood", "sleep", "worry", "slept_minutes")
    return {"key": uuid4(), **{name: getattr(kept, name) for name in names}}


def _rests_words(page: LogPage) -> str:
    when = "a day after your visit" if page.opens == "later" else f"at {page.opens}"
    return f"It is too soon. Your log opens {when}. Your answers are still here."


@patient_page
@require_safe
def log_kept(request: AppRequest) -> HttpResponse:
    """That it is kept, and room for a private note. The note goes straight to the private words, and never through here."""
    page = log_kept_page(patient_of(request), timezone.now())
    if page is None:
        return see_other(reverse("checkin:log"))
    return render_page(request, KEPT, page, note_key=uuid4())


@patient_page
@get_or_post
def log_pace(request: AppRequest) -> HttpResponse:
    """How often it is asked for, and whether a message says so."""
    patient = patient_of(request)
    page = log_pace_page(patient)
    form = PaceForm(typed(request), hours=page.hours, initial={"pace": page.pace, "remind": page.remind})
    if not form.is_valid():
        return show_form(request, PACE, form, page)
    said = form.cleaned_data
    choose_pace(patient, LogPace(said["pace"]), reminds_at=said["remind"], at=timezone.now())
    messages.success(request, "It is changed.")
    return see_other(reverse("checkin:log"))
