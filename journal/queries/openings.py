"""Fills the log of all that was done with a patient's key. No word of theirs is in it, and no PIN is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Patient
from aftercare.tenancy import as_journal
from journal.models import KeyEvent
from journal.queries.days import Stretch, by_days, short_moment
from journal.states import KeyActor, KeyDeed

A_PAGE = 50
WHO = {
    KeyActor.PATIENT: "You",
    KeyActor.GUEST: "Someone with your link and code",
    KeyActor.SERVICE: "The people who run this service",
}
_ICONS = {
    KeyDeed.SHARED: "users",
    KeyDeed.SHARE_OPENED: "users",
    KeyDeed.SHARE_MISSED: "triangle-alert",
    KeyDeed.REFUSED: "triangle-alert",
    KeyDeed.REMOVED: "x",
    KeyDeed.DESTROYED: "x",
    KeyDeed.SHARE_ENDED: "x",
    KeyDeed.COPIED: "file-text",
    KeyDeed.OPENED: "book-open",
    KeyDeed.LISTED: "book-open",
}


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that was done: in words, by whom, when."""

    at: datetime
    icon: str
    what: str
    who: str
    when: str


@dataclass(frozen=True, slots=True)
class OpeningsPage:
    """One page of the log, newest first. `newer` and `older` are the numbers of the pages beside it, 0 for none."""

    days: tuple[Stretch[Deed], ...]
    newer: int
    older: int


def openings_page(patient: Patient, at: datetime, *, number: int = 1) -> OpeningsPage:
    """One query. `number` counts pages from 1; one that is not there is empty."""
    zone, skipped = ZoneInfo(patient.zone), (number - 1) * A_PAGE
    with as_journal():
        newest = KeyEvent.objects.filter(patient=patient).order_by("-at", "-pk")
        rows = list(newest[skipped : skipped + A_PAGE + 1])
    deeds = [_deed(row, zone=zone, at=at) for row in rows[:A_PAGE]]
    return OpeningsPage(
        days=by_days(deeds, moment_of=lambda deed: deed.at, zone=zone, at=at),
        newer=number - 1,
        older=number + 1 if len(rows) > A_PAGE else 0,
    )


def _deed(row: KeyEvent, *, zone: ZoneInfo, at: datetime) -> Deed:
    deed = KeyDeed(row.deed)
    return Deed(
        at=row.at,
        icon=_ICONS.get(deed, "lock"),
        what=deed_words(deed, count=row.count),
        who=WHO[KeyActor(row.actor)],
        when=short_moment(row.at, zone=zone, at=at),
    )


def deed_words(deed: KeyDeed, *, count: int = 1) -> str:
    """What was done, as a sentence that needs no name."""
    texts = "1 text" if count == 1 else f"{count} texts"
    return {
        KeyDeed.MADE: "Your key was made, for your first words.",
        KeyDeed.RENEWED: "A new key was made. All you wrote still opens.",
        KeyDeed.REWRAPPED: "Your key got a new lock. No text was opened.",
        KeyDeed.OPENED: "One text was opened.",
        KeyDeed.LISTED: f"The list was opened, with {texts}.",
        KeyDeed.COPIED: f"A copy of your data was made, with {texts}.",
        KeyDeed.SHARED: "A copy of one text was made to share.",
        KeyDeed.SHARE_OPENED: "A shared copy was opened.",
        KeyDeed.SHARE_MISSED: "A wrong code was typed for a shared copy.",
        KeyDeed.SHARE_ENDED: "A shared copy ended. It opens no more.",
        KeyDeed.REFUSED: "One text did not open. It is kept.",
        KeyDeed.REMOVED: "One text was taken away for good.",
        KeyDeed.DESTROYED: "All your writing was deleted for good.",
    }[deed]
