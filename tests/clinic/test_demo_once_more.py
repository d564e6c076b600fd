"""The demo that is begun once more: as at the first time, with nothing left of what newcomers did.

Really committed: what the app may only add to goes by the hand of the owner of the tables, on a connection of its own.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Channel, Clinic, Device, Patient, StaffMember, User
from accounts.services import add_patient
from accounts.services.staff import invite_staff
from aftercare.tenancy import tenant
from alerts.models import Alert, AlertNotice, OnCallShift
from alerts.queries import duty_at
from clinic.demo import CEDAR, HARBOR, HOME_ZONE, PATIENTS, STAFF, patient_of, refresh_demo, staff_of
from prompts.models import Prompt
from timeline.models import Protocol, ProtocolVersion, StepAnswer, Treatment
from timeline.queries import today_page
from timeline.states import VersionState

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def demo(committed: None) -> datetime:
    """The demo, filled now."""
    at = timezone.now()
    refresh_demo(at=at)
    return at


def counts() -> dict[str, Any]:
    """How many rows there are, clinic by clinic, and in which states."""
    found: dict[str, Any] = {"clinics": Clinic.objects.count(), "staff": StaffMember.objects.count()}
    for clinic_id in (CEDAR, HARBOR):
        with tenant(clinic_id):
            rows = (Patient, Channel, Protocol, ProtocolVersion, Treatment, Prompt, StepAnswer, Device)
            states = Treatment.objects.order_by("patient__record_number", "planned_for").values_list("state", flat=True)
            found[str(clinic_id)] = ([model.objects.count() for model in rows], list(states))
    return found


def test_filled_again_it_is_as_filled_once_with_the_hours_of_now(demo: datetime) -> None:
    before = counts()
    refresh_demo(at=demo)
    refresh_demo(at=demo, reset=True)
    assert counts() == before
    later = demo + timedelta(hours=30)
    refresh_demo(at=later)
    with tenant(CEDAR):
        assert (Alert.objects.count(), AlertNotice.objects.count()) == (3, 13)
        patient = patient_of("hour_1")
        assert patient
        now = today_page(patient, later).now
        assert now and now.eyebrow == "Hour 1 of 24: coming back"


def test_start_over_brings_the_hours_of_now_and_leaves_the_browser_who_it_was(client: Client) -> None:
    refresh_demo(at=timezone.now() - timedelta(hours=3))
    assert "The hours have moved on" in client.get("/start/").content.decode()
    client.post("/start/as/", {"who": "hour_5"})
    with tenant(CEDAR):
        before = set(Treatment.objects.values_list("pk", flat=True))
    assert client.post("/start/over/")["Location"] == "/start/"
    assert "The hours have moved on" not in client.get("/start/").content.decode()
    with tenant(CEDAR):
        assert before.isdisjoint(Treatment.objects.values_list("pk", flat=True))
    assert "Hour 5 of 24" in client.get("/").content.decode()


def test_a_plain_start_mends_what_is_the_demos_and_a_fresh_one_takes_away_what_newcomers_added(
    demo: datetime, client: Client
) -> None:
    added, invited = a_new_patient(demo), a_new_colleague(demo)
    client.force_login(invited.user)
    take_away_what_is_shipped(demo)
    refresh_demo(at=demo)
    with tenant(CEDAR):
        assert Patient.objects.filter(pk=added.pk).exists()
        assert ProtocolVersion.objects.filter(protocol__key="spravato", state=VersionState.PUBLISHED).count() == 1
        assert duty_at(Clinic.objects.get(pk=CEDAR), demo).first
    assert set(Clinic.objects.get(pk=CEDAR).procedures) == {"emergency", "crisis", "urgent", "call_today"}
    assert StaffMember.objects.filter(pk=invited.pk).exists()
    refresh_demo(at=demo, reset=True)
    with tenant(CEDAR):
        assert not Patient.objects.filter(pk=added.pk).exists()
    assert not User.objects.filter(pk=invited.user_id).exists()
    assert client.get("/staff/").status_code == 302
    assert StaffMember.objects.count() == len(STAFF)


def a_new_patient(at: datetime) -> Patient:
    nurse = staff_of("nurse")
    assert nurse
    with tenant(CEDAR):
        added = add_patient(
            by=nurse,
            at=at,
            first_name="Uma",
            last_name="Added",
            record_number="X-1",
            born_on=PATIENTS[0].born_on,
            zone=HOME_ZONE,
            phone="+12125550199",
            texts_agreed=True,
        )
        Device.objects.create(clinic_id=CEDAR, patient=added, bound_at=at)
        return added


def a_new_colleague(at: datetime) -> StaffMember:
    fields = {"name": "Ivo Lind", "credentials": "RN", "email": "ivo@cedar.example.org", "role": "nurse"}
    with tenant(CEDAR):
        manager = staff_of("manager")
        assert manager
        return invite_staff(by=manager, at=at, **fields).member


def take_away_what_is_shipped(at: datetime) -> None:
    """A protocol in use, the list of who is on duty, and the procedures."""
    with tenant(CEDAR):
        used = ProtocolVersion.objects.get(protocol__key="spravato", state=VersionState.PUBLISHED)
        ProtocolVersion.objects.filter(pk=used.pk).move(
            to=VersionState.RETIRED, retired_at=at, retired_by=staff_of("manager")
        )
        OnCallShift.objects.all().delete()
    Clinic.objects.update(procedures={})
    StaffMember.objects.update(phone="")
