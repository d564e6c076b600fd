"""Fills the list of what a patient does before a visit, and knows the way from one part of it to the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse

from accounts.models import Patient
from accounts.queries import escorts_of
from timeline.document import Notice
from timeline.models import SetUpStep, Treatment
from timeline.phases import visit_words
from timeline.queries.review import reviewed_words
from timeline.queries.visits import WAS_NOT_STARTED, current_treatment, stage_of
from timeline.set_up import PARTS, part_after
from timeline.signals import messages_foreseen
from timeline.states import TreatmentState

LIST = "timeline:set_up"


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part in the list: where it is, and whether the patient is through with it."""

    key: str
    title: str
    icon: str
    address: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class PartPlace:
    """Where one page of the set-up stands among all: "Part 2 of 9"."""

    key: str
    title: str
    number: int
    of: int
    is_done: bool


@dataclass(frozen=True, slots=True)
class SetUpPage:
    """The visit to come, what to do before it and what of it is done. `driver` brings the patient home, if named.
    `messages` says how many will come, and when none does."""

    stage: str  # "before", "cancelled", "none", or "begun" when the visit runs or is over
    visit: str = ""
    parts: tuple[PartRow, ...] = ()
    before: Notice | None = None
    driving: str = ""
    driver: str = ""
    messages: str = ""
    reviewed: str = ""

    @property
    def done(self) -> int:
        return sum(part.is_done for part in self.parts)

    @property
    def is_set(self) -> bool:
        return bool(self.parts) and self.done == len(self.parts)

    @property
    def first(self) -> PartRow | None:
        """What has to be said before anything else, while it is not."""
        return next((part for part in self.parts if part.key == "agree" and not part.is_done), None)


def set_up_page(patient: Patient, at: datetime) -> SetUpPage:
    """At most five queries. Times are on the patient's clock."""
    treatment = _planned(patient, at) or current_treatment(patient, at)
    if treatment is None:
        return SetUpPage(stage="none")
    stage = stage_of(treatment, at)
    if stage != "before":
        return SetUpPage(stage=stage if stage == "cancelled" else "begun")
    driver = escorts_of(patient).driver
    return SetUpPage(
        stage=stage,
        visit=visit_words(treatment.planned_for, zone=ZoneInfo(patient.zone), today=at),
        parts=part_rows(treatment),
        before=treatment.document.before,
        driving=treatment.document.driving.text,
        driver=driver.name if driver else "",
        messages=messages_line(treatment, patient),
        reviewed=reviewed_words(
            treatment.protocol_version, is_demo=patient.clinic.is_demo, zone=ZoneInfo(patient.zone)
        ),
    )


def messages_line(treatment: Treatment, patient: Patient) -> str:
    """How many messages a planned visit will bring, in words of whoever sends them. One query."""
    answers = messages_foreseen.send(Treatment, treatment=treatment, patient=patient)
    return next((words for _, words in answers if words), "")


def part_rows(treatment: Treatment) -> tuple[PartRow, ...]:
    """All of them, in order. One query."""
    done = done_parts(treatment)
    return tuple(PartRow(part.key, part.title, part.icon, reverse(part.page), part.key in done) for part in PARTS)


def done_parts(treatment: Treatment) -> frozenset[str]:
    """The keys of what the patient is through with. One query."""
    return frozenset(SetUpStep.objects.filter(treatment=treatment).values_list("key", flat=True))


def part_place(treatment: Treatment, key: str) -> PartPlace:
    """For the head of a part's own page. One query."""
    number, part = next((number, part) for number, part in enumerate(PARTS, start=1) if part.key == key)
    return PartPlace(key, part.title, number, of=len(PARTS), is_done=key in done_parts(treatment))


def address_after(treatment: Treatment, key: str) -> str:
    """Where "Save and go on" leads to from this part: the next one that is left, else the list. One query."""
    part = part_after(PARTS, key, done=done_parts(treatment))
    return reverse(part.page if part else LIST)


def _planned(patient: Patient, at: datetime) -> Treatment | None:
    visits = Treatment.objects.filter(
        patient=patient, state=TreatmentState.PLANNED, planned_for__gt=at - WAS_NOT_STARTED
    )
    return visits.select_related("protocol_version").defer("protocol_version__content").first()
