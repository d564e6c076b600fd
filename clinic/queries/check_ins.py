"""What staff see of check-ins: one, with its answers and what to tell the patient; and a patient's last ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Prefetch

from accounts.models import Clinic, Patient
from alerts.models import Alert
from checkin.models import CheckIn, Reading
from checkin.queries import Paths, action_page, alerts_of, answers_of, next_address, rules_of
from checkin.states import AnsweredBy, CheckInState, Moment
from checkin.words import ActionWords, AnswerLine, answer_lines
from clinic.queries.alert_words import LEVELS, LevelWords
from timeline.levels import RED, Level, worst
from timeline.phases import clock_words

# What asks for nothing makes no alert, and has no words there.
_ROUTINE = LevelWords(Level.ROUTINE, "Routine", "check", "good")
_MOMENTS = {
    Moment.NOW: "How they feel now",
    Moment.SCHEDULED: "Check-in of the plan",
    Moment.HOME: "Check-in at home",
    Moment.BEDTIME: "Check-in at bedtime",
    Moment.MORNING: "Check-in in the morning",
    Moment.LOG: "After a low day in the log",
}
_BY = {AnsweredBy.PATIENT: "the patient", AnsweredBy.ESCORT: "their escort", AnsweredBy.STAFF: "the patient, by phone"}
_STATES = {CheckInState.OPEN: "not finished", CheckInState.DONE: "finished", CheckInState.STOPPED: "stopped"}
SHOWS = 8


@dataclass(frozen=True, slots=True)
class CheckInLine:
    """One check-in in a list."""

    id: UUID
    when: str
    what: str
    by: str
    level: str
    tone: str


@dataclass(frozen=True, slots=True)
class CheckInPage:
    """One check-in. `words` is what to tell the patient where it `is_by_phone`, else what the page told who answered after
    the last answer: None where it told nothing yet, or where what is on record now would say something else. `goes_on`
    leads to the next question of one that staff took."""

    line: CheckInLine
    state: str
    answers: tuple[AnswerLine, ...]
    reasons: tuple[str, ...]
    rules: tuple[str, ...]
    version: str
    is_signed: bool
    words: ActionWords | None
    alert_id: UUID | None
    is_by_phone: bool
    goes_on: str


def check_in_page(check_in: CheckIn, *, paths: Paths, at: datetime) -> CheckInPage:
    """Inside the clinic."""
    rules, answers = rules_of(check_in.treatment, check_in.patient.clinic), answers_of(check_in)
    readings = list(Reading.objects.filter(check_in=check_in).order_by("number"))
    last, is_ours = readings[-1] if readings else None, check_in.answered_by == AnsweredBy.STAFF
    # Later hours, and a clinic that has closed since, say something else than the page did.
    action = action_page(check_in, at=at if is_ours or last is None else last.read_at)
    level = action.level if is_ours else _worst(readings)
    alert = alerts_of(check_in).first()
    return CheckInPage(
        line=_line(check_in, level, zone=ZoneInfo(check_in.patient.clinic.zone), at=at),
        state=_STATES[CheckInState(check_in.state)],
        answers=answer_lines(answers, rules=rules),
        reasons=tuple(last.reasons) if last else (),
        rules=tuple(last.rules) if last else (),
        version=last.version[:12] if last else "",
        is_signed=rules.status == "signed",
        words=action.words if is_ours or (_was_told(check_in, level) and action.level == level) else None,
        alert_id=alert.pk if alert else None,
        is_by_phone=is_ours,
        goes_on=next_address(check_in, at=at, paths=paths) if is_ours and action.goes_on else "",
    )


def _was_told(check_in: CheckIn, level: Level) -> bool:
    """At its end, and at once where it can't wait: one that was left, or goes on, led to the next question or to the day."""
    return check_in.state == CheckInState.DONE or level in RED


def last_check_ins(patient: Patient, clinic: Clinic, *, at: datetime) -> tuple[CheckInLine, ...]:
    """The newest first. Two queries."""
    rows = CheckIn.objects.filter(patient=patient).order_by("-began_at").prefetch_related(Prefetch("readings"))[:SHOWS]
    return tuple(_line(row, _worst(row.readings.all()), zone=ZoneInfo(clinic.zone), at=at) for row in rows)


def answers_of_alert(alert: Alert) -> tuple[AnswerLine, ...]:
    """What was answered in the check-in that an alert came from; empty for another cause."""
    kind, _, rest = alert.source.partition(":")
    if kind not in {"check-in", "call"}:
        return ()
    found = (
        CheckIn.objects.select_related("patient__clinic", "treatment__protocol_version").filter(pk=rest[:36]).first()
    )
    if found is None:
        return ()
    return answer_lines(answers_of(found), rules=rules_of(found.treatment, found.patient.clinic))


def _worst(readings: Iterable[Reading]) -> Level:
    return worst(Level(reading.level) for reading in readings)


def _line(check_in: CheckIn, level: Level, *, zone: ZoneInfo, at: datetime) -> CheckInLine:
    words = LEVELS.get(level, _ROUTINE)
    return CheckInLine(
        id=check_in.pk,
        when=clock_words(check_in.began_at, zone=zone, today=at),
        what=_MOMENTS[Moment(check_in.moment)],
        by=_BY[AnsweredBy(check_in.answered_by)],
        level=words.name,
        tone=words.tone,
    )
