"""What the patient said of their past at the set-up: shown to those who treat, and on record once one of them says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditEvent, Patient
from accounts.services import record_history, tell_history
from accounts.states import Role
from tests.clinic.pages import words
from tests.conftest import StaffClient
from tests.world import World
from timeline.facts import HISTORY_QUESTIONS

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]
NO: dict[str, str] = dict.fromkeys(map(str, HISTORY_QUESTIONS), "no")
SAID: dict[str, str] = {**NO, "diabetes": "yes", "limits_salt": "yes"}
UNSURE: dict[str, str] = {**NO, "diabetes": "yes", "pregnant": "not_sure"}


def url(world: World, last: str = "") -> str:
    return f"/staff/patients/{world.patient.pk}/{last}"


def hidden(response: Any) -> dict[str, str]:
    form = response.content.decode().partition('id="told"')[2].partition("</form>")[0]
    return dict(re.findall(r'name="(seen|told_at)" value="([^"]*)"', form))


@pytest.mark.parametrize("page", ["", "history/"])
def test_who_treats_reads_it_and_confirms_it_in_one_press(world: World, staff: Staff, page: str) -> None:
    tell_history(world.patient, SAID, at=timezone.now())
    browser = staff(Role.NURSE)
    shown = browser.get(url(world, page))
    assert "Maya said (set-up," in words(shown)
    assert "Limits salt or fluids; Diabetes" in words(shown)
    done = browser.post(url(world, "history/confirm/"), hidden(shown), follow=True)
    assert "It is on record, as the patient said it." in words(done)
    assert "Maya said" not in words(done)
    patient = Patient.objects.get()
    assert patient.history == ["diabetes", "limits_salt"]
    event = AuditEvent.objects.get(action="history_recorded")
    assert (event.actor, event.facts["flags"]) == (browser.member.pk, patient.history)
    assert event.facts["as_told_at"] == hidden(shown)["told_at"]
    assert browser.post(url(world, "history/confirm/"), hidden(shown)).status_code == 303  # a second tap
    assert AuditEvent.objects.filter(action="history_recorded").count() == 1


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.MANAGER])
def test_nobody_else_reads_a_word_of_it(world: World, staff: Staff, role: Role) -> None:
    tell_history(world.patient, SAID, at=timezone.now())
    browser = staff(role)
    assert "Maya said" not in words(browser.get(url(world)))
    assert browser.post(url(world, "history/confirm/"), {}).status_code == 403
    assert Patient.objects.get().history is None


def test_where_the_patient_was_not_sure_somebody_has_to_ask(world: World, staff: Staff) -> None:
    tell_history(world.patient, UNSURE, at=timezone.now())
    browser = staff()
    page = browser.get(url(world, "history/"))
    assert "Not sure: Pregnant, or may be" in words(page)
    assert "Confirm what the patient said" not in words(page)
    assert len(re.findall(r"<input[^>]* checked", page.content.decode())) == 1  # diabetes, to begin with
    told_at = Patient.objects.get().history_told_at
    assert told_at
    refused = browser.post(url(world, "history/confirm/"), {"seen": 0, "told_at": told_at.isoformat()})
    assert refused.status_code == 409
    assert Patient.objects.get().history is None


def test_nobody_confirms_what_they_have_not_seen(world: World, staff: Staff) -> None:
    tell_history(world.patient, SAID, at=timezone.now())
    browser = staff()
    shown = hidden(browser.get(url(world)))
    tell_history(world.patient, NO, at=timezone.now() + timedelta(seconds=1))
    response = browser.post(url(world, "history/confirm/"), shown)
    assert response.status_code == 409
    assert "The patient changed this meanwhile." in words(response)
    assert Patient.objects.get().history is None


def test_what_staff_noted_since_stands_and_nothing_waits(world: World, staff: Staff) -> None:
    at = timezone.now()
    tell_history(world.patient, SAID, at=at)
    record_history(world.patient, flags=[], seen=0, by=world.nurse, at=at + timedelta(minutes=1))
    page = words(staff().get(url(world)))
    assert "Nothing that changes the advice" in page
    assert "Maya said" not in page


def test_a_look_at_the_address_leads_to_the_form(world: World, staff: Staff) -> None:
    response = staff().get(url(world, "history/confirm/"))
    assert (response.status_code, response["Location"]) == (303, url(world, "history/"))
