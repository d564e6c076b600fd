"""The visit whose messages leave, and the page on which the patient says that their clock has changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Patient
from prompts.taps import RUNS
from timeline.models import Treatment
from timeline.phases import clock_words


@dataclass(frozen=True, slots=True)
class ClockPage:
    """The time by the zone on record."""

    now: str


def clock_page(patient: Patient, at: datetime) -> ClockPage:
    """No query."""
    return ClockPage(now=clock_words(at, zone=ZoneInfo(patient.zone), today=at))


def zone_of_messages(patient: Patient, visit: Treatment | None) -> str:
    """A visit that runs keeps the zone that its messages were planned by, until the patient says that their clock changed."""
    return visit.zone if visit and visit.state in RUNS else patient.zone


def running_visit(patient: Patient) -> Treatment | None:
    """The visit that has come to its hour 0 and goes on. One query."""
    running = Treatment.objects.filter(patient=patient, state__in=RUNS, hour_zero__isnull=False)
    return running.select_related("patient", "protocol_version").defer("protocol_version__content").first()
