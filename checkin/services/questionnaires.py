"""Keeps an answered questionnaire, and acts at once on its ninth item, and on a sum that rose: all in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction

from accounts.models import Patient
from accounts.services import record
from alerts.services import AlertCause, raise_alert
from alerts.states import AlertState, Cause
from checkin.models import Questionnaire
from checkin.queries.raised import questionnaire_alerts, questionnaire_source
from checkin.questionnaires import ANSWERS, names_self_harm, total_of
from checkin.services.trends import tell_rise
from checkin.states import QuestionnaireKind
from timeline.levels import Level
from timeline.models import Treatment

SELF_HARM_RULE = "Q9"


def record_questionnaire(
    patient: Patient, *, key: UUID, kind: str, answers: Sequence[int], treatment: Treatment | None, at: datetime
) -> Questionnaire:
    """The row of these answers. `key` is the page's: the same answers, sent twice from one page, are one row.

    Answers that were changed before they were sent again are a row of their own: the last one counts, and none is lost.
    Raises ValueError for answers that can't be.
    """
    total = total_of(kind, answers)
    with transaction.atomic():
        row, is_new = Questionnaire.objects.get_or_create(
            clinic_id=patient.clinic_id,
            patient=patient,
            key=uuid5(key, f"{kind}:{','.join(map(str, answers))}"),
            defaults={
                "treatment": treatment,
                "kind": kind,
                "answers": list(answers),
                "total": total,
                "answered_at": at,
            },
        )
        if is_new:
            record("questionnaire_answered", on=row, at=at, by=patient, facts={"kind": kind})
        if is_new and names_self_harm(kind, answers):
            raise_self_harm(patient, key=key, answer=answers[-1], treatment=treatment, at=at)
        if is_new and kind == QuestionnaireKind.PHQ_9:
            tell_rise(patient, at=at)
    return row


def raise_self_harm(patient: Patient, *, key: UUID, answer: int, treatment: Treatment | None, at: datetime) -> None:
    """The alert of item 9, also while other items are still without an answer. One for each page that was opened.

    The crisis line, as for a wish to be dead in a check-in: what was said is of two weeks, not of a moment.
    """
    reason = f"PHQ-9, item 9, thoughts of death or self-harm: {ANSWERS[answer].lower()}"
    cause = AlertCause(
        patient=patient,
        treatment=treatment,
        kind=Cause.QUESTIONNAIRE,
        source=_source(patient, key, reason),
        level=Level.CRISIS,
        reasons=(reason,),
        rules=(SELF_HARM_RULE,),
    )
    raise_alert(cause, at=at)


def _source(patient: Patient, key: UUID, reason: str) -> str:
    """That of the page's alert. Another answer than the one that was dealt with and closed is news: an alert of its own."""
    told = list(questionnaire_alerts(patient, key))
    is_over = told and all(each.state == AlertState.CLOSED and reason not in each.reasons for each in told)
    first = questionnaire_source(patient, key)
    return f"{first}+{len(told)}" if is_over else told[0].source if told else first
