"""What the patient's day page holds: frozen values, in words and times that are ready to read."""

from __future__ import annotations

from dataclasses import dataclass

from timeline.document import Source
from timeline.phases import Arc
from timeline.queries.learn import LearnLink


@dataclass(frozen=True, slots=True)
class Step:
    """One small step; `answer` is "" while it waits for one, else "done" or "not_now"."""

    key: str
    icon: str
    title: str
    note: str
    answer: str


@dataclass(frozen=True, slots=True)
class NowCard:
    """What is usual this hour and one thing to do, under the sky of the 24 hours."""

    arc: Arc
    begins: str
    ends: str
    eyebrow: str
    heading: str
    lead: str
    step: Step | None
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class NoticeCard:
    """What to read outside the 24 hours."""

    icon: str
    heading: str
    lead: str
    points: tuple[str, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One line that stands by itself: an icon, a few words, a second line or a list."""

    icon: str
    title: str
    text: str
    points: tuple[str, ...] = ()
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class RailItem:
    """One phase on the rail: named by its hours, with where it stands in a word."""

    number: int
    icon: str
    hours: str
    name: str
    times: str
    state: str  # "done", "now", "next" or "later"
    usual: tuple[str, ...]
    do: tuple[str, ...]
    later: tuple[str, ...]

    @property
    def word(self) -> str:
        return self.state.capitalize()


@dataclass(frozen=True, slots=True)
class TodayPage:
    """The day, as far as it has come. `mark` changes whenever anything here does; its last letter with the open door."""

    stage: str  # "none", "before", "during", "day", "wrap_up", "after", "cancelled" or "ended_badly"
    now: NowCard | None = None
    notice: NoticeCard | None = None
    facts: tuple[Fact, ...] = ()
    moved: str = ""  # hour 0 was corrected of late: the times count from another one
    next_message: str = ""
    messages_left: str = ""
    more: tuple[LearnLink, ...] = ()
    rail: tuple[RailItem, ...] = ()
    reviewed: str = ""
    home: str = ""  # "ask" once they have left the clinic, "said" when they said that they are home
    looks_back: bool = False  # the morning after has come, and is not long ago
    mark: str = ""
