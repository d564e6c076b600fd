"""The demo begins anew also where somebody answered, or wrote a call down: the owner of the tables takes that away."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Patient, StaffMember
from aftercare.tenancy import tenant
from alerts.models import Alert, CallLog
from alerts.services import log_call
from alerts.states import AlertState, Tried
from checkin.models import Answer, CheckIn, Reading
from clinic.demo import CEDAR, patient_of, refresh_demo
from tests.checkin.rows import make_check_in
from timeline.models import Treatment
from timeline.states import TreatmentState


def counts() -> list[int]:
    return [rows.objects.count() for rows in (Answer, Reading, CallLog)]


@pytest.mark.usefixtures("committed")
def test_answers_and_calls_of_an_earlier_start_are_gone() -> None:
    at = timezone.now()
    refresh_demo(at=at)
    with tenant(CEDAR):
        told = counts()
        patient = patient_of("hour_5")
        assert patient
        answered = make_check_in(patient)
        alert = Alert.objects.get(state=AlertState.OPEN)
        nurse = StaffMember.objects.get(user__email="nurse@demo.invalid")
        log_call(alert, tried=Tried.TRIED, said="", by=nurse, at=at, key=uuid4())
        people = Patient.objects.count()
    refresh_demo(at=at + timedelta(hours=1), reset=True)
    with tenant(CEDAR):
        assert not CheckIn.objects.filter(pk=answered.pk).exists()
        assert counts() == told
        assert not Alert.objects.filter(pk=alert.pk).exists()
        assert Alert.objects.filter(state=AlertState.OPEN).count() == 1
        assert Patient.objects.count() == people
        assert Treatment.objects.filter(patient=patient, state=TreatmentState.DISCHARGED).count() == 1
