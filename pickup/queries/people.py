"""Fills the patient's page of who drives and who stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.safestring import SafeString

from accounts.models import Escort, Patient
from accounts.queries import consent_words, escorts_of, last_consent
from accounts.states import ConsentKind
from aftercare.qr import qr_svg
from pickup.life import link_ends_at
from pickup.models import PickupLink
from pickup.queries.links import address_of
from pickup.queries.moments import clock
from pickup.states import PickupState
from timeline.models import SetUpStep, Treatment
from timeline.queries import PartPlace, address_after, current_treatment, part_place, visit_to_set_up
from timeline.set_up import NOBODY_DRIVES
from timeline.states import TreatmentState

# The visit that runs is the one that somebody picks up from, and stays after.
_RUNS = (TreatmentState.IN_TREATMENT, TreatmentState.RECOVERING, TreatmentState.DISCHARGED, TreatmentState.ENDED_BADLY)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who helps: what they do, how far they are, and the link to give them while it opens something."""

    escort_id: str
    name: str
    does: str
    icon: str
    stands: str
    link: str = ""
    sms: str = ""
    qr: SafeString | str = ""


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Who is named; `has_nobody` is what the patient said; `is_over`: a link would open nothing any more."""

    part: PartPlace
    is_before: bool
    back: str
    onward: str
    people: tuple[Person, ...]
    has_nobody: bool
    is_over: bool
    ask_words: str
    has_driver_phone: bool
    has_stayer_phone: bool

    @property
    def is_said(self) -> bool:
        return bool(self.people) or self.has_nobody


def visit_to_pick_up_from(patient: Patient, at: datetime) -> Treatment | None:
    """The visit that runs, as long as its links open; else the one that is set up."""
    running = current_treatment(patient, at)
    if running and running.state in _RUNS and _link_ends_at(running) > at:
        return running
    return visit_to_set_up(patient, at)


def visit_to_say_home(patient: Patient, at: datetime) -> Treatment | None:
    """The visit that the patient came home from, or is on the way home from."""
    running = current_treatment(patient, at)
    return running if running and running.state in _RUNS else None


def people_page(visit: Treatment, patient: Patient, at: datetime) -> PeoplePage:
    """Six queries at most. Times are the clinic's: that is where they are looked at."""
    named, is_before = escorts_of(patient), visit.state == TreatmentState.PLANNED
    links = (
        PickupLink.objects.filter(treatment=visit, escort__ended_at=None).select_related("token").order_by("made_at")
    )
    newest = {link.escort_id: link for link in links}
    escorts = list(dict.fromkeys(escort for escort in (named.driver, named.stayer) if escort))
    return PeoplePage(
        part=part_place(visit, "people"),
        is_before=is_before,
        back=reverse("timeline:set_up" if is_before else "timeline:today"),
        onward=address_after(visit, "people") if is_before else reverse("timeline:today"),
        people=tuple(_person(escort, newest.get(escort.pk), visit, at) for escort in escorts),
        has_nobody=named.driver is None and SetUpStep.objects.filter(treatment=visit, key=NOBODY_DRIVES).exists(),
        is_over=_link_ends_at(visit) <= at,
        ask_words=consent_words(ConsentKind.ASK_STAYER, patient=patient),
        has_driver_phone=bool(named.driver and named.driver.phone),
        has_stayer_phone=bool(named.stayer and named.stayer.phone and named.stayer != named.driver),
    )


def _link_ends_at(visit: Treatment) -> datetime:
    return link_ends_at(planned_for=visit.planned_for, hour_zero=visit.hour_zero, zone=ZoneInfo(visit.zone))


def people_said(patient: Patient) -> dict[str, object]:
    """What the form opens on: what was said before. Nothing is picked of what never was; numbers are not shown again."""
    named, said = escorts_of(patient), last_consent(ConsentKind.ASK_STAYER, patient=patient)
    driver, stayer = named.driver, named.stayer
    other = stayer if stayer and stayer != driver else None
    return {
        "driver": driver.name if driver else "",
        "stayer": "other" if other else "same" if stayer else "nobody" if driver and said else None,
        "stayer_name": other.name if other else "",
        "ask_stayer": ("yes" if said.given else "no") if said else None,
        "naming": "initial" if patient.is_initial_for_escorts else "name",
    }


def _person(escort: Escort, link: PickupLink | None, visit: Treatment, at: datetime) -> Person:
    drives = escort.task == Escort.Task.DRIVES
    does = (
        "Stays with you that night"
        if not drives
        else "Brings you home, and stays"
        if escort.stays_too
        else "Brings you home"
    )
    opens = link is not None and link.token.revoked_at is None and link.token.expires_at > at
    address = address_of(link) if link and opens else ""
    return Person(
        escort_id=str(escort.pk),
        name=escort.name,
        does=does,
        icon="car" if drives else "moon-star",
        stands=_stands(escort.name, link if opens else None, visit, at),
        link=address,
        sms=f"sms:{escort.phone}?&body={quote(f'Thank you for helping me. Here is your list: {address}')}"
        if address
        else "",
        qr=qr_svg(address) if address else "",
    )


def _stands(name: str, link: PickupLink | None, visit: Treatment, at: datetime) -> str:
    """How far they are, in a sentence."""
    if link is None:
        return f"{name} has no link yet."
    words, moment = {
        PickupState.ASKED: (f"{name} has not said yes yet", None),
        PickupState.CONFIRMED: (f"{name} said yes", link.confirmed_at),
        PickupState.ON_THE_WAY: (f"{name} is on the way", link.on_the_way_at),
        PickupState.OUTSIDE: (f"{name} is outside", link.outside_at),
        PickupState.MET: (f"{name} is with the nurse", link.met_at),
        PickupState.HOME_SAFE: (f"{name} said that you are home", link.home_safe_at),
        PickupState.CANT_COME: (f"{name} can’t come. Ask someone else, or call the clinic", link.cant_come_at),
    }[PickupState(link.state)]
    return f"{words}{f', {clock(moment, visit, at)}' if moment else ''}."
