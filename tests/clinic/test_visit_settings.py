"""What holds for every visit of a clinic: the words before it, the reminders, the shortest stay."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Clinic
from accounts.states import Role
from tests.clinic.pages import title, words
from tests.conftest import StaffClient
from tests.world import World, acts
from timeline.models import SetUpStep
from timeline.services import finish_part
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]
PAGE = "/staff/visits/settings/"
SENT = {"before_visit": "Eat light.\n\nAsk us.", "first": "24", "second": "72", "third": "", "stay": "60", "seen": "0"}


def saved(world: World) -> tuple[str, list[int], int | None]:
    clinic = Clinic.objects.get(pk=world.clinic.pk)
    return clinic.before_visit, clinic.reminder_hours, clinic.minimum_stay_minutes


def seen(response: Any) -> str:
    match = re.search(r'name="seen" value="(\d+)"', response.content.decode())
    assert match
    return match[1]


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.MANAGER])
def test_who_may_writes_them_and_the_trail_holds_no_words(world: World, staff: Staff, role: Role) -> None:
    response = staff(role).post(PAGE, SENT, follow=True)
    assert "Saved. It holds at once, for visits under way too." in words(response)
    assert saved(world) == ("Eat light.\n\nAsk us.", [72, 24], 60)
    assert acts().get(action="visit_settings_set").facts == {
        "changed": ["before_visit", "reminder_hours", "minimum_stay_minutes"],
        "reminder_hours": [72, 24],
        "minimum_stay_minutes": 60,
    }


@pytest.mark.parametrize("role", [Role.NURSE, Role.FRONT_DESK])
def test_others_do_not(world: World, staff: Staff, role: Role) -> None:
    assert staff(role).post(PAGE, SENT).status_code == 403
    assert saved(world)[0] == ""


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"first": "1"}, "First reminder: type hours from 2 to 168"),
        ({"second": "169"}, "Second reminder: type hours from 2 to 168"),
        ({"third": "soon"}, "Third reminder: type hours from 2 to 168"),
        ({"stay": "29"}, "Type minutes from 30 to 480"),
        ({"stay": "481"}, "Type minutes from 30 to 480"),
        ({"before_visit": "x" * 1001}, "Make it shorter: 1000 characters at most."),
        ({"seen": "x"}, "This page lost its place."),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_stays(
    world: World, staff: Staff, typed: dict[str, str], said: str
) -> None:
    response = staff(Role.MANAGER).post(PAGE, {**SENT, **typed})
    assert (response.status_code, title(response)) == (422, "Error: Before a visit")
    assert said in words(response)
    assert 'value="24"' in response.content.decode() or "first" in typed
    assert saved(world)[0] == ""


def test_all_of_it_may_be_empty(world: World, staff: Staff) -> None:
    browser = staff(Role.MANAGER)
    empty = {**dict.fromkeys(SENT, ""), "seen": "0"}
    assert browser.post(PAGE, empty).status_code == 303
    assert saved(world) == ("", [], None)


def test_somebody_elses_newer_words_are_told_and_a_second_tap_is_the_first(world: World, staff: Staff) -> None:
    browser, other = staff(Role.MANAGER), staff(Role.CLINICIAN)
    assert [browser.post(PAGE, SENT).status_code for _ in range(2)] == [303, 303]
    assert acts().filter(action="visit_settings_set").count() == 1
    response = other.post(PAGE, {**SENT, "stay": "90"})
    assert (response.status_code, title(response)) == (409, "Error: Before a visit")
    assert "Sam Lindqvist changed this meanwhile." in words(response) and "72, 24 hours before" in words(response)
    assert 'value="90"' in response.content.decode()
    assert other.post(PAGE, {**SENT, "stay": "90", "seen": seen(response)}).status_code == 303
    assert saved(world)[2] == 90


def test_new_words_are_to_be_read_anew_and_the_same_words_are_not(world: World, staff: Staff) -> None:
    planned = world.treatment(TreatmentState.PLANNED, hour_zero=None)
    browser = staff(Role.MANAGER)
    for part in ("before", "home"):
        finish_part(planned, part, at=planned.planned_at)
    browser.post(PAGE, {**SENT, "before_visit": ""})
    assert SetUpStep.objects.count() == 2
    browser.post(PAGE, {**SENT, "seen": seen(browser.get(PAGE))})
    assert list(SetUpStep.objects.values_list("key", flat=True)) == ["home"]


def test_it_is_linked_where_protocols_are(staff: Staff) -> None:
    assert PAGE in staff(Role.CLINICIAN).get("/staff/protocols/").content.decode()
    assert PAGE not in staff(Role.NURSE).get("/staff/protocols/").content.decode()
