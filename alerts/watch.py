"""When the watchdog pages, and when it says that all is well. Plain Python: what was seen in, what to do out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LOOKS_EVERY = timedelta(seconds=15)
# Older than this, and something is wrong (docs/security.md, 7.2).
BEAT_MAY_BE, DUE_MAY_WAIT = timedelta(seconds=30), timedelta(seconds=60)
# A message to a patient that nothing holds back: a lease, a sweep and a tick are over long before.
MESSAGE_MAY_WAIT = timedelta(seconds=120)
# Hooks that were refused one after the other: longer than a release that was put right takes.
MAY_BE_REFUSED = timedelta(minutes=10)
# Once may be a restart. Twice in a row is found out within a minute.
BAD_LOOKS = 2
PAGES_EVERY, PINGS_EVERY = timedelta(minutes=10), timedelta(minutes=1)


class Trouble(StrEnum):
    """What is wrong, worst first."""

    NO_DATABASE = "no_database"
    NO_BEAT = "no_beat"
    WAITS = "waits"
    UNTOLD = "untold"
    OVERDUE = "overdue"


class Act(StrEnum):
    PAGE = "page"
    PAGE_ALL_WELL = "page_all_well"
    PAGE_UNHEARD = "page_unheard"
    PING = "ping"
    PING_FAIL = "ping_fail"


@dataclass(frozen=True, slots=True)
class Seen:
    """One look. `beat_age` is None when there never was a beat, `waiting` when nothing red is due, both without a database.

    `untold` is how many alerts of the last minutes reached nobody, whatever was tried. `overdue` is how long the oldest message
    to a patient has been due that could leave and does not, None without one. `refused` is how long all hooks of the text
    provider were refused, None where they were few or one was accepted since.
    """

    database_answers: bool
    beat_age: timedelta | None = None
    waiting: timedelta | None = None
    untold: int = 0
    overdue: timedelta | None = None
    refused: timedelta | None = None

    @property
    def is_unheard(self) -> bool:
        """No STOP and no report is heard. All goes out all the same, so this is no trouble of the senders'."""
        return self.refused is not None and self.refused >= MAY_BE_REFUSED

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        if not self.database_answers:
            return (Trouble.NO_DATABASE,)
        found = {
            Trouble.NO_BEAT: self.beat_age is None or self.beat_age > BEAT_MAY_BE,
            Trouble.WAITS: self.waiting is not None and self.waiting > DUE_MAY_WAIT,
            Trouble.UNTOLD: self.untold > 0,
            Trouble.OVERDUE: self.overdue is not None and self.overdue > MESSAGE_MAY_WAIT,
        }
        return tuple(trouble for trouble, is_so in found.items() if is_so)


@dataclass(slots=True)
class Watch:
    """What one watchdog remembers between two looks."""

    bad_looks: int = 0
    paged_at: datetime | None = None
    pinged_at: datetime | None = None
    told_unheard: bool = False

    def look(self, seen: Seen, *, at: datetime) -> tuple[Act, ...]:
        """What to do now. It counts as done. That nothing is heard is told once, until something is: only the next hook can
        end it, which may be hours away."""
        if not seen.troubles:
            acts = (Act.PAGE_ALL_WELL if self.paged_at else None, Act.PING if self._may_ping(at) else None)
            self.bad_looks, self.paged_at = 0, None
        else:
            self.bad_looks += 1
            is_bad = self.bad_looks >= BAD_LOOKS
            may_page = self.paged_at is None or at - self.paged_at >= PAGES_EVERY
            acts = (
                Act.PAGE if is_bad and may_page else None,
                Act.PING_FAIL if is_bad and self._may_ping(at) else None,
            )
        unheard = Act.PAGE_UNHEARD if seen.is_unheard and not self.told_unheard else None
        if seen.database_answers:
            self.told_unheard = seen.is_unheard
        done = tuple(act for act in (*acts, unheard) if act)
        self.paged_at = at if Act.PAGE in done else self.paged_at
        self.pinged_at = at if {Act.PING, Act.PING_FAIL} & {*done} else self.pinged_at
        return done

    def _may_ping(self, at: datetime) -> bool:
        return self.pinged_at is None or at - self.pinged_at >= PINGS_EVERY
