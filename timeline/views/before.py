"""The pages before a visit: the home list; food, drink and pills; the card for the people at home; the calendar file."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import patient_of, set_up_page
from accounts.middleware import AppRequest
from aftercare.http import render_page, see_other
from timeline.forms import HomeForm
from timeline.models import Treatment
from timeline.queries import before_page, home_card_page, home_items, home_page, visit_file, visit_to_set_up
from timeline.services import finish_part, tick_home
from timeline.states import TreatmentState
from timeline.views.common import LIST, go_on, part_page

HOME = "timeline/home.html"


@part_page
def home(request: AppRequest, treatment: Treatment, at: datetime) -> HttpResponse:
    """Each tick saves itself, and "Save" saves them all. What is ready already stays so after a second tap."""
    patient = patient_of(request)
    if request.method != "POST":
        return render_page(request, HOME, home_page(treatment, patient))
    form = HomeForm(request.POST, items=home_items(treatment))
    if not form.is_valid():
        return render_page(request, HOME, home_page(treatment, patient), form=form, status=422)
    tick_home(treatment, added=form.added, taken_away=form.taken_away, at=at)
    if not form.is_tap:
        return go_on(treatment, "home", at=at)
    page = home_page(treatment, patient)
    if page.is_all:
        finish_part(treatment, "home", at=at)
    return render_page(request, HOME, page, part="count")


@part_page
def before(request: AppRequest, treatment: Treatment, at: datetime) -> HttpResponse:
    """In the clinic's own words. Reading it is all that is asked."""
    if request.method == "POST":
        return go_on(treatment, "before", at=at)
    return render_page(request, "timeline/before.html", before_page(treatment, patient_of(request), at))


@set_up_page
@require_safe
def home_card(request: AppRequest) -> HttpResponse:
    """For everybody at home: a page to print, and a message to pass on."""
    page = home_card_page(patient_of(request), timezone.now())
    return render_page(request, "timeline/home_card.html", page) if page else see_other(reverse(LIST))


@set_up_page
@require_safe
def calendar(request: AppRequest) -> HttpResponse:
    """The planned visit as a file for a calendar. Its name says nothing, like what is in it."""
    patient, at = patient_of(request), timezone.now()
    visit = visit_to_set_up(patient, at)
    if visit is None or visit.state != TreatmentState.PLANNED:
        return see_other(reverse(LIST))
    headers = {"Content-Disposition": 'attachment; filename="appointment.ics"'}
    return HttpResponse(visit_file(visit, patient, at), content_type="text/calendar; charset=utf-8", headers=headers)
