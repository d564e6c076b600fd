"""What the rules need besides the answers: the route, the hour, the past, and which version of the rules holds."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from accounts.models import Clinic, Patient
from checkin.conditions import AnsweredBy, CheckInMoment
from checkin.models import Answer, CheckIn
from checkin.states import WATCHED, CheckInState, Moment
from checkin.triage import Context
from timeline.document import QuietHours
from timeline.models import Treatment
from timeline.packs import read_triage
from timeline.phases import hours_since, is_morning
from timeline.queries import discharge_pressure
from timeline.triage_document import TriageRules, UnsafeThreshold, tightened


def rules_of(treatment: Treatment | None, clinic: Clinic) -> TriageRules:
    """The rules that this treatment began with, with the clinic's own thresholds, which are on the safer side."""
    rules = (treatment.document.triage if treatment else None) or read_triage()
    for key, value in clinic.thresholds.items():
        # A version of long ago may not know the number, or be stricter by itself: no answer is refused for that.
        with suppress(UnsafeThreshold):
            rules = tightened(rules, {key: value})
    return rules


def context_of(check_in: CheckIn, *, at: datetime) -> Context:
    """At most two queries: the check-in before this one, and the reading that the patient left the clinic with."""
    patient, treatment = check_in.patient, check_in.treatment
    hour_zero = treatment.hour_zero if treatment else None
    return Context(
        route=treatment.document.route if treatment else "iv",
        hours=hours_since(hour_zero, at=at) if hour_zero else None,
        is_next_day=_is_next_day(patient, hour_zero, at),
        answered_by=who_answers(check_in),
        has_cuff=bool(treatment and treatment.has_cuff),
        asks_directly=check_in.asks_directly,
        flags=frozenset(patient.history or ()),
        is_alone_tonight=bool(treatment and treatment.is_alone_tonight),
        discharge=discharge_pressure(treatment) if treatment else None,
        earlier=earlier_answers(check_in),
        moment=cast(CheckInMoment, check_in.moment),
    )


def who_answers(check_in: CheckIn) -> AnsweredBy:
    """In whose words its pages speak."""
    return cast(AnsweredBy, check_in.answered_by)


def _is_next_day(patient: Patient, hour_zero: datetime | None, at: datetime) -> bool:
    if hour_zero is None:
        return False
    zone, quiet = ZoneInfo(patient.zone), QuietHours(patient.quiet_starts_at, patient.quiet_ends_at)
    is_later = at.astimezone(zone).date() > hour_zero.astimezone(zone).date()
    return is_morning(at, hour_zero=hour_zero, zone=zone, quiet=quiet) or (
        is_later and hours_since(hour_zero, at=at) >= 12
    )


def answers_of(check_in: CheckIn) -> dict[str, str]:
    """What stands: of each question the last answer. In the order in which the questions were first answered."""
    rows = Answer.objects.filter(check_in=check_in).order_by("number").values_list("question", "answer")
    return dict(rows)


def earlier_answers(check_in: CheckIn) -> Mapping[str, str]:
    """Of the check-in before this one in the same visit; empty where there is none. The question after a log is none."""
    if check_in.treatment_id is None:
        return {}
    before = (
        CheckIn.objects.filter(treatment_id=check_in.treatment_id, began_at__lt=check_in.began_at)
        .exclude(state=CheckInState.OPEN)
        .exclude(moment=Moment.LOG)
        .order_by("-began_at")
        .values("pk")[:1]
    )
    rows: Any = Answer.objects.filter(check_in__in=before).order_by("number").values_list("question", "answer")
    return dict(rows)


def asks_directly(moment: Moment) -> bool:
    """The direct question about self-harm is asked at hour 4, at bedtime, in the morning, and after a low day of the log."""
    return moment in WATCHED or moment == Moment.LOG
