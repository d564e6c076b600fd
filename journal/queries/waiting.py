"""Fills the pages of the "Not today" box: by their times alone, without opening anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import Patient
from accounts.phones import show_phone
from aftercare.tenancy import as_journal
from journal.models import ParkedUrge
from journal.waiting import Stage, opens_at, stage_of
from timeline.models import Treatment
from timeline.phases import clock_words
from timeline.queries import current_treatment


@dataclass(frozen=True, slots=True)
class UrgeTimes:
    """One thing that was put away, by its times ("6:10 pm yesterday", "4:30 pm tomorrow"); `stage`: see journal/waiting.py."""

    id: UUID
    put_away: str
    comes_back: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class NotTodayPage:
    """`opens_at`: when what is put away now comes back, and `comes_back` the same in words. Lists: the earliest first."""

    opens_at: datetime
    comes_back: str
    ready: tuple[UrgeTimes, ...]
    waiting: tuple[UrgeTimes, ...]
    kept: tuple[UrgeTimes, ...]


@dataclass(frozen=True, slots=True)
class UrgePage:
    """One of them, and whom the patient named for tonight: "" where nobody is named."""

    times: UrgeTimes
    person: str
    person_phone: str
    person_phone_display: str


def not_today_page(patient: Patient, at: datetime) -> NotTodayPage:
    """Two queries (one more when a protocol version is read for the first time)."""
    with as_journal():
        rows = list(ParkedUrge.objects.filter(patient=patient).defer("sealed").order_by("opens_at", "parked_at", "pk"))
    all_of_them = [_times(row, patient, at) for row in rows]
    treatment = current_treatment(patient, at)
    back_at = opens_at(at, hour_zero=treatment.hour_zero if treatment else None)
    return NotTodayPage(
        opens_at=back_at,
        comes_back=clock_words(back_at, zone=ZoneInfo(patient.zone), today=at),
        ready=tuple(each for each in all_of_them if each.stage == "ready"),
        waiting=tuple(each for each in all_of_them if each.stage == "waiting"),
        kept=tuple(each for each in all_of_them if each.stage in {"kept", "asked"}),
    )


def urge_page(patient: Patient, urge_id: UUID, at: datetime) -> UrgePage | None:
    """None for one that is not there, or is not this patient's. Two queries."""
    with as_journal():
        row = ParkedUrge.objects.filter(patient=patient, pk=urge_id).defer("sealed").first()
    if row is None:
        return None
    treatment = current_treatment(patient, at) or Treatment()
    return UrgePage(
        times=_times(row, patient, at),
        person=treatment.second_contact,
        person_phone=treatment.second_phone,
        person_phone_display=show_phone(treatment.second_phone),
    )


def ready_urges(patient: Patient, at: datetime) -> int:
    """How many are back and not answered yet. As the journal's role, one query."""
    return ParkedUrge.objects.filter(patient=patient, opens_at__lte=at, answer="").count()


def _times(row: ParkedUrge, patient: Patient, at: datetime) -> UrgeTimes:
    zone = ZoneInfo(patient.zone)
    return UrgeTimes(
        id=row.pk,
        put_away=clock_words(row.parked_at, zone=zone, today=at),
        comes_back=clock_words(row.opens_at, zone=zone, today=at),
        stage=stage_of(row.answer, opens_at=row.opens_at, at=at),
    )
