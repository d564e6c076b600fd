"""Who texts the code takes the alert: any nurse, clinician or manager of that clinic, by the number we know them by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from accounts.models import StaffMember
from accounts.states import Role
from aftercare.tenancy import tenant
from alerts.models import Alert, AlertNotice
from alerts.services import close_alert, raise_alert, take_alert, take_by_text
from alerts.states import AlertState, Closing
from prompts.services import take_text
from tests.alerts.conftest import FIRST_NUMBER, MANAGER_NUMBER, SECOND_NUMBER, cause, person
from tests.world import World

pytestmark = pytest.mark.usefixtures("committed")
Raised = Callable[..., Alert]
HAVE_IT = "You have it. Open http://localhost:8000/staff/alerts/ now."


@pytest.fixture
def alert(raised: Raised, monkeypatch: pytest.MonkeyPatch) -> Alert:
    """Open, with the code 7K2."""
    with monkeypatch.context() as patch:
        patch.setattr("alerts.services.raising.make_alert_code", lambda _: "7K2")
        return raised()


def now(alert: Alert) -> Alert:
    with tenant(alert.clinic_id):
        found: Alert = Alert.objects.select_related("taken_by").get(pk=alert.pk)
        return found


@pytest.mark.parametrize("body", ["7K2", "7k2", " 7 k 2 ", "I have 7K2.", "on my way, 7k2"])
def test_the_code_takes_the_alert(alert: Alert, first: StaffMember, body: str) -> None:
    assert take_by_text(FIRST_NUMBER, body, timezone.now()) == HAVE_IT
    assert (now(alert).state, now(alert).taken_by) == (AlertState.TAKEN, first)


def test_it_comes_in_by_the_providers_hook(alert: Alert, first: StaffMember) -> None:
    answer = take_text({"From": FIRST_NUMBER, "Body": "7K2"}, at=timezone.now())
    assert "You have it" in answer and now(alert).taken_by == first


def test_a_second_text_of_the_same_person_is_answered_alike(alert: Alert, first: StaffMember) -> None:
    assert [take_by_text(FIRST_NUMBER, "7K2", timezone.now()) for _ in range(2)] == [HAVE_IT] * 2


def test_who_comes_second_reads_who_and_when(alert: Alert, first: StaffMember, second: StaffMember) -> None:
    with tenant(alert.clinic_id):
        take_alert(alert, by=second, at=datetime(2026, 11, 24, 20, 5, tzinfo=UTC))
    assert take_by_text(FIRST_NUMBER, "7K2", timezone.now()) == "Ana Ruiz took it at 3:05 pm."


def test_somebody_who_is_not_on_duty_may_take_it(alert: Alert, manager: StaffMember) -> None:
    assert take_by_text(MANAGER_NUMBER, "7K2", timezone.now()) == HAVE_IT
    assert now(alert).taken_by == manager


def test_a_code_that_no_open_alert_has(alert: Alert, first: StaffMember) -> None:
    assert take_by_text(FIRST_NUMBER, "4B9", timezone.now()) == "No open alert has this code."
    with tenant(alert.clinic_id):
        close_alert(alert, closing=Closing.NOT_NEEDED, done="Spoke.", is_reported=None, by=first, at=timezone.now())
    assert take_by_text(FIRST_NUMBER, "7K2", timezone.now()) == "No open alert has this code."


@pytest.mark.parametrize("body", ["", "thanks", "I am on it", "call me at 700"])
def test_words_without_a_code_are_not_answered(alert: Alert, first: StaffMember, body: str) -> None:
    assert take_by_text(FIRST_NUMBER, body, timezone.now()) == "" and now(alert).state == AlertState.OPEN


@pytest.mark.parametrize("number", ["", "+15550100177"])
def test_a_stranger_gets_no_answer(alert: Alert, first: StaffMember, number: str) -> None:
    assert take_by_text(number, "7K2", timezone.now()) == "" and now(alert).state == AlertState.OPEN


def test_the_front_desk_and_who_left_take_nothing(world: World, alert: Alert, first: StaffMember) -> None:
    person(world, Role.FRONT_DESK, "Al Reed", SECOND_NUMBER)
    StaffMember.objects.filter(pk=first.pk).update(is_active=False)
    assert [take_by_text(number, "7K2", timezone.now()) for number in (FIRST_NUMBER, SECOND_NUMBER)] == ["", ""]
    assert now(alert).state == AlertState.OPEN


def test_a_code_is_of_the_clinics_own_alerts_alone(
    other_world: World, alert: Alert, monkeypatch: pytest.MonkeyPatch
) -> None:
    person(other_world, Role.NURSE, "Lee Okafor", FIRST_NUMBER)
    assert take_by_text(FIRST_NUMBER, "7K2", timezone.now()) == "No open alert has this code."
    monkeypatch.setattr("alerts.services.raising.make_alert_code", lambda _: "7K2")
    with tenant(other_world.clinic.pk):
        theirs = raise_alert(cause(other_world), at=timezone.now())
    assert take_by_text(FIRST_NUMBER, "7K2", timezone.now()) == HAVE_IT
    assert (now(theirs).state, now(alert).state) == (AlertState.TAKEN, AlertState.OPEN)


def test_of_two_people_with_one_number_it_is_who_was_told(world: World, alert: Alert, second: StaffMember) -> None:
    person(world, Role.NURSE, "Aaron Abel", SECOND_NUMBER)
    with tenant(alert.clinic_id):
        AlertNotice.objects.filter(alert=alert, step=0, seat=1).update(to_staff=second)
    take_by_text(SECOND_NUMBER, "7K2", timezone.now())
    assert now(alert).taken_by == second
