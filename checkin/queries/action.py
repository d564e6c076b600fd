"""Fills the page after an answer: what to do now, what was told to whom, and who is on call until when."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.help import help_numbers
from accounts.models import Patient
from alerts.models import Alert
from alerts.queries import Duty, Receipt, duty_at, receipt_of
from checkin.flow import closed_answers, next_question
from checkin.models import CheckIn
from checkin.queries.asked import level_of, told_of_crisis
from checkin.queries.context import answers_of, context_of, rules_of, who_answers
from checkin.queries.raised import alerts_of, call_source
from checkin.states import AnsweredBy, Moment
from checkin.triage import Triage, triage
from checkin.words import ActionNumbers, ActionWords, action_words, after_low_day
from timeline.levels import RED, Level, worst
from timeline.phases import clock_words


@dataclass(frozen=True, slots=True)
class Told:
    """What the clinic knows of it, as lines ready to read. `is_bad`: nobody could be told."""

    lines: tuple[str, ...]
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class ActionPage:
    """What to do now. `tone` picks the card. `goes_on`: questions are left. `mark` changes when anything here does."""

    check_in_id: UUID | None
    level: Level
    tone: str
    words: ActionWords
    told: Told | None
    on_call: str
    may_ask: bool
    goes_on: bool
    last_question: int
    by_escort: bool
    mark: str = ""


def action_page(check_in: CheckIn, *, at: datetime) -> ActionPage:
    """The level is the worst of this check-in: a later tap never lowers it."""
    patient = check_in.patient
    rules, context, answers = (
        rules_of(check_in.treatment, patient.clinic),
        context_of(check_in, at=at),
        answers_of(check_in),
    )
    standing = closed_answers(answers, context=context, rules=rules)
    found = triage(standing, context=context, rules=rules)
    level = worst((found.level, level_of(check_in)))
    alert, asked = alerts_of(check_in).select_related("taken_by").first(), _call(check_in)
    page = ActionPage(
        check_in_id=check_in.pk,
        level=level,
        tone=TONES[level],
        words=action_words(
            replace(found, level=level, has_crisis=found.has_crisis or told_of_crisis(check_in)),
            standing,
            rules=rules,
            numbers=action_numbers(patient, at),
            answered_by=who_answers(check_in),
        ),
        told=told_of(_to_tell(alert, asked), patient, at),
        on_call=on_call_words(patient, at),
        may_ask=level in {Level.ROUTINE, Level.CALL_TODAY} and asked is None,
        goes_on=next_question(answers, context=context, rules=rules) is not None,
        last_question=rules.place_of(next(reversed(answers), "")),
        by_escort=check_in.answered_by == AnsweredBy.ESCORT,
    )
    if check_in.moment == Moment.LOG and level == Level.ROUTINE:
        page = replace(page, words=after_low_day(page.words))
    return replace(page, mark=hashlib.sha256(repr(page).encode()).hexdigest()[:12])


TONES = {
    Level.ROUTINE: "calm",
    Level.CALL_TODAY: "soon",
    Level.URGENT: "urgent",
    Level.CRISIS: "crisis",
    Level.EMERGENCY: "emerg",
}


def offline_page(patient: Patient, level: Level, *, at: datetime) -> ActionPage:
    """What a phone keeps for the hour without a network: the act of one level, with nothing that was answered."""
    rules = rules_of(None, patient.clinic)
    found = Triage(level=level, has_crisis=level is Level.CRISIS)
    return ActionPage(
        check_in_id=None,
        level=level,
        tone=TONES[level],
        words=action_words(found, {}, rules=rules, numbers=action_numbers(patient, at), answered_by="patient"),
        told=None,
        on_call="",
        may_ask=False,
        goes_on=False,
        last_question=0,
        by_escort=False,
    )


def action_numbers(patient: Patient, at: datetime) -> ActionNumbers:
    """The numbers that can be dialled now: a closed clinic without an after-hours line has none."""
    numbers = help_numbers(patient.clinic.country, clinic=patient.clinic, at=at)
    is_own = numbers.is_open and bool(numbers.clinic_phone)
    phone = numbers.clinic_phone if is_own else numbers.after_hours_phone
    return ActionNumbers(
        emergency=numbers.emergency,
        crisis_name=numbers.crisis_name,
        crisis_call=numbers.crisis_call,
        crisis_text=numbers.crisis_text,
        clinic_phone=phone,
        clinic_display=numbers.clinic_phone_display if is_own else numbers.after_hours_phone_display,
        is_reachable=bool(phone),
        poison="1-800-222-1222" if patient.clinic.country_id == "US" else "",
    )


def _to_tell(alert: Alert | None, asked: Alert | None) -> Alert | None:
    """The alert of the answers; of the wish for a call, when that came after it was closed."""
    is_over = alert is not None and alert.closed_at is not None and asked is not None
    return asked if alert is None or is_over else alert


def _call(check_in: CheckIn) -> Alert | None:
    return Alert.objects.select_related("taken_by").filter(source=call_source(check_in)).first()


def told_of(alert: Alert | None, patient: Patient, at: datetime) -> Told | None:
    """What the clinic has done with an alert, as lines; None where there is none."""
    if alert is None:
        return None
    receipt, zone = receipt_of(alert, at), ZoneInfo(patient.zone)
    if receipt.could_not_tell:
        return Told(("We could not tell the clinic. Call now.",), is_bad=True)
    return Told(tuple(_receipt_lines(receipt, zone=zone, at=at)))


def _receipt_lines(receipt: Receipt, *, zone: ZoneInfo, at: datetime) -> list[str]:
    def clock(moment: datetime) -> str:
        return clock_words(moment, zone=zone, today=at)

    lines = []
    if receipt.level in RED:
        lines.append(
            f"We sent this to the clinic at {clock(receipt.sent_at)}."
            if receipt.sent_at
            else "We are sending this to the clinic."
        )
    else:
        lines.append("The clinic has this on its list for today.")
    if receipt.seen_at:
        lines.append(f"{receipt.seen_by} saw it at {clock(receipt.seen_at)}.")
    elif receipt.level in RED:
        lines.append("No one has seen it yet. Do not wait for a call.")
    if receipt.called_at:
        lines.append(f"They called you at {clock(receipt.called_at)}.")
    elif receipt.promised_for:
        lines.append(f"They will call you by {clock(receipt.promised_for)}.")
    return lines


def on_call_words(patient: Patient, at: datetime) -> str:
    """Who answers for the clinic, until when, and what to do then; "" where nobody is on duty."""
    return duty_words(duty_at(patient.clinic, at), zone=ZoneInfo(patient.zone), at=at)


def duty_words(duty: Duty, *, zone: ZoneInfo, at: datetime) -> str:
    if duty.first is None:
        return "No one is on call now. If it cannot wait, call the number under “Get help”."
    if duty.is_fallback or duty.until is None:
        return f"{duty.first} answers for the clinic now."
    until = clock_words(duty.until, zone=zone, today=at)
    return f"{duty.first} is on call until {until}. After that, use the number under “Get help”."
