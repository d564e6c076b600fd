"""The visits of one patient: what happened when, what may be done, and the messages of each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Prefetch

from accounts.models import Clinic, Patient, StaffMember
from clinic.acts import Act, visit_acts
from clinic.queries.day_sheet import HAS_SHEET
from clinic.queries.fates import fate_of, with_tries
from clinic.queries.history import given_words
from clinic.queries.set_up import SetUpLine, set_up_line
from clinic.queries.tonight import Tonight, tonight_card
from clinic.queries.words import Mini, hour_words, status_words, treatment_mini
from clinic.roles import BOOKS, TREATS
from prompts.fates import Fate
from prompts.models import Prompt
from timeline.models import ProtocolVersion, Treatment
from timeline.phases import HOURS, clock_words
from timeline.queries import with_set_up
from timeline.services import GIVEN_WHILE
from timeline.states import TreatmentState

# Once the patient has left, or the visit ended badly.
HAS_SUMMARY = frozenset({TreatmentState.DISCHARGED, TreatmentState.CLOSED, TreatmentState.ENDED_BADLY})
_MINI_WIDTH = 320
_WHO = ("planned_by", "started_by", "ended_by", "discharged_by", "cancelled_by", "ended_badly_by")


@dataclass(frozen=True, slots=True)
class PromptLine:
    """One prompt and its fate."""

    title: str
    due: str
    fate: Fate


@dataclass(frozen=True, slots=True)
class Fact:
    """One moment of a visit: what, when, by whom."""

    name: str
    words: str
    who: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """One treatment as the patient's page shows it. `at_clinic` and `given` are for those who treat, else empty.

    `tonight` is None once the visit is over.
    """

    treatment_id: UUID
    is_current: bool
    is_planned: bool
    protocol: str
    version: str
    hour: str
    mini: Mini | None
    status: str
    tone: str
    planned_for: str
    facts: tuple[Fact, ...]
    at_clinic: tuple[str, ...]
    given: str
    is_given_said: bool
    tonight: Tonight | None
    has_sheet: bool
    has_summary: bool
    set_up: SetUpLine | None
    next_act: Act | None
    acts: tuple[Act, ...]
    prompts: tuple[PromptLine, ...]
    awaits_hour_zero: bool


def has_planned(patient: Patient, *, version: ProtocolVersion, planned_for: datetime) -> bool:
    """Whether exactly this visit is already planned: the same form came twice."""
    return Treatment.objects.filter(
        patient=patient, protocol_version=version, planned_for=planned_for, state=TreatmentState.PLANNED
    ).exists()


def treatment_or_none(treatment_id: UUID) -> Treatment | None:
    return (
        Treatment.objects.select_related("patient", "protocol_version__protocol", *_WHO)
        .defer("protocol_version__content")
        .filter(pk=treatment_id)
        .first()
    )


def hour_zero_words(treatment: Treatment, *, clinic: Clinic, at: datetime) -> str:
    """When hour 0 is now, on the clinic's clock; empty before it."""
    return clock_words(treatment.hour_zero, zone=ZoneInfo(clinic.zone), today=at) if treatment.hour_zero else ""


def visits_of(patient: Patient, *, zone: ZoneInfo, at: datetime, role: str) -> list[Visit]:
    """Newest first, on the clock of `zone`. Three queries, and one per document not yet read."""
    return [_visit(treatment, zone=zone, at=at, role=role) for treatment in _visits(patient)]


def _visits(patient: Patient) -> list[Treatment]:
    return list(
        with_set_up(Treatment.objects.filter(patient=patient))
        .select_related("patient", "protocol_version__protocol", *_WHO)
        .defer("protocol_version__content")
        .prefetch_related(Prefetch("prompts", with_tries(Prompt.objects.order_by("due_at")), to_attr="plan"))
        .order_by("-planned_for", "pk")
    )


def _visit(treatment: Treatment, *, zone: ZoneInfo, at: datetime, role: str) -> Visit:
    hour, is_planned = hour_words(treatment, at), treatment.state == TreatmentState.PLANNED
    acts = visit_acts(treatment.state, has_hour_zero=treatment.hour_zero is not None, role=role)
    next_act = next((act for act in acts if act.is_next), None)
    return Visit(
        treatment_id=treatment.pk,
        is_current=treatment.is_under_way or is_planned,
        is_planned=is_planned,
        protocol=treatment.protocol_version.protocol.name,
        version=str(treatment.protocol_version),
        hour=f"{hour} of {HOURS}" if hour.startswith("Hour") else hour,
        mini=treatment_mini(treatment, at, width=_MINI_WIDTH),
        status=status_words(treatment, zone=zone, at=at),
        tone="urgent" if treatment.ended_badly_at else "now" if treatment.state == TreatmentState.IN_TREATMENT else "",
        planned_for=clock_words(treatment.planned_for, zone=zone, today=at),
        facts=(*visit_facts(treatment, zone=zone, at=at), *(_given_facts(treatment) if role in TREATS else ())),
        at_clinic=_at_clinic(treatment) if role in TREATS else (),
        given=given_words(treatment) if role in TREATS and treatment.state in GIVEN_WHILE else "",
        is_given_said=treatment.given is not None,
        tonight=tonight_card(treatment) if treatment.is_under_way or is_planned else None,
        has_sheet=role in BOOKS and treatment.state in HAS_SHEET,
        has_summary=role in TREATS and treatment.state in HAS_SUMMARY,
        set_up=set_up_line(treatment, zone=zone, at=at),
        next_act=next_act,
        acts=tuple(act for act in acts if act is not next_act),
        prompts=_prompt_lines(treatment, at=at),
        awaits_hour_zero=treatment.is_under_way and treatment.hour_zero is None,
    )


def visit_facts(treatment: Treatment, *, zone: ZoneInfo, at: datetime) -> Collection[Fact]:
    moments: tuple[tuple[str, datetime | None, StaffMember | None], ...] = (
        ("Planned for", treatment.planned_for, treatment.planned_by),
        ("Started", treatment.started_at, treatment.started_by),
        ("Ended", treatment.ended_at, treatment.ended_by),
        ("Hour 0", treatment.hour_zero, None),
        ("24 hours over", treatment.hour_zero and treatment.hour_zero + timedelta(hours=HOURS), None),
        ("Left the clinic", treatment.discharged_at, treatment.discharged_by),
        ("Ended badly", treatment.ended_badly_at, treatment.ended_badly_by),
        ("Cancelled", treatment.cancelled_at, treatment.cancelled_by),
    )
    return [
        Fact(name, clock_words(moment, zone=zone, today=at), who=str(who) if who else "")
        for name, moment, who in moments
        if moment
    ]


def _given_facts(treatment: Treatment) -> Collection[Fact]:
    """Once nothing can be changed about it any more."""
    is_settled = treatment.given is not None and treatment.state not in GIVEN_WHILE
    return (Fact("What else was given", given_words(treatment)),) if is_settled else ()


def _at_clinic(treatment: Treatment) -> tuple[str, ...]:
    """What staff keep in mind now; nothing before the start, and nothing once the patient has left."""
    if treatment.state == TreatmentState.IN_TREATMENT:
        return treatment.document.clinic_points.during
    return treatment.document.clinic_points.after if treatment.state == TreatmentState.RECOVERING else ()


def _prompt_lines(treatment: Treatment, *, at: datetime) -> tuple[PromptLine, ...]:
    """On the patient's clock: that is when they arrive."""
    plan: list[Prompt] = treatment.plan  # type: ignore[attr-defined]
    if not plan:
        return ()
    titles = {template.key: template.title for template in treatment.document.prompts}
    zone = ZoneInfo(treatment.zone)
    return tuple(prompt_line(prompt, title=titles.get(prompt.step, prompt.step), zone=zone, at=at) for prompt in plan)


def prompt_line(prompt: Prompt, *, title: str, zone: ZoneInfo, at: datetime) -> PromptLine:
    """One message of a visit, or one that somebody asked for, read `with_tries`, on the clock of `zone`."""
    due = clock_words(prompt.due_at, zone=zone, today=at)
    return PromptLine(title, due, fate_of(prompt, zone=zone, at=at))
