"""The demo's alerts: somebody is always on duty, there is one of each kind to look at, and each start begins anew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Clinic, Patient
from aftercare.tenancy import tenant
from alerts.models import Alert
from alerts.queries import duty_at
from alerts.states import AlertState
from clinic.demo import CEDAR, HARBOR, patient_of, refresh_demo
from tests.clinic.pages import words
from timeline.levels import Level

# The second start of a test takes away what the first one may only add to: by the hand of the owner, who sees none of it.
pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture
def demo() -> datetime:
    at = timezone.now()
    refresh_demo(at=at)
    return at


def of_demo(key: str) -> Patient:
    patient = patient_of(key)
    assert patient
    return patient


@pytest.mark.parametrize("start", ["2026-01-13T00:17", "2026-03-08T06:30", "2026-11-01T05:40", "2026-12-31T23:55"])
def test_at_every_hour_of_a_week_two_people_are_on_duty(start: str) -> None:
    at = datetime.fromisoformat(start).replace(tzinfo=UTC)
    refresh_demo(at=at)
    for clinic_id in (CEDAR, HARBOR):
        clinic = Clinic.objects.get(pk=clinic_id)
        with tenant(clinic_id):
            for hours in range(7 * 24):
                duty = duty_at(clinic, at + timedelta(hours=hours, minutes=1))
                assert duty.first and duty.second and not duty.is_fallback, hours


def test_a_newcomer_finds_one_that_waits_one_that_was_taken_and_one_that_is_over(
    client: Client, demo: datetime
) -> None:
    client.post("/start/as/", {"who": "nurse"})
    text = words(client.get("/staff/alerts/"))
    assert "Nobody has these yet 1" in text and "Grace Adeyemi" in text
    # each reason once, though weaker rules hold too
    assert "Severe headache and a pain pill did not help" in text and "; Severe headache" not in text
    assert "Somebody has these 1" in text and "Call promised by" in text
    assert "Closed in the last 24 hours" in text and "Safe at home" in text
    with tenant(CEDAR):
        assert sorted(Alert.objects.values_list("level", "state")) == [
            (Level.CALL_TODAY, AlertState.CLOSED),
            (Level.CALL_TODAY, AlertState.TAKEN),
            (Level.URGENT, AlertState.OPEN),
        ]
