"""A visit for the record, on one page: what was done, when and by whom, and what was still open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import Clinic, Patient
from aftercare.dates import day_words
from clinic.models import BadEnd, Discharge, DischargeItem
from clinic.queries.items import item_of, ticks_of
from clinic.queries.readings import ReadingLine, reading_lines
from clinic.queries.rems import FormReminder, form_reminder
from clinic.queries.visits import HAS_SUMMARY, Fact, visit_facts
from clinic.queries.words import status_words
from timeline.models import ProtocolVersion, Treatment
from timeline.phases import clock_words
from timeline.queries import readings_of
from timeline.visit_lists import StaffItem, VisitLists

_TOLD = {True: "Yes", False: "Not yet", None: "Not noted"}
_HOME = {"escort": "The escort said so", "patient": "The patient said so", "staff": "Staff noted it"}


@dataclass(frozen=True, slots=True)
class SummaryItem:
    """One item. `said` is who ticked it and when, "" while it was open; `is_missing`: it was required and open."""

    title: str
    note: str
    said: str
    is_missing: bool


@dataclass(frozen=True, slots=True)
class SummaryList:
    name: str
    items: tuple[SummaryItem, ...]


@dataclass(frozen=True, slots=True)
class DischargeSummary:
    """`decision` is the clinician's, with something open; "" where there was none. `missing` names what was open."""

    treatment_id: UUID
    patient: Patient
    born_on: str
    protocol: str
    signed: str
    is_signed: bool
    status: str
    ended_badly: bool
    facts: tuple[Fact, ...]
    ends: tuple[Fact, ...]
    missing: tuple[str, ...]
    decision: str
    lists: tuple[SummaryList, ...]
    readings: tuple[ReadingLine, ...]
    form: FormReminder | None
    made: str


def discharge_summary(treatment: Treatment, *, clinic: Clinic, at: datetime) -> DischargeSummary | None:
    """None while the patient is at the clinic. At most seven queries."""
    if treatment.state not in HAS_SUMMARY:
        return None
    zone, version = ZoneInfo(clinic.zone), treatment.protocol_version
    who = ("by", "clinician", "called_by")
    left = Discharge.objects.filter(treatment=treatment).select_related(*who).first()
    end = BadEnd.objects.filter(treatment=treatment).select_related("by", "called_by").first()
    ticks, lists = ticks_of(treatment), treatment.lists
    open_keys = frozenset(left.open_items) if left else frozenset()
    counts = {key: tick for key, tick in ticks.items() if key not in open_keys | _not_by_the_word(left, lists)}
    items = [(key, item_of(lists, key)) for key in (left.open_items if left else ())]
    return DischargeSummary(
        treatment_id=treatment.pk,
        patient=treatment.patient,
        born_on=day_words(treatment.patient.born_on),
        protocol=f"{version.protocol.name}, {str(version).lower()}",
        signed=_signed(version),
        is_signed=version.is_signed,
        status=status_words(treatment, zone=zone, at=at),
        ended_badly=treatment.ended_badly_at is not None,
        facts=tuple(visit_facts(treatment, zone=zone, at=at)),
        ends=(*_left(left, zone=zone, at=at), *_bad_end(end, zone=zone, at=at), *_home(treatment, zone=zone, at=at)),
        missing=tuple(item.title if item else key for key, item in items),
        decision=f"{left.clinician}: {left.reason}" if left and left.clinician else "",
        lists=tuple(
            SummaryList(name, tuple(_item(item, counts, open_keys, zone=zone, at=at) for item in rows))
            for name, rows in _lists(lists)
            if rows
        ),
        readings=tuple(reversed(reading_lines(readings_of(treatment), zone=zone, at=at))),
        form=form_reminder(treatment, clinic=clinic, at=at),
        made=clock_words(at, zone=zone, today=at),
    )


def _lists(lists: VisitLists) -> tuple[tuple[str, tuple[StaffItem, ...]], ...]:
    return ("In treatment", lists.during), ("Recovering", lists.recovering), ("Before leaving", lists.discharge)


def _not_by_the_word(left: Discharge | None, lists: VisitLists) -> frozenset[str]:
    """The escort's items where the patient left without the door word: an earlier tick was for somebody else."""
    if left is None or left.door == Discharge.Door.WORD:
        return frozenset()
    return frozenset(item.key for item in lists.discharge if item.kind == "escort")


def _signed(version: ProtocolVersion) -> str:
    if version.signed_at is None:
        return "Not clinically reviewed"
    return f"Signed by {version.signed_name}, {day_words(version.signed_at.date())}"


def _item(
    item: StaffItem, ticks: Mapping[str, DischargeItem], open_keys: frozenset[str], *, zone: ZoneInfo, at: datetime
) -> SummaryItem:
    tick = ticks.get(item.key)
    said = f"{tick.done_by}, {clock_words(tick.done_at, zone=zone, today=at)}" if tick else ""
    return SummaryItem(item.title, tick.note if tick else "", said, is_missing=item.key in open_keys)


def _left(left: Discharge | None, *, zone: ZoneInfo, at: datetime) -> tuple[Fact, ...]:
    if left is None:
        return ()
    when = clock_words(left.next_contact_at, zone=zone, today=at) if left.next_contact_at else "Not set"
    called = clock_words(left.called_at, zone=zone, today=at) if left.called_at else "Not noted"
    return (
        Fact("At the door", Discharge.Door(left.door).label, who=left.with_whom),
        Fact("Medicines for tonight", left.medicines or "Nothing noted"),
        Fact("Next contact", when),
        Fact("Called", called, who=str(left.called_by or "")),
    )


def _bad_end(end: BadEnd | None, *, zone: ZoneInfo, at: datetime) -> tuple[Fact, ...]:
    if end is None:
        return ()
    when = clock_words(end.next_contact_at, zone=zone, today=at) if end.next_contact_at else "Not set"
    called = clock_words(end.called_at, zone=zone, today=at) if end.called_at else ""
    return (
        Fact("What happened", end.said or "Nothing noted", who=str(end.by)),
        *((Fact("Went to", end.went_to),) if end.went_to else ()),
        Fact("Escort told", _TOLD[end.is_escort_told]),
        Fact("Next contact after it", when),
        *((Fact("Called after it", called, who=str(end.called_by)),) if called else ()),
    )


def _home(treatment: Treatment, *, zone: ZoneInfo, at: datetime) -> tuple[Fact, ...]:
    if treatment.home_safe_at is None:
        return ()
    when = clock_words(treatment.home_safe_at, zone=zone, today=at)
    return (Fact("Home safe", when, who=_HOME.get(treatment.home_safe_by, "")),)
