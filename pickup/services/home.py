"""Home safe: a fact beside the treatment's state, whoever says it first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import Patient, StaffMember
from accounts.services import record
from alerts.models import Alert
from alerts.services import raise_alert
from alerts.states import AlertState, Cause
from pickup.models import PickupLink
from pickup.services.causes import TAKEN_BACK, not_home
from pickup.states import PickupState
from timeline.models import Treatment
from timeline.phases import clock_words
from timeline.states import TreatmentState

# Somebody whose visit has not begun is at home anyhow; who is with the nurse is not.
_TOO_EARLY = (
    TreatmentState.PLANNED,
    TreatmentState.IN_TREATMENT,
    TreatmentState.RECOVERING,
    TreatmentState.CANCELLED,
)
_SAYS = {Patient: "patient", StaffMember: "staff", PickupLink: "escort"}


def say_home(treatment: Treatment, *, by: PickupLink | Patient | StaffMember, at: datetime) -> bool:
    """The patient is home. Inside tenant(). The first word counts; returns whether they are home now.

    An alert about it that is still open says so: a person of the staff closes it.
    """
    with transaction.atomic():
        before = Treatment.objects.filter(pk=treatment.pk, home_safe_at=None).exclude(state__in=_TOO_EARLY)
        is_first = bool(before.update(home_safe_at=at, home_safe_by=_SAYS[type(by)]))
        if isinstance(by, PickupLink) and is_first:
            PickupLink.objects.filter(pk=by.pk).move(to=PickupState.HOME_SAFE, home_safe_at=at)
        if is_first:
            record("home_safe", on=treatment, at=at, by=by.escort if isinstance(by, PickupLink) else by)
            _tell_alert(treatment, f"{_who(by)} said at {_clock(treatment, at)}: home safe.", at=at)
        return is_first or _is_home(treatment)


def take_home_back(treatment: Treatment, *, by: PickupLink | Patient, at: datetime) -> bool:
    """It was tapped by mistake. Only one's own word can be taken back. Returns whether it was."""
    with transaction.atomic():
        said = Treatment.objects.filter(pk=treatment.pk, home_safe_by=_SAYS[type(by)])
        if isinstance(by, PickupLink):
            back = PickupLink.objects.filter(pk=by.pk, state=PickupState.HOME_SAFE)
            if not back.move(to=_stood_before(by), home_safe_at=None):
                return False
        taken = bool(said.update(home_safe_at=None, home_safe_by=""))
        if taken:
            record(TAKEN_BACK, on=treatment, at=at, by=by.escort if isinstance(by, PickupLink) else by)
            _tell_alert(treatment, f"{_who(by)} took that back at {_clock(treatment, at)}.", at=at)
        return taken


def _stood_before(link: PickupLink) -> PickupState:
    """How far they were, by the moments on their link."""
    if link.met_at:
        return PickupState.MET
    if link.outside_at:
        return PickupState.OUTSIDE
    return PickupState.ON_THE_WAY if link.on_the_way_at else PickupState.CONFIRMED


def _tell_alert(treatment: Treatment, words: str, *, at: datetime) -> None:
    told = Alert.objects.filter(treatment=treatment, cause=Cause.HOME).exclude(state=AlertState.CLOSED)
    if alert := told.order_by("pk").last():
        raise_alert(replace(not_home(treatment, words, at=at), source=alert.source), at=at)


def _is_home(treatment: Treatment) -> bool:
    return Treatment.objects.filter(pk=treatment.pk, home_safe_at__isnull=False).exists()


def _who(by: PickupLink | Patient | StaffMember) -> str:
    if isinstance(by, PickupLink):
        return by.spoken_name
    return "The patient" if isinstance(by, Patient) else str(by)


def _clock(treatment: Treatment, at: datetime) -> str:
    return clock_words(at, zone=ZoneInfo(treatment.patient.clinic.zone), today=at)
