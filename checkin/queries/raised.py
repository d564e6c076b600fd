"""The alerts that a check-in or a questionnaire has made, and what each is known by."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid5

from django.db.models import QuerySet

from accounts.models import Patient
from alerts.models import Alert
from checkin.models import CheckIn


def alert_source(check_in: CheckIn) -> str:
    """What the first alert of the answers is known by; those that follow begin with it."""
    return f"check-in:{check_in.pk}"


def call_source(check_in: CheckIn) -> str:
    """What the wish for a call is known by."""
    return f"call:{check_in.pk}"


def questionnaire_source(patient: Patient, key: UUID) -> str:
    """What the alert of one page of questions is known by, however often it is sent and put right. The key is the page's."""
    return f"questionnaire:{uuid5(key, str(patient.pk))}"


def trend_source(patient: Patient, what: str, began_on: date) -> str:
    """What the alert of a trend is known by: one for each that begins, however often it is seen."""
    return f"trend:{patient.pk}:{what}:{began_on}"


def questionnaire_alerts(patient: Patient, key: UUID) -> QuerySet[Alert]:
    """Of one page of questions, the newest first: one that was closed is followed by another when there is news."""
    rows = Alert.objects.filter(patient=patient, source__startswith=questionnaire_source(patient, key))
    return rows.order_by("-opened_at", "-source")


def alerts_of(check_in: CheckIn) -> QuerySet[Alert]:
    """Of the answers, the newest first: one that was closed is followed by another when there is news."""
    rows = Alert.objects.filter(patient_id=check_in.patient_id, source__startswith=alert_source(check_in))
    return rows.order_by("-opened_at", "-source")
