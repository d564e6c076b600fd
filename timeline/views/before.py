"""The pages before a visit: the home list, and food, drink and pills."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts.access import patient_of, set_up_page
from accounts.middleware import AppRequest
from aftercare.http import get_or_post, render_page, see_other
from timeline.forms import HomeForm
from timeline.queries import before_page, home_items, home_page, visit_to_set_up
from timeline.services import finish_part, tick_home

HOME = "timeline/home.html"


@set_up_page
@get_or_post
def home(request: AppRequest) -> HttpResponse:
    """Each tick saves itself, and "Save" saves them all. What is ready already stays so after a second tap."""
    patient, at = patient_of(request), timezone.now()
    visit = visit_to_set_up(patient, at)
    if visit is None:
        return _to_set_up()
    if request.method != "POST":
        return render_page(request, HOME, home_page(visit, patient))
    form = HomeForm(request.POST, items=home_items(visit))
    if not form.is_valid():
        return render_page(request, HOME, home_page(visit, patient), form=form, status=422)
    tick_home(visit, added=form.added, taken_away=form.taken_away, at=at)
    page = home_page(visit, patient)
    if page.is_all or not form.is_tap:
        finish_part(visit, "home", at=at)
    return render_page(request, HOME, page, part="count") if form.is_tap else _to_set_up()


@set_up_page
@get_or_post
def before(request: AppRequest) -> HttpResponse:
    """In the clinic's own words. Reading it is all that is asked."""
    patient, at = patient_of(request), timezone.now()
    visit = visit_to_set_up(patient, at)
    if visit is None:
        return _to_set_up()
    if request.method != "POST":
        return render_page(request, "timeline/before.html", before_page(visit, patient, at))
    finish_part(visit, "before", at=at)
    return _to_set_up()


def _to_set_up() -> HttpResponse:
    return see_other(reverse("timeline:set_up"))
