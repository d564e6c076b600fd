"""The morning after: last night's words, what stands out of them, and one page of it for a talk."""

from __future__ import annotations

from datetime import datetime
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
from journal.access import after_the_pin
from journal.forms import SummaryForm, ThemesForm
from journal.one_page import OnePage, Part, date_words
from journal.queries import feelings_of, night_texts, offered_parts, opens_words, past_visit_day
from journal.services import ChangedElsewhere, Choices, JournalClosed
from journal.themes import offered, read, split
from journal.views.files import page_file
from timeline.models import Treatment
from timeline.queries import last_visit

MORNING, LATER = "journal/morning.html", "journal/morning_later.html"
PAGE, FORM, CLOSED = "journal/summary.html", "journal/summary_form.html", "journal/closed.html"


@sensitive_post_parameters()
@patient_page
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
    try:
        if form.is_valid():
            if form.themes:
                services.keep_themes(patient, visit, themes=form.themes, saving=form.saving, at=at)
                messages.success(request, "They are kept.")
            else:
                services.remove_entry(patient, services.themes_id(patient, visit), at=at)
            return see_other(reverse("journal:morning"))
        return _show_night(request, visit, at, status=422 if form.is_bound else 200)
    except ChangedElsewhere as error:
        return _show_night(request, visit, at, status=409, trouble=str(error))
    except JournalClosed as error:
        visit_day = past_visit_day(visit, patient, at)
        return render_page(request, MORNING, form=form, visit_day=visit_day, closed=str(error), status=503)


def _show_night(request: AppRequest, visit: Treatment, at: datetime, *, status: int, trouble: str = "") -> HttpResponse:
    patient = patient_of(request)
    night, visit_day = services.open_night(patient, visit, at=at), past_visit_day(visit, patient, at)
    choices = offered(feelings_of(night.texts))
    kept = read(night.themes.words.text) if night.themes and night.themes.words else ()
    picked, own = split(kept, choices)
    seen = night.themes.revision if night.themes else 0
    initial = {"picked": picked, "seen": seen, **{f"own_{at}": each for at, each in enumerate(own, start=1)}}
    form = ThemesForm(typed(request), choices=choices, initial=initial)
    if trouble:
        form.add_error(None, trouble)
    told = {"texts": night_texts(night.texts, patient, at), "kept": kept, "seen": seen, "visit_day": visit_day}
    return render_page(request, MORNING, form=form, status=status, **told)


@sensitive_post_parameters()
@patient_page
@get_or_post
@after_the_pin
def summary(request: AppRequest) -> HttpResponse:
    """The page that is kept; or, before there is one and to change it, what can go on it."""
    patient, at = patient_of(request), timezone.now()
    visit = last_visit(patient, at)
    try:
        choices = services.open_choices(patient, visit, at=at)
        kept = _kept(choices)
        if request.method == "GET" and kept and "change" not in request.GET:
            return render_page(request, PAGE, kept, entry_id=services.summary_id(patient, visit))
        return _put_together(request, visit, choices, at)
    except JournalClosed as error:
        form = SummaryForm(typed(request), offered=_typed_parts(request), kept=None)
        return render_page(request, FORM, form=form, closed=str(error), status=503)


def _typed_parts(request: AppRequest) -> list[Part]:
    """While nothing opens: the places of the lines that were typed, so that they stand on the page still."""
    names = (name.removeprefix("lines_") for name in request.POST if name.startswith("lines_"))
    return [Part("entry", "", heading="Your words", entry=name) for name in names]


def _kept(choices: Choices) -> OnePage | None:
    return OnePage.read(choices.page.words.text) if choices.page and choices.page.words else None


def _put_together(request: AppRequest, visit: Treatment | None, choices: Choices, at: datetime) -> HttpResponse:
    patient, status, seen = patient_of(request), 422, choices.page.revision if choices.page else 0
    parts = offered_parts(texts=choices.texts, themes=choices.themes, line=choices.line, patient=patient)
    form = SummaryForm(typed(request), offered=parts, kept=_kept(choices), initial={"seen": seen})
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
    return render_page(request, FORM, form=form, seen=seen, status=status if form.is_bound else 200)


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
