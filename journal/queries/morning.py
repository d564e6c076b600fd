"""Fills the page of the morning after, and what a page for a talk can be made of, from what was opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from accounts.models import Patient
from journal.one_page import Part, date_words
from journal.states import EntryKind
from journal.words import Opened
from timeline.document import QuietHours
from timeline.models import Treatment
from timeline.phases import clock_words, is_night, looks_back_from, night_ends_after
from timeline.queries.visits import WRAP_UP_UNTIL

WRITTEN = (EntryKind.ENTRY, EntryKind.NOTE)


@dataclass(frozen=True, slots=True)
class NightText:
    """One text of the night. `text` is None for one that does not open."""

    id: UUID
    when: str
    text: str | None
    prompt: str
    feelings: tuple[str, ...]


def night_of(visit: Treatment) -> Q:
    """What was written from hour 0 to hour 36."""
    assert visit.hour_zero is not None  # last_visit() has one
    ends_at = visit.hour_zero + WRAP_UP_UNTIL
    return Q(kind__in=WRITTEN, written_at__gte=visit.hour_zero, written_at__lt=ends_at)


def past_visit_day(visit: Treatment, patient: Patient, at: datetime) -> str:
    """ "Nov 15" once the night of this visit is not last night any more; "" until then."""
    assert visit.hour_zero is not None
    if at < visit.hour_zero + WRAP_UP_UNTIL:
        return ""
    day, today = (moment.astimezone(ZoneInfo(patient.zone)).date() for moment in (visit.hour_zero, at))
    return f"{day:%b} {day.day}" + (f", {day.year}" if day.year != today.year else "")


def opens_words(patient: Patient, visit: Treatment, at: datetime) -> str:
    """By when the night can be looked back at, in words; "" once it can. Nobody is told of an hour in the middle of a night."""
    assert visit.hour_zero is not None
    zone, quiet = ZoneInfo(patient.zone), QuietHours(patient.quiet_starts_at, patient.quiet_ends_at)
    opens_at = looks_back_from(visit.hour_zero, zone=zone, quiet=quiet)
    if at >= opens_at:
        return ""
    told = night_ends_after(opens_at, zone=zone, quiet=quiet) if is_night(opens_at, zone, quiet) else opens_at
    return clock_words(told, zone=zone, today=at)


def night_texts(opened: Sequence[Opened], patient: Patient, at: datetime) -> tuple[NightText, ...]:
    zone = ZoneInfo(patient.zone)
    return tuple(_night_text(each, zone=zone, at=at) for each in opened)


def _night_text(opened: Opened, *, zone: ZoneInfo, at: datetime) -> NightText:
    words = opened.words
    return NightText(
        id=opened.id,
        when=clock_words(opened.written_at, zone=zone, today=at),
        text=words.text if words else None,
        prompt=words.prompt if words else "",
        feelings=words.feelings if words else (),
    )


def feelings_of(opened: Sequence[Opened]) -> tuple[str, ...]:
    """All that were tapped, in the order in which they came, each once."""
    return tuple(dict.fromkeys(feeling for each in opened if each.words for feeling in each.words.feelings))


def offered_parts(
    *, texts: Sequence[Opened], themes: Opened | None, line: Opened | None, patient: Patient
) -> tuple[Part, ...]:
    """What can go on the page, in its order: what stood out, the texts, oldest first, the line from before. Only what opens."""
    zone, found = ZoneInfo(patient.zone), list[Part]()
    if themes and themes.words and themes.words.text:
        found.append(Part("themes", themes.words.text, heading="What stands out for me"))
    for each in reversed(texts):
        if each.words and (text := each.words.text if each.words.text.strip() else ", ".join(each.words.feelings)):
            kind = "Note" if each.kind == EntryKind.NOTE else "Words"
            heading = f"{kind} from {date_words(each.written_at, zone, with_year=False)}"
            found.append(Part("entry", text, heading=heading, entry=str(each.id)))
    if line and line.words and line.words.text:
        found.append(Part("line", line.words.text, heading="My line from before"))
    return tuple(found)
