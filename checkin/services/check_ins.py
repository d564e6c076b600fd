"""A check-in: begun, answered one question at a time, stopped. Each answer is read by the rules at once.

The answer, its reading, the alert and its messages to staff are one transaction: a red flag is never lost.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Max

from accounts.models import Patient, StaffMember
from accounts.services import record
from alerts.models import Alert
from alerts.services import AlertCause, raise_alert
from alerts.states import AlertState, Cause
from checkin.flow import closed_answers, next_question
from checkin.models import Answer, CheckIn, Reading
from checkin.queries.context import answers_of, asks_directly, context_of, rules_of
from checkin.queries.raised import alert_source, alerts_of, call_source
from checkin.states import AnsweredBy, CheckInState, Moment
from checkin.triage import Triage, triage
from timeline.levels import Level
from timeline.models import Treatment
from timeline.triage_parts import digest_triage

# An answer that a phone kept while it had no network is of the past; more than this it is not believed.
KEPT_FOR = timedelta(days=3)
LEFT_OPEN_FOR = timedelta(hours=1)
# The same answer to the same question counts once in this time: a second tap, a second try of the phone.
SAME_TAP = timedelta(minutes=10)


def believed(answered_at: datetime | None, *, at: datetime) -> datetime:
    """When an answer was given, by what the phone says: never later than now, and of the last days."""
    return min(max(answered_at, at - KEPT_FOR), at) if answered_at else at


class KeyTaken(Exception):
    """This key is another person's check-in."""


def begin_check_in(
    patient: Patient,
    *,
    key: UUID,
    treatment: Treatment | None,
    moment: Moment,
    step: str,
    answered_by: AnsweredBy,
    answered_at: datetime,
    at: datetime,
    entered_by: StaffMember | None = None,
) -> CheckIn:
    """A check-in of this key: the one there is, when it was begun before. Raises KeyTaken."""
    key = _fresh_key(key, patient, at=answered_at)
    check_in, is_new = CheckIn.objects.get_or_create(
        clinic_id=patient.clinic_id,
        key=key,
        defaults={
            "patient": patient,
            "treatment": treatment,
            "moment": moment,
            "step": step,
            "answered_by": answered_by,
            "entered_by": entered_by,
            "asks_directly": asks_directly(moment),
            "state": CheckInState.OPEN,
            "began_at": at,
        },
    )
    if check_in.patient_id != patient.pk:
        raise KeyTaken("This check-in is not here any more. Begin a new one.")
    if is_new and entered_by:
        record("check_in_by_phone", on=check_in, at=at, by=entered_by)
    return check_in


def _fresh_key(key: UUID, patient: Patient, *, at: datetime) -> UUID:
    """The key, or one made from it where a page of long ago is answered once more: that is a check-in of its own.

    The same tap, sent twice or kept by the phone, still comes to the same key.
    """
    known = CheckIn.objects.filter(key=key, patient=patient, began_at__lt=at - SAME_TAP).exists()
    return uuid5(key, str(int(at.timestamp() // SAME_TAP.total_seconds()))) if known else key


def give_answer(check_in: CheckIn, *, question: str, answer: str, answered_at: datetime, at: datetime) -> Reading:
    """Keeps one answer, or a correction of it, and acts on what the rules make of all of them.

    `answer` was read by checkin.answers. A second tap of the same answer is the first. Returns the reading after it.
    """
    with transaction.atomic():
        locked = _locked(check_in)
        if _was_given(locked, question, answer, answered_at=answered_at):
            return Reading.objects.filter(check_in=locked).order_by("-number")[0]
        given = answers_of(locked)
        number = (Answer.objects.filter(check_in=locked).aggregate(last=Max("number"))["last"] or 0) + 1
        Answer.objects.create(
            clinic_id=locked.clinic_id,
            check_in=locked,
            number=number,
            question=question,
            answer=answer,
            answered_at=answered_at,
            arrived_at=at,
        )
        return _act(locked, {**given, question: answer}, question=question, number=number, at=at)


def _was_given(check_in: CheckIn, question: str, answer: str, *, answered_at: datetime) -> bool:
    """Whether this is what was said last to the question, at about the same time; and staff closed no alert of it since."""
    last = Answer.objects.filter(check_in=check_in, question=question).order_by("-number").first()
    if last is None or last.answer != answer or abs(answered_at - last.answered_at) > SAME_TAP:
        return False
    return not alerts_of(check_in).filter(closed_at__gt=last.answered_at, closed_at__lt=answered_at).exists()


def _locked(check_in: CheckIn) -> CheckIn:
    """Whoever answers the same check-in at the same moment waits here."""
    rows = CheckIn.objects.select_for_update(of=("self",)).select_related(
        "patient__clinic", "treatment__protocol_version"
    )
    locked: CheckIn = rows.get(pk=check_in.pk)
    return locked


def _act(check_in: CheckIn, answers: dict[str, str], *, question: str, number: int, at: datetime) -> Reading:
    rules = rules_of(check_in.treatment, check_in.patient.clinic)
    context = context_of(check_in, at=at)
    standing = closed_answers(answers, context=context, rules=rules)
    found = triage(standing, context=context, rules=rules)
    reading = _keep(check_in, found, number=number, version=digest_triage(rules), at=at)
    if found.level != Level.ROUTINE:
        raise_alert(_cause(check_in, found, source=_source(check_in, number, is_news=question in found.told)), at=at)
    is_done = next_question(answers, context=context, rules=rules) is None
    rows = CheckIn.objects.filter(pk=check_in.pk)
    if is_done:
        rows.move(to=CheckInState.DONE, ended_at=at)
    else:
        rows.move(to=CheckInState.OPEN, ended_at=None)
    return reading


def _keep(check_in: CheckIn, found: Triage, *, number: int, version: str, at: datetime) -> Reading:
    return Reading.objects.create(
        clinic_id=check_in.clinic_id,
        check_in=check_in,
        number=number,
        level=found.level,
        has_crisis=found.has_crisis,
        rules=list(found.rules),
        reasons=list(found.reasons),
        version=version,
        read_at=at,
    )


def _source(check_in: CheckIn, number: int, *, is_news: bool) -> str:
    """What the alert is known by: one a check-in. What is said anew after staff closed it makes another."""
    newest = alerts_of(check_in).first()
    if newest is None:
        return alert_source(check_in)
    if newest.state == AlertState.CLOSED and is_news:
        return f"{alert_source(check_in)}:{number}"
    # A worse one that followed a closed one is "source#2": what it is told by is the part before.
    return newest.source.partition("#")[0]


def _cause(check_in: CheckIn, found: Triage, *, source: str) -> AlertCause:
    return AlertCause(
        patient=check_in.patient,
        treatment=check_in.treatment,
        kind=Cause.CHECK_IN,
        source=source,
        level=found.level,
        reasons=found.reasons,
        rules=found.rules,
    )


def stop_check_in(check_in: CheckIn, *, at: datetime) -> CheckIn:
    """Saved, and stopped for now. The next answer takes it up again; one that is done stays so."""
    CheckIn.objects.filter(pk=check_in.pk).move(to=CheckInState.STOPPED, ended_at=at)
    check_in.refresh_from_db()
    return check_in


def close_left_open(*, at: datetime) -> int:
    """Stops the check-ins of this clinic that nobody went on with. Returns how many."""
    left = CheckIn.objects.filter(state=CheckInState.OPEN, began_at__lt=at - LEFT_OPEN_FOR)
    still = left.exclude(answers__arrived_at__gte=at - LEFT_OPEN_FOR)
    keys = list(still.values_list("pk", flat=True))
    return CheckIn.objects.filter(pk__in=keys).move(to=CheckInState.STOPPED, ended_at=at)


def ask_for_call(check_in: CheckIn, *, at: datetime) -> Alert:
    """The patient would like the clinic to call. It can only raise: a worse alert of the same check-in stays as it is."""
    return raise_alert(
        AlertCause(
            patient=check_in.patient,
            treatment=check_in.treatment,
            kind=Cause.CALL_BACK,
            source=call_source(check_in),
            level=Level.CALL_TODAY,
            reasons=("Asked for a call back.",),
            rules=(),
        ),
        at=at,
    )
