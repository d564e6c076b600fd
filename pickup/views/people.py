"""The patient's page of who drives and who stays: names, and the link for each of them."""

from __future__ import annotations

from contextlib import suppress

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.access import patient_of, patient_page, set_up_page
from accounts.middleware import AppRequest
from accounts.models import Escort
from aftercare.http import get_or_post, render_page, see_other, show_form, typed
from pickup import services
from pickup.forms import PeopleForm
from pickup.models import PickupLink
from pickup.queries import people_page, people_said, visit_to_pick_up_from, visit_to_say_home

PAGE, FORM = "pickup/people.html", "pickup/people_form.html"


@sensitive_post_parameters()
@set_up_page
@get_or_post
def people(request: AppRequest) -> HttpResponse:
    """The form until somebody was named; then who they are, with their links. `change` opens the form again."""
    patient, at = patient_of(request), timezone.now()
    visit = visit_to_pick_up_from(patient, at)
    if visit is None:
        return see_other(reverse("timeline:set_up"))
    page = people_page(visit, patient, at)
    if request.method != "POST" and page.is_said and "change" not in request.GET:
        return render_page(request, PAGE, page)
    form = PeopleForm(
        typed(request), country=patient.clinic.country_id, ask_words=page.ask_words, initial=people_said(patient)
    )
    if not form.is_valid():
        return show_form(request, FORM, form, page)
    services.name_people(visit, form.people(), at=at)
    return see_other(reverse("pickup:people"))


@set_up_page
@require_POST
def share(request: AppRequest) -> HttpResponse:
    """A link for one of them. Made anew, the one before ends."""
    patient, at = patient_of(request), timezone.now()
    visit, escort = visit_to_pick_up_from(patient, at), _named(request)
    if visit and escort:
        with suppress(services.NotNamed):  # ended since: the page shows who is named now
            services.make_link(visit, escort=escort, by=patient, at=at)
    return see_other(reverse("pickup:people"))


@set_up_page
@require_POST
def withdraw(request: AppRequest) -> HttpResponse:
    """The link of one of them opens nothing any more."""
    escort, at = _named(request), timezone.now()
    for link in PickupLink.objects.filter(escort=escort, token__revoked_at=None) if escort else ():
        services.withdraw_link(link, by=patient_of(request), at=at)
    return see_other(reverse("pickup:people"))


@patient_page
@require_POST
def home(request: AppRequest) -> HttpResponse:
    """ "I am home", or its undo. A second tap is the first."""
    patient, at = patient_of(request), timezone.now()
    visit = visit_to_say_home(patient, at)
    if visit is not None and request.POST.get("say") == "undo":
        services.take_home_back(visit, by=patient, at=at)
    elif visit is not None:
        services.say_home(visit, by=patient, at=at)
    return see_other(reverse("timeline:today"))


def _named(request: AppRequest) -> Escort | None:
    """One of those whom the patient named and who still helps."""
    who = request.POST.get("who", "")
    return next(
        (each for each in Escort.objects.filter(patient=patient_of(request), ended_at=None) if str(each.pk) == who),
        None,
    )
