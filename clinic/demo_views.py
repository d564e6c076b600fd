"""The demo's start page: who to be, without a password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import demo_page
from accounts.models import Patient
from accounts.views.binding import remember_phone
from aftercare.http import render_page, see_other
from aftercare.tenancy import tenant
from clinic.demo import (
    AROUND,
    CAN_BE,
    CEDAR,
    ESCORTS,
    STAFF,
    Colleague,
    bind_demo_phone,
    link_of,
    patient_of,
    refresh_demo,
    staff_of,
)
from pickup.access import LINK, SAID_WHO
from timeline.phases import clock_words, hours_since
from timeline.queries import current_treatment, today_page

PAGE = "demo/start.html"
# The statuses that have a page of their own.
ERRORS = (400, 403, 404, 405, 413, 415, 422, 429, 500, 503)
# After so many hours the one at hour 1 is somewhere else.
MOVES_ON = 2.0
_ICONS = {
    "hour_1": "waves",
    "hour_5": "sofa",
    "night": "moon-star",
    "hour_20": "sunrise",
    "nurse": "hand-heart",
    "front_desk": "calendar",
    "clinician": "clipboard-check",
    "manager": "route",
    "other_nurse": "house",
}
_AROUND = {
    "set_up": ("list-checks", "Getting ready, on a phone that an invitation opened"),
    "planned": ("calendar", "Before the visit"),
    "in_treatment": ("waves", "While it goes on"),
    "wrap_up": ("cloud-sun", "When the 24 hours are over"),
    "closed": ("footprints", "Some days later"),
    "weeks": ("calendar", "In the third week, with a log"),
    "badly": ("hand-heart", "A visit that ended badly"),
    "cancelled": ("x", "A visit that was cancelled"),
    "new": ("users", "Nothing is planned yet"),
}
_DEEDS = {
    "nurse": "Nurse. Starts and ends visits, and sees who is at which hour.",
    "front_desk": "Front desk. Adds people and plans their visits.",
    "clinician": "Clinician. Treats, and signs the plans.",
    "manager": "Manager. Keeps the team, and puts the plans in use.",
    "other_nurse": "Nurse at another clinic. Sees none of these people.",
}


_RIDES = {
    "escort": "Has the list of what helps, and can say “I’m on my way”.",
    "new_escort": "Opens the link for the first time.",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One button: whom to be."""

    key: str
    icon: str
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class StartPage:
    """Whom a newcomer can be, and whether the hours have moved on since the demo was started."""

    patients: tuple[Choice, ...]
    around: tuple[Choice, ...]
    escorts: tuple[Choice, ...]
    staff: tuple[Choice, ...]
    has_moved_on: bool


@demo_page
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    return render_page(request, PAGE, start_page(timezone.now()))


@demo_page
@require_POST
def become(request: HttpRequest) -> HttpResponse:
    """Signs this browser in as the one who was picked; whoever it was before is forgotten."""
    key, at = request.POST.get("who", ""), timezone.now()
    if staff := staff_of(key):
        logout(request)
        login(request, staff.user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return see_other(reverse(settings.LOGIN_REDIRECT_URL))
    if key in ESCORTS:
        return _become_escort(request, key)
    with tenant(CEDAR):
        patient = patient_of(key) if key in {*CAN_BE, *AROUND} else None
        if patient is None:
            return render_page(request, PAGE, start_page(at), trouble="Pick one of these.", status=422)
        remember_phone(request, bind_demo_phone(patient, key, at=at))
    return see_other(reverse("timeline:today"))


def _become_escort(request: HttpRequest, key: str) -> HttpResponse:
    """As if the link had come as a text, and this were the browser in which they said yes, if they did."""
    with tenant(CEDAR):
        patient = patient_of(ESCORTS[key])
        link = link_of(patient) if patient else None
    logout(request)
    request.session[LINK] = link.token.hash if link else ""
    request.session[SAID_WHO] = str(link.pk) if link else ""
    return see_other(reverse("pickup:list"))


@demo_page
@require_POST
def start_over(request: HttpRequest) -> HttpResponse:
    """The demo as it was at its start, with the hours of now."""
    refresh_demo(at=timezone.now(), reset=True)
    return see_other(reverse("demo:start"))


@demo_page
@require_safe
def error(request: HttpRequest, status: int) -> HttpResponse:
    """The page that a status would bring, to look at."""
    if status not in ERRORS:
        raise Http404
    return render_page(request, f"{status}.html", status=status)


def start_page(at: datetime) -> StartPage:
    """The buttons, each with what it would show now. Without people, before the demo is filled."""
    with tenant(CEDAR):
        people = {key: patient for key in CAN_BE if (patient := patient_of(key))}
        choices = tuple(_patient_choice(key, patient, at) for key, patient in people.items())
        around = tuple(_around_choice(key, patient) for key in AROUND if (patient := patient_of(key)))
        escorts = tuple(choice for key in ESCORTS if (choice := _escort_choice(key)))
        has_moved_on = "hour_1" in people and _has_moved_on(people["hour_1"], at)
    staff = tuple(_staff_choice(colleague) for colleague in STAFF if colleague.key in _DEEDS and people)
    return StartPage(patients=choices, around=around, escorts=escorts, staff=staff, has_moved_on=has_moved_on)


def _patient_choice(key: str, patient: Patient, at: datetime) -> Choice:
    page = today_page(patient, at)
    hour, _, card = (
        page.now.eyebrow.partition(" of 24: ") if page.now else ("day over", "", page.stage.replace("_", " "))
    )
    city = patient.zone.rpartition("/")[2].replace("_", " ")
    clock = clock_words(at, zone=ZoneInfo(patient.zone), today=at)
    name = f"{patient}, {hour[:1].lower()}{hour[1:]}"
    return Choice(key, _ICONS[key], name, f"{card.capitalize()}. It is {clock} in {city}.")


def _around_choice(key: str, patient: Patient) -> Choice:
    icon, words = _AROUND[key]
    return Choice(key, icon, str(patient), f"{words}.")


def _escort_choice(key: str) -> Choice | None:
    """Who drives, and whom."""
    patient = patient_of(ESCORTS[key])
    link = link_of(patient) if patient else None
    return Choice(key, "car", f"{link.name}, who picks up {patient}", _RIDES[key]) if link else None


def _staff_choice(colleague: Colleague) -> Choice:
    name = f"{colleague.name}, {colleague.credentials}" if colleague.credentials else colleague.name
    return Choice(colleague.key, _ICONS[colleague.key], name, _DEEDS[colleague.key])


def _has_moved_on(first: Patient, at: datetime) -> bool:
    """Whether the one who was at hour 1 is there no more, so that no text is about to come either."""
    visit = current_treatment(first, at)
    return visit is None or visit.hour_zero is None or hours_since(visit.hour_zero, at=at) > MOVES_ON
