"""Consent to use the app, given or taken back on the set-up pages."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Patient
from accounts.queries import said_no_to_app
from accounts.services import record_consent
from accounts.states import ConsentKind, ConsentWay
from timeline.models import Treatment
from timeline.services.set_up import finish_part, open_part
from timeline.states import UNDER_WAY, TreatmentState


def agree(treatment: Treatment, patient: Patient, *, at: datetime) -> None:
    """A yes for this visit, or one after a no that was said for another. Said twice, it is one."""
    with transaction.atomic():
        _hold(patient)
        if finish_part(treatment, "agree", at=at).done_at == at or said_no_to_app(patient.pk):
            _say(patient, given=True, at=at)


def take_back(treatment: Treatment, patient: Patient, *, at: datetime) -> None:
    """From now on the list asks for it again, and what would be sent by itself is not (decision 40)."""
    with transaction.atomic():
        _hold(patient)
        if open_part(treatment, "agree"):
            _say(patient, given=False, at=at)


def _hold(patient: Patient) -> None:
    """Whoever plans for this patient, or reminds them, comes before or after."""
    visits = Treatment.objects.filter(patient=patient, state__in=(TreatmentState.PLANNED, *UNDER_WAY))
    list(visits.select_for_update().order_by("pk").values_list("pk"))
    Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)


def _say(patient: Patient, *, given: bool, at: datetime) -> None:
    record_consent(ConsentKind.APP, given=given, patient=patient, way=ConsentWay.SET_UP, by=patient, at=at)
