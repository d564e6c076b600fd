"""The patient's own switch: whether the clinic sees the log and the charts."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Patient
from accounts.services import has_agreed, record_consent
from accounts.states import ConsentKind, ConsentWay


@transaction.atomic
def share_charts(patient: Patient, *, on: bool, at: datetime) -> None:
    """A yes or a no from now on. Said again, and a no that was never a yes, it adds nothing."""
    Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    if has_agreed(ConsentKind.CHARTS, patient=patient) != on:
        record_consent(ConsentKind.CHARTS, given=on, patient=patient, way=ConsentWay.APP, by=patient, at=at)
