"""Fills the pages before a visit: the things at home, and what the clinic says of food, drink and pills."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Patient
from timeline.document import Notice
from timeline.facts import may_hold
from timeline.models import HomeTick, SetUpStep, Treatment
from timeline.phases import clock_words
from timeline.queries.review import reviewed_words
from timeline.queries.set_up import PartPlace, part_place
from timeline.visit_lists import ListItem

# What changes one item of the list for somebody, whoever said so: staff, or the patient at the set-up.
ELECTROLYTES, _ASKS_FIRST = "electrolytes", frozenset({"limits_salt", "heart_or_kidney"})
_SALT = "Ask your clinic before you buy this. Salt may not be right for you."


@dataclass(frozen=True, slots=True)
class HomeLine:
    """One thing to have ready. `caution` comes first, where it is for this person."""

    key: str
    title: str
    note: str
    caution: str
    is_ticked: bool


@dataclass(frozen=True, slots=True)
class HomeGroup:
    key: str
    name: str
    icon: str
    lines: tuple[HomeLine, ...]


@dataclass(frozen=True, slots=True)
class HomePage:
    """The list, with what is ready."""

    part: PartPlace
    groups: tuple[HomeGroup, ...]
    ready: int
    total: int

    @property
    def is_all(self) -> bool:
        return self.ready == self.total


def home_items(treatment: Treatment) -> tuple[str, ...]:
    """The keys of the list of this visit."""
    return tuple(item.key for group in treatment.lists.home for item in group.items)


def home_page(treatment: Treatment, patient: Patient) -> HomePage:
    """Two queries."""
    ticked = frozenset(HomeTick.objects.filter(treatment=treatment).values_list("item", flat=True))
    asks_first = bool(_ASKS_FIRST & {*(patient.history or ()), *may_hold(patient.history_told or {})})
    items = home_items(treatment)
    return HomePage(
        part=part_place(treatment, "home"),
        groups=tuple(
            HomeGroup(
                group.key,
                group.name,
                group.icon,
                tuple(_line(item, ticked=ticked, asks_first=asks_first) for item in group.items),
            )
            for group in treatment.lists.home
        ),
        ready=len(ticked.intersection(items)),
        total=len(items),
    )


def _line(item: ListItem, *, ticked: frozenset[str], asks_first: bool) -> HomeLine:
    is_cautioned = asks_first and item.key == ELECTROLYTES
    return HomeLine(
        key=item.key,
        title=item.title,
        note="" if is_cautioned else item.note,
        caution=_SALT if is_cautioned else "",
        is_ticked=item.key in ticked,
    )


@dataclass(frozen=True, slots=True)
class BeforePage:
    """What the clinic says of food, drink and pills before a visit, in its own words, a paragraph each.

    `read` says when the patient has read it, "" before.
    """

    part: PartPlace
    paragraphs: tuple[str, ...]
    notice: Notice
    reviewed: str
    read: str


def before_page(treatment: Treatment, patient: Patient, at: datetime) -> BeforePage:
    """Two queries."""
    zone = ZoneInfo(patient.zone)
    step = SetUpStep.objects.filter(treatment=treatment, key="before").first()
    lines = (line.strip() for line in patient.clinic.before_visit.splitlines())
    return BeforePage(
        part=part_place(treatment, "before"),
        paragraphs=tuple(line for line in lines if line),
        notice=treatment.document.before,
        reviewed=reviewed_words(treatment.protocol_version, is_demo=patient.clinic.is_demo, zone=zone),
        read=clock_words(step.done_at, zone=zone, today=at) if step else "",
    )
