"""Real clinics and staff are added by command; what is over is forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.help import help_numbers
from accounts.models import Clinic, StaffMember, Throttle, Token
from accounts.services import forget_what_is_over, offer_binding
from tests.world import World

pytestmark = pytest.mark.django_db

CLINIC = {
    "name": "Elm Row Clinic",
    "sender": "Elm Row",
    "address": "2 Elm Row",
    "phone": "+15550100142",
    "zone": "America/Denver",
}


def add_clinic(**other: str) -> str:
    out = StringIO()
    told = CLINIC | other
    hours = ["--hours", *(f"{day}=00:00-23:59" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))]
    call_command("add_clinic", *(f"--{name}={value}" for name, value in told.items()), *hours, stdout=out)
    return out.getvalue().strip()


def add_staff(clinic: str, password: str, monkeypatch: pytest.MonkeyPatch, email: str = "ana@elm.example.org") -> None:
    monkeypatch.setattr("sys.stdin", StringIO(f"{password}\n"))
    args = [f"--clinic={clinic}", f"--email={email}", "--name=Ana Ruiz", "--role=manager"]
    call_command("add_staff", *args, stdout=StringIO())


def test_a_real_clinic_and_its_first_manager_can_sign_in(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic = add_clinic()
    add_staff(clinic, "a-long-and-odd-pass-phrase", monkeypatch)
    assert not Clinic.objects.get(pk=clinic).is_demo
    client.post("/staff/login/", {"login": "ana@elm.example.org", "password": "a-long-and-odd-pass-phrase"})
    assert client.get("/staff/")["Location"] == "/staff/me/second-step/"


def test_a_real_clinics_patient_finds_its_number_under_help_and_its_own_line(client: Client) -> None:
    clinic = Clinic.objects.get(pk=add_clinic(instructions="Call before you take anything new."))
    at = datetime(2026, 11, 24, 18, tzinfo=UTC)
    help_now = help_numbers(clinic.country, clinic=clinic, at=at)
    assert (help_now.is_open, help_now.clinic_phone) == (True, "+15550100142")
    assert clinic.instructions == "Call before you take anything new."


@pytest.mark.parametrize("hours", ["mon", "mon=8-18", "xyz=08:00-18:00", "mon=18:00-08:00"])
def test_hours_that_cannot_be_are_told_plainly(hours: str) -> None:
    with pytest.raises(CommandError, match="opening_hours"):
        call_command("add_clinic", *(f"--{name}={value}" for name, value in CLINIC.items()), "--hours", hours)


def test_an_address_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    clinic = add_clinic()
    with pytest.raises(CommandError, match="email"):
        add_staff(clinic, "a-long-and-odd-pass-phrase", monkeypatch, email="ana")


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"zone": "Mars/Base"}, "not a time zone"),
        ({"phone": "12"}, "phone"),
        ({"sender": "Bay Ketamine"}, "ketamine"),
        ({"country": "XX"}, "not known"),
    ],
)
def test_a_clinic_that_cannot_be_is_told_plainly(other: dict[str, str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        add_clinic(**other)
    assert not Clinic.objects.exists()


@pytest.mark.parametrize("password", ["", "short", "password1234"])
def test_a_weak_password_is_refused(password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic = add_clinic()
    with pytest.raises(CommandError):
        add_staff(clinic, password, monkeypatch)
    assert not StaffMember.objects.exists()


def test_an_address_signs_in_one_person(monkeypatch: pytest.MonkeyPatch) -> None:
    clinic = add_clinic()
    add_staff(clinic, "a-long-and-odd-pass-phrase", monkeypatch)
    with pytest.raises(CommandError, match="already"):
        add_staff(clinic, "a-long-and-odd-pass-phrase", monkeypatch, email="ANA@elm.example.org")


def test_what_is_over_is_forgotten_and_the_rest_is_kept(world: World) -> None:
    long_ago, now = timezone.now() - timedelta(days=9), timezone.now()
    Session.objects.create(session_key="over", session_data="", expire_date=long_ago)
    Session.objects.create(session_key="kept", session_data="", expire_date=now + timedelta(days=1))
    Throttle.objects.create(key="over", window_starts_at=long_ago, count=1)
    Throttle.objects.create(key="kept", window_starts_at=now, count=1)
    offer_binding(world.patient, by=world.nurse, at=long_ago)
    offer_binding(world.patient, by=world.nurse, at=now)
    assert forget_what_is_over() == 4
    kept: list[Any] = [*Session.objects.values_list("pk", flat=True), *Throttle.objects.values_list("pk", flat=True)]
    assert kept == ["kept", "kept"]
    assert Token.objects.count() == 2


def test_looking_at_a_made_up_link_keeps_nothing(client: Client) -> None:
    assert client.get("/b/anything-at-all/").status_code == 302
    assert not Session.objects.exists()
    assert client.get("/bind/").status_code == 410
