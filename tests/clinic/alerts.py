"""What the tests of alert pages share: an alert as it comes, and its addresses."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.models import Channel, Patient
from accounts.states import ChannelKind
from alerts.models import Alert, Heartbeat
from alerts.queries import SENDER
from alerts.services import AlertCause, raise_alert
from alerts.states import AlertState, Cause
from tests.world import World
from timeline.levels import Level
from timeline.models import Treatment
from timeline.states import TreatmentState

BOARD = "/staff/alerts/"
HEADACHE = "Severe headache, no better after medicine"
HTMX = {"HX-Request": "true"}


def an_alert(
    world: World,
    level: Level = Level.URGENT,
    *,
    patient: Patient | None = None,
    treatment: Treatment | None = None,
    kind: Cause = Cause.CHECK_IN,
    reasons: tuple[str, ...] = (HEADACHE,),
    at: datetime | None = None,
) -> Alert:
    """Of the world's patient, four minutes ago; inside its tenant()."""
    who = patient or world.patient
    cause = AlertCause(who, treatment, kind, f"test:{uuid4()}", level, reasons, ("H2",))
    return raise_alert(cause, at=at or timezone.now() - timedelta(minutes=4))


def under_way(world: World, **values: Any) -> Treatment:
    """A visit in its fifth hour at home."""
    values = {"hour_zero": timezone.now() - timedelta(hours=4, minutes=30), **values}
    return world.treatment(TreatmentState.DISCHARGED, **values)


def another_patient(world: World, name: str) -> Patient:
    return Patient.objects.create(
        clinic=world.clinic,
        first_name=name,
        last_name="Vale",
        record_number=f"R-{name}",
        born_on=world.patient.born_on,
        zone=world.patient.zone,
        created_at=timezone.now(),
    )


def give_number(patient: Patient, number: str = "+12125550177") -> None:
    Channel.objects.create(
        clinic_id=patient.clinic_id, patient=patient, kind=ChannelKind.SMS, address=number, consented_at=timezone.now()
    )


def url(alert: Alert, act: str = "") -> str:
    return f"{BOARD}{alert.pk}/{f'{act}/' if act else ''}"


def state(alert: Alert) -> str:
    return Alert.objects.get(pk=alert.pk).state


def beat(at: datetime | None = None) -> None:
    """The sender of alerts is alive."""
    Heartbeat.objects.update_or_create(name=SENDER, defaults={"beat_at": at or timezone.now()})


OPEN, TAKEN, CLOSED = AlertState.OPEN, AlertState.TAKEN, AlertState.CLOSED
