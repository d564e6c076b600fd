"""Protocols, their versions, and one version as a clinician reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import yaml
from django.db.models import Prefetch

from accounts.models import Clinic
from clinic.acts import Act, version_acts
from clinic.queries.version_lists import ListChapter, list_chapters
from timeline.document import Card, LearnCard, Notice, PromptTemplate, ProtocolDocument
from timeline.learn import ShownPoint, shown_points
from timeline.models import Protocol, ProtocolVersion
from timeline.packs import pack_keys, read_pack, read_visit_lists_for
from timeline.phases import clock_words
from timeline.protocol import dump
from timeline.states import VersionState

_STATES = {
    VersionState.DRAFT: ("Draft", ""),
    VersionState.PUBLISHED: ("In use", "good"),
    VersionState.RETIRED: ("Retired", ""),
}
_ROUTES = {"iv": "Infusion (IV)", "im": "Injection (IM)", "spravato": "Nasal spray (SPRAVATO)"}
_HOUR_ZERO = {"treatment_end": "The end of the treatment", "first_device": "The first device"}
_QUIET = {"skip": "skipped in quiet hours", "earlier": "moved before quiet hours", "later": "moved after quiet hours"}


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version in the list."""

    version_id: UUID
    name: str
    state: str
    tone: str
    signed: str
    history: str
    is_reviewed: bool


@dataclass(frozen=True, slots=True)
class ProtocolCard:
    name: str
    versions: tuple[VersionRow, ...]


@dataclass(frozen=True, slots=True)
class ProtocolsPage:
    protocols: tuple[ProtocolCard, ...]


def protocols_page(clinic: Clinic, at: datetime) -> ProtocolsPage:
    """The clinic's protocols with their versions, newest first. Two queries."""
    versions = ProtocolVersion.objects.defer("content").select_related("published_by", "retired_by")
    rows = Protocol.objects.order_by("name", "pk").prefetch_related(
        Prefetch("versions", versions.order_by("-number"), to_attr="all_versions")
    )
    return ProtocolsPage(
        protocols=tuple(
            ProtocolCard(
                name=protocol.name,
                versions=tuple(_row(version, clinic=clinic, at=at) for version in protocol.all_versions),
            )
            for protocol in rows
        )
    )


def version_or_none(version_id: UUID) -> ProtocolVersion | None:
    return (
        ProtocolVersion.objects.select_related("protocol", "published_by", "retired_by").filter(pk=version_id).first()
    )


def version_text(version: ProtocolVersion) -> str:
    """A version as a YAML file that can be read in again."""
    return _as_yaml(version.document)


def packs() -> tuple[tuple[str, str], ...]:
    """The shipped protocols, as (key, name)."""
    return tuple((key, read_pack(key).name) for key in pack_keys())


def pack_text(key: str) -> str | None:
    return _as_yaml(read_pack(key)) if key in pack_keys() else None


def _as_yaml(document: ProtocolDocument) -> str:
    return yaml.safe_dump(dump(document), allow_unicode=True, sort_keys=False, width=110)


def _row(version: ProtocolVersion, *, clinic: Clinic, at: datetime) -> VersionRow:
    state, tone = _STATES[VersionState(version.state)]
    return VersionRow(
        version_id=version.pk,
        name=str(version),
        state=state,
        tone=tone,
        signed=_signed_words(version, zone=ZoneInfo(clinic.zone), at=at),
        history=_history(version, zone=ZoneInfo(clinic.zone), at=at)[-1],
        is_reviewed=version.is_signed and not clinic.is_demo,
    )


def _signed_words(version: ProtocolVersion, *, zone: ZoneInfo, at: datetime) -> str:
    if version.signed_at is None:
        return "Not signed"
    return f"Signed by {version.signed_name}, {clock_words(version.signed_at, zone=zone, today=at)}"


def _history(version: ProtocolVersion, *, zone: ZoneInfo, at: datetime) -> list[str]:
    """What became of a version, oldest first."""
    deeds = (
        ("Drafted", version.created_at, None),
        ("Put in use", version.published_at, version.published_by),
        ("Taken out of use", version.retired_at, version.retired_by),
    )
    return [
        f"{deed} {clock_words(moment, zone=zone, today=at)}" + (f" by {who}" if who else "")
        for deed, moment, who in deeds
        if moment
    ]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A card that the patient reads, and when."""

    key: str
    name: str
    when: str
    card: Card


@dataclass(frozen=True, slots=True)
class NoticeChapter:
    key: str
    name: str
    notice: Notice


@dataclass(frozen=True, slots=True)
class Lesson:
    """A card to learn from, whole: each point with all cautions that may stand beside it."""

    card: LearnCard
    when: str
    sections: tuple[tuple[str, tuple[ShownPoint, ...]], ...]


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """One message of the plan, as a clinician reads it."""

    title: str
    text: str
    when: str
    rules: str


@dataclass(frozen=True, slots=True)
class VersionPage:
    """One version: what it says, who answers for it, and what may be done with it.

    `lists` are the shipped ones where it has none of its own: its visits go by them.
    """

    version: ProtocolVersion
    protocol: str
    state: str
    tone: str
    signed: str
    is_reviewed: bool
    history: tuple[str, ...]
    document: ProtocolDocument
    facts: tuple[tuple[str, str], ...]
    chapters: tuple[Chapter, ...]
    notices: tuple[NoticeChapter, ...]
    lessons: tuple[Lesson, ...]
    lists: tuple[ListChapter, ...]
    messages: tuple[PlannedLine, ...]
    acts: tuple[Act, ...]


def version_page(version: ProtocolVersion, *, clinic: Clinic, role: str, at: datetime) -> VersionPage:
    zone, document = ZoneInfo(clinic.zone), version.document
    state, tone = _STATES[VersionState(version.state)]
    lists = document.lists or read_visit_lists_for(document.route)
    return VersionPage(
        version=version,
        protocol=version.protocol.name,
        state=state,
        tone=tone,
        signed=_signed_words(version, zone=zone, at=at),
        is_reviewed=version.is_signed and not clinic.is_demo,
        history=tuple(_history(version, zone=zone, at=at)),
        document=document,
        facts=tuple(_facts(document, home_minutes=lists.home_minutes)),
        chapters=tuple(_chapters(document)),
        notices=_notices(document),
        lessons=tuple(_lesson(card, document) for card in document.learn),
        lists=list_chapters(lists),
        messages=tuple(_planned_line(template) for template in document.prompts),
        acts=version_acts(version.state, is_signed=version.is_signed, needs_signature=not clinic.is_demo, role=role),
    )


def _facts(document: ProtocolDocument, *, home_minutes: int) -> list[tuple[str, str]]:
    budget, quiet = document.budget, document.quiet_hours
    stay = document.minimum_stay_minutes
    return [
        ("Route", _ROUTES[document.route]),
        ("Name that patients read", document.patient_name),
        ("Hour 0", _HOUR_ZERO[document.hour_zero]),
        ("Shortest stay", f"{stay} minutes from hour 0" if stay else "Not set: the clinic decides"),
        ("Quiet hours", f"{quiet.starts_at:%H:%M} to {quiet.ends_at:%H:%M} on the patient's clock"),
        ("Messages in 24 hours", f"{budget.notices} at most, {budget.asking} of them asking, {budget.texts} by text"),
        ("Between two messages", f"{budget.gap_minutes} minutes or more"),
        ("Driving", document.driving.text),
        ("From the door until home", f"{home_minutes} minutes; after that, a missing word counts as silence"),
    ]


def _chapters(document: ProtocolDocument) -> list[Chapter]:
    phases = [
        Chapter(phase.key, phase.name, f"Hours {phase.from_hour} to {phase.to_hour}", phase.card)
        for phase in document.phases
    ]
    return [
        *phases,
        Chapter("night", "Night", "In quiet hours, whatever the hour", document.night),
        Chapter("morning", "Morning", "After quiet hours, until noon", document.morning),
    ]


def _notices(document: ProtocolDocument) -> tuple[NoticeChapter, ...]:
    return (
        NoticeChapter("before", "Before the visit", document.before),
        NoticeChapter("during", "During the treatment", document.during),
        NoticeChapter("wrap-up", "After 24 hours", document.wrap_up),
        NoticeChapter("days-after", "The days after", document.days_after),
    )


def _lesson(card: LearnCard, document: ProtocolDocument) -> Lesson:
    names = {chapter.key: chapter.name for chapter in _chapters(document)}
    names |= {chapter.key.replace("-", "_"): chapter.name for chapter in _notices(document)}
    return Lesson(
        card=card,
        when=", ".join(names[moment] for moment in card.moments),
        sections=tuple(
            (section.heading, shown_points(section.points, history=None, given=None)) for section in card.sections
        ),
    )


def _planned_line(template: PromptTemplate) -> PlannedLine:
    rules = (
        "By text, by e-mail, or in the app" if template.by_text else "In the app",
        "asks for an answer" if template.asks else "asks nothing",
        f"up to {template.window_minutes} minutes late",
        _QUIET[template.when_quiet],
        f"priority {template.priority}",
    )
    return PlannedLine(title=template.title, text=template.text, when=_when_words(template), rules=", ".join(rules))


def _when_words(template: PromptTemplate) -> str:
    """ "4 hours after hour 0", "At bedtime", "30 minutes before morning"."""
    if template.at_hours is not None:
        return f"{template.at_hours:g} hour{'' if template.at_hours == 1 else 's'} after hour 0"
    if not template.offset_minutes:
        return "At bedtime" if template.clock == "bedtime" else "In the morning"
    side = "before" if template.offset_minutes < 0 else "after"
    return f"{abs(template.offset_minutes)} minutes {side} {template.clock}"
