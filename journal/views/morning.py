"""The morning after: last night's words, what stands out of them, and one page of it for a talk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from accounts.access import patient_of, patient_page
from accounts.middleware import AppRequest
from aftercare.http import get_or_post, render_page, see_other, typed
from journal import services
from journal.access import after_the_pin, by_its_writer
from journal.forms import SummaryForm, ThemesForm, sent_parts
from journal.one_page import OnePage, Part, date_words
from journal.queries import feelings_of, night_texts, offered_parts, opens_words, past_visit_day
from journal.services import ChangedElsewhere, Choices, JournalClosed, Night
from journal.themes import offered, read, split
from journal.views.files import page_file
from timeline.models import Treatment
from timeline.queries import last_visit

MORNING, LATER = "journal/morning.html", "journal/morning_later.html"
PAGE, FORM, CLOSED = "journal/summary.html", "journal/summary_form.html", "journal/closed.html"


@sensitive_post_parameters()
@patient_page
@by_its_writer
@get_or_post
def morning(request: AppRequest) -> HttpResponse:
    """Before the morning no PIN is asked for: the page says from when on it opens."""
    patient, at = patient_of(request), timezone.now()
    visit = last_visit(patient, at)
    if visit is None or (opens := opens_words(patient, visit, at)):
        return render_page(request, LATER, opens=opens if visit else "")
    return _morning(request, visit, at)


@after_the_pin
def _morning(request: AppRequest, visit: Treatment, at: datetime) -> HttpResponse:
    patient, form = patient_of(request), ThemesForm(typed(request), choices=request.POST.getlist("picked"))
    status, trouble, visit_day = 422 if form.is_bound else 200, "", past_visit_day(visit, patient, at)
    try:
        if form.is_valid():
            try:
                _keep_themes(request, visit, form, at)
            except ChangedElsewhere as error:
                status, trouble = 409, str(error)
            else:
                return see_other(reverse("journal:morning"))
        night = services.open_night(patient, visit, at=at)
    except JournalClosed as error:
        return render_page(request, MORNING, form=form, visit_day=visit_day, closed=str(error), status=503)
    return _show_night(request, night, at, visit_day=visit_day, status=status, trouble=trouble)


def _keep_themes(request: AppRequest, visit: Treatment, form: ThemesForm, at: datetime) -> None:
    patient = patient_of(request)
    if form.themes:
        services.keep_themes(patient, visit, themes=form.themes, saving=form.saving, at=at)
        messages.success(request, "They are kept.")
    else:
        services.remove_themes(patient, visit, saving=form.saving, at=at)


def _show_night(
    request: AppRequest, night: Night, at: datetime, *, visit_day: str, status: int, trouble: str
) -> HttpResponse:
    choices = offered(feelings_of(night.texts))
    themes = night.themes if night.themes and night.themes.words else None
    kept = read(themes.words.text) if themes and themes.words else ()
    picked, own = split(kept, choices)
    seen = themes.revision if themes else 0
    initial = {"picked": picked, "seen": seen, **{f"own_{number}": each for number, each in enumerate(own, start=1)}}
    form = ThemesForm(typed(request), choices=choices, initial=initial)
    if trouble:
        form.add_error(None, trouble)
    texts, is_damaged = night_texts(night.texts, patient_of(request), at), bool(night.themes and not themes)
    told: dict[str, Any] = {
        "texts": texts,
        "is_damaged": is_damaged,
        "kept": kept,
        "seen": seen,
        "visit_day": visit_day,
    }
    return render_page(request, MORNING, form=form, status=status, **told)


@sensitive_post_parameters()
@patient_page
@by_its_writer
@get_or_post
@after_the_pin
def summary(request: AppRequest) -> HttpResponse:
    """The page that is kept; or, before there is one and to change it, what can go on it."""
    patient, at = patient_of(request), timezone.now()
    visit = last_visit(patient, at)
    sent = sent_parts(request.POST)
    try:
        choices = services.open_choices(patient, visit, named=[UUID(part.entry) for part in sent if part.entry], at=at)
        kept = _kept(choices)
        if choices.page and request.method == "GET" and kept and "change" not in request.GET:
            return render_page(request, PAGE, kept, entry_id=choices.page.id)
        return _put_together(request, visit, choices, sent, at)
    except JournalClosed as error:
        form = SummaryForm(typed(request), offered=sent, kept=None)
        return render_page(request, FORM, form=form, closed=str(error), status=503)


def _kept(choices: Choices) -> OnePage | None:
    return OnePage.read(choices.page.words.text) if choices.page and choices.page.words else None


def _put_together(
    request: AppRequest, visit: Treatment | None, choices: Choices, sent: Sequence[Part], at: datetime
) -> HttpResponse:
    patient, status, kept = patient_of(request), 422, _kept(choices)
    seen = choices.page.revision if choices.page and kept else 0
    parts = offered_parts(texts=choices.texts, themes=choices.themes, line=choices.line, patient=patient)
    form = SummaryForm(typed(request), offered=parts, kept=kept, sent=sent, initial={"seen": seen})
    if form.is_valid():
        page = OnePage(form.parts, written=date_words(at, ZoneInfo(patient.zone)), zone=patient.zone)
        try:
            services.keep_page(patient, visit, page=page, saving=form.saving, at=at)
        except ChangedElsewhere as error:
            form.add_error(None, str(error))
            status = 409
        else:
            messages.success(request, "Your page is kept.")
            return see_other(reverse("journal:summary"))
    is_damaged, status = bool(choices.page and not kept), status if form.is_bound else 200
    return render_page(request, FORM, form=form, seen=seen, is_damaged=is_damaged, status=status)


@patient_page
@require_safe
@after_the_pin
def summary_file(request: AppRequest) -> HttpResponse:
    """The kept page as a PDF."""
    patient, at = patient_of(request), timezone.now()
    try:
        page = _kept(services.open_choices(patient, last_visit(patient, at), at=at))
    except JournalClosed as error:
        return render_page(request, CLOSED, closed=str(error), status=503)
    if page is None:
        return see_other(reverse("journal:summary"))
    return page_file(page, country=patient.clinic.country_id, at=at)
