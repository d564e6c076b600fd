"""Fills the Learn pages: what there is to read, what matters now, and one card as this patient reads it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Patient
from timeline.document import Card, LearnCard, LearnTheme, ProtocolDocument, QuietHours, Source
from timeline.facts import KnownFacts, known_facts
from timeline.learn import ShownPoint, cards_at, shown_points
from timeline.models import Treatment
from timeline.phases import card_now, phase_at
from timeline.queries.review import reviewed_words
from timeline.queries.visits import current_treatment, stage_of

# Besides the day: that one goes by its hours and by the patient's clock.
_MOMENTS: Mapping[str, str] = {"before": "before", "during": "during", "wrap_up": "wrap_up", "after": "days_after"}
_THEMES: Mapping[LearnTheme, str] = {
    "how_you_feel": "How you may feel",
    "what_helps": "What can help",
    "staying_safe": "Staying safe",
    "good_to_know": "Good to know",
}
MOST_LINKS = 3


@dataclass(frozen=True, slots=True)
class LearnLink:
    """One card, to be opened."""

    key: str
    icon: str
    title: str
    lead: str


@dataclass(frozen=True, slots=True)
class LearnGroup:
    """Cards under one heading. `is_now`: those that matter at this moment."""

    heading: str
    links: tuple[LearnLink, ...]
    is_now: bool = False


@dataclass(frozen=True, slots=True)
class LearnPage:
    """All there is to read, or, without groups, why there is nothing."""

    groups: tuple[LearnGroup, ...] = ()
    reviewed: str = ""
    empty_heading: str = ""
    empty_lead: str = ""


@dataclass(frozen=True, slots=True)
class ShownSection:
    heading: str
    points: tuple[ShownPoint, ...]


@dataclass(frozen=True, slots=True)
class LearnCardPage:
    """One card, in the words that are for this patient."""

    icon: str
    title: str
    lead: str
    opens_help: bool
    sections: tuple[ShownSection, ...]
    unknown: tuple[str, ...]
    sources: tuple[Source, ...]
    reviewed: str


def learn_page(patient: Patient, at: datetime) -> LearnPage:
    """At most one query (two when a protocol version is read for the first time)."""
    treatment = current_treatment(patient, at)
    if treatment is None or (stage := stage_of(treatment, at)) == "cancelled":
        return _NO_VISIT
    if stage == "ended_badly":
        return _PLAN_CHANGED
    if not treatment.document.learn:
        return _NO_CARDS
    moment = moment_of(treatment, patient, at)
    return LearnPage(groups=tuple(_groups(treatment.document.learn, moment)), reviewed=_reviewed(treatment, patient))


def learn_card_page(patient: Patient, key: str, at: datetime) -> LearnCardPage | None:
    """None for a card that this patient does not have. As many queries as the list."""
    treatment = current_treatment(patient, at)
    card = next((card for card in _cards(treatment, at) if card.key == key), None)
    if card is None or treatment is None:
        return None
    return LearnCardPage(
        icon=card.icon,
        title=card.title,
        lead=card.lead,
        opens_help=card.opens_help,
        sections=tuple(_sections(card, facts=known_facts(patient.history, treatment.given))),
        unknown=card.unknown,
        sources=card.sources,
        reviewed=_reviewed(treatment, patient),
    )


def more_links(document: ProtocolDocument, moment: str) -> tuple[LearnLink, ...]:
    """The few cards that the day page offers at a moment."""
    return _links(cards_at(document.learn, moments={moment})[:MOST_LINKS])


def moment_of(treatment: Treatment, patient: Patient, at: datetime) -> str:
    """The moment in the words of a card's `moments`; "" for one at which nothing is offered."""
    stage = stage_of(treatment, at)
    if stage != "day":
        return _MOMENTS.get(stage, "")
    assert treatment.hour_zero is not None  # stage_of() says "day" only with it
    quiet = QuietHours(patient.quiet_starts_at, patient.quiet_ends_at)
    card = card_now(treatment.document, hour_zero=treatment.hour_zero, at=at, zone=ZoneInfo(patient.zone), quiet=quiet)
    return moment_of_card(card, treatment.document, hour_zero=treatment.hour_zero, at=at)


def moment_of_card(card: Card, document: ProtocolDocument, *, hour_zero: datetime, at: datetime) -> str:
    """The patient's clock names the night and the morning; the hours name everything else, by the key of the phase."""
    if card is document.night:
        return "night"
    if card is document.morning:
        return "morning"
    return (phase_at(document.phases, hour_zero=hour_zero, at=at) or document.phases[0]).key


def _cards(treatment: Treatment | None, at: datetime) -> Sequence[LearnCard]:
    """None while the plan does not hold: it was cancelled, or ended badly."""
    if treatment is None or stage_of(treatment, at) in {"cancelled", "ended_badly"}:
        return ()
    return treatment.document.learn


def _groups(cards: Collection[LearnCard], moment: str) -> Iterable[LearnGroup]:
    """The cards of now, then all others by theme. A card stands once."""
    now = cards_at(tuple(cards), moments={moment})
    if now:
        yield LearnGroup("For now", _links(now), is_now=True)
    for theme, heading in _THEMES.items():
        rest = [card for card in cards if card.theme == theme and card not in now]
        if rest:
            yield LearnGroup(heading, _links(rest))


def _links(cards: Iterable[LearnCard]) -> tuple[LearnLink, ...]:
    return tuple(LearnLink(card.key, card.icon, card.title, card.lead) for card in cards)


def _sections(card: LearnCard, *, facts: KnownFacts) -> Iterable[ShownSection]:
    for section in card.sections:
        points = shown_points(section.points, history=facts.history, given=facts.given)
        yield ShownSection(section.heading, points)


def _reviewed(treatment: Treatment, patient: Patient) -> str:
    return reviewed_words(treatment.protocol_version, is_demo=patient.clinic.is_demo, zone=ZoneInfo(patient.zone))


_NO_VISIT = LearnPage(
    empty_heading="Nothing to read yet",
    empty_lead="When your clinic plans a visit, you can read about it here. There is nothing to do now.",
)
_PLAN_CHANGED = LearnPage(
    empty_heading="Your plan has changed",
    empty_lead="Go by what your nurse or doctor told you. Call your clinic with any question.",
)
_NO_CARDS = LearnPage(
    empty_heading="Nothing to read yet",
    empty_lead="Your clinic has put nothing here so far. Your day page has all you need. Questions? Call your clinic.",
)
