"""Before a visit: the patient's clock, the look of the pages, the night, and facts about themselves."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import HttpResponse

from accounts.access import patient_of
from accounts.middleware import AppRequest
from accounts.services import tell_history
from aftercare.http import render_page, show_form, typed
from aftercare.state import AlreadyMoved
from timeline.forms import AboutYouForm, ClockForm, NightForm, night_on_record
from timeline.models import Treatment
from timeline.phases import clock_words
from timeline.queries import clock_page, night_page, plain_part
from timeline.services import TONIGHT_WHILE, record_tonight, set_clock
from timeline.views.common import go_on, part_page

CLOCK, NIGHT = "timeline/clock.html", "timeline/tonight.html"


@part_page
def clock(request: AppRequest, treatment: Treatment, at: datetime) -> HttpResponse:
    """Zone and quiet hours. A visit that runs keeps those that its messages were planned by, and the page says so."""
    patient = patient_of(request)
    form = ClockForm(typed(request), zone=patient.zone, starts=patient.quiet_starts_at, ends=patient.quiet_ends_at)
    if not form.is_valid():
        return show_form(request, CLOCK, form, clock_page(treatment, patient, at))
    set_clock(patient, at=at, **form.clock)
    return go_on(treatment, "clock", at=at)


@part_page
def look(request: AppRequest, treatment: Treatment, at: datetime) -> HttpResponse:
    """Light or dim. Picking one goes through the switch that every page has; the page shows itself in it."""
    if request.method == "POST":
        return go_on(treatment, "look", at=at)
    return render_page(request, "timeline/look.html", plain_part(treatment, "look"))


@part_page
def tonight(request: AppRequest, treatment: Treatment, at: datetime) -> HttpResponse:
    """Where they sleep, whom else to call, and whether anybody is there. Staff may have noted it meanwhile."""
    patient = patient_of(request)
    page = night_page(treatment, patient, at)
    form = NightForm(
        typed(request), country=patient.clinic.country_id, initial=night_on_record(treatment, seen=page.seen)
    )
    if not form.is_valid() or treatment.state not in TONIGHT_WHILE:
        return show_form(request, NIGHT, form, page)
    try:
        record_tonight(treatment, by=patient, at=at, **form.tonight)
    except AlreadyMoved as error:
        treatment.refresh_from_db()
        if error.by != patient.pk or not form.is_on_record(treatment):
            return _newer(request, treatment, form, error, at)
    return go_on(treatment, "tonight", at=at)


@part_page
def about_you(request: AppRequest, treatment: Treatment, at: datetime) -> HttpResponse:
    """What changes the advice. It is kept beside what staff know, until they have confirmed it."""
    patient = patient_of(request)
    form = AboutYouForm(typed(request), initial=patient.history_told or {})
    if not form.is_valid():
        return show_form(request, "timeline/about_you.html", form, plain_part(treatment, "about_you"))
    tell_history(patient, form.told, at=at)
    return go_on(treatment, "about_you", at=at)


def _newer(
    request: AppRequest, treatment: Treatment, form: NightForm, error: AlreadyMoved, at: datetime
) -> HttpResponse:
    """Somebody else was first: what is on record now, with what was typed kept."""
    patient = patient_of(request)
    page = night_page(treatment, patient, at)
    form.look_at(page.seen)
    when = clock_words(error.happened_at or at, zone=ZoneInfo(patient.zone), today=at)
    conflict = f"{error} That was at {when}."
    return render_page(request, NIGHT, page, form=form, conflict=conflict, on_record=treatment, status=409)
