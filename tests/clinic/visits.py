"""What the tests of a visit at the clinic share: one that came as far as a state, ticks, readings, somebody who drives."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.services import pickup_key
from clinic.models import DischargeItem
from pickup.door import door_word
from pickup.models import PickupLink
from pickup.services import make_link
from tests.clinic.pages import local
from tests.clinic.rides import a_driver
from tests.world import World
from timeline.models import ProtocolVersion, Treatment, VitalSigns
from timeline.packs import read_pack
from timeline.protocol import digest, dump
from timeline.states import TreatmentState, VitalMoment

# The last page asks for one, and the door word ticks the other.
NOT_BY_HAND = {"next_contact", "escort"}


def in_treatment(world: World, **values: Any) -> Treatment:
    at = timezone.now()
    moments = {"hour_zero": None, "planned_for": at, "started_at": at - timedelta(minutes=20)}
    return world.treatment(TreatmentState.IN_TREATMENT, **{**moments, "started_by": world.nurse, **values})


def recovering(world: World, *, hours: float = 3, **values: Any) -> Treatment:
    """Hour 0 was so long ago."""
    hour_zero = timezone.now() - timedelta(hours=hours)
    moments = {"started_at": hour_zero - timedelta(minutes=40), "ended_at": hour_zero, "hour_zero": hour_zero}
    who = {"started_by": world.nurse, "ended_by": world.nurse}
    return world.treatment(TreatmentState.RECOVERING, **{**moments, **who, **values})


def with_spray(world: World, *, minutes: int = 120) -> None:
    """From now on its visits are with SPRAVATO."""
    document = replace(read_pack("spravato"), minimum_stay_minutes=minutes)
    world.version = ProtocolVersion.objects.create(
        clinic=world.clinic,
        protocol=world.version.protocol,
        number=2,
        state="draft",
        content=dump(document),
        digest=digest(document),
        created_at=timezone.now(),
    )


def tick_all(world: World, treatment: Treatment, *, but: tuple[str, ...] = ()) -> None:
    """Everything required that a press ticks."""
    for item in treatment.lists.discharge:
        if item.required and item.key not in {*NOT_BY_HAND, *but}:
            DischargeItem.objects.create(
                clinic=world.clinic, treatment=treatment, key=item.key, done_at=timezone.now(), done_by=world.nurse
            )


def a_link(world: World, treatment: Treatment) -> tuple[PickupLink, str]:
    """Of somebody who drives, with its door word."""
    at = timezone.now()
    link = make_link(treatment, escort=a_driver(world, at=at), by=world.nurse, at=at)
    return link, word_of(link)


def word_of(link: PickupLink) -> str:
    return door_word(pickup_key(link.token), link=str(link.pk))


def a_reading(
    world: World, treatment: Treatment, moment: VitalMoment, top: int, bottom: int, *, hours_ago: float = 0
) -> VitalSigns:
    at = timezone.now() - timedelta(hours=hours_ago)
    numbers = {"moment": moment, "systolic": top, "diastolic": bottom, "taken_at": at, "noted_at": at}
    return VitalSigns.objects.create(clinic=world.clinic, treatment=treatment, noted_by=world.nurse, **numbers)


def leaving(world: World, **other: str) -> dict[str, str]:
    """The form of the last page, right unless `other` says otherwise."""
    when = timezone.now() + timedelta(hours=21)
    return {"medicines": "None", "next_contact_at": local(when, world), **other}
