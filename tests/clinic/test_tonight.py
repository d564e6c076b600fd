"""Where a patient is tonight: noted by anybody of the staff, shown where an alert is answered, in no log."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditEvent
from accounts.states import Role
from aftercare.tenancy import tenant
from tests.clinic.pages import title, words
from tests.conftest import StaffClient
from tests.world import World, acts
from timeline.models import Treatment
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]
NIGHT = {
    "tonight_at": "7 Mill Lane, flat 3",
    "second_contact": "Jo Torres",
    "second_phone": "212-555-0177",
    "alone": "no",
    "has_cuff": "on",
}


def url(treatment: Treatment) -> str:
    return f"/staff/treatments/{treatment.pk}/tonight/"


def form(seen: int = 0, **other: Any) -> dict[str, Any]:
    return {name: value for name, value in {**NIGHT, "seen": seen, **other}.items() if value is not None}


def on_record(treatment: Treatment) -> tuple[Any, ...]:
    row = Treatment.objects.get(pk=treatment.pk)
    return row.tonight_at, row.second_contact, row.second_phone, row.is_alone_tonight, row.has_cuff


def seen(response: Any) -> int:
    match = re.search(r'name="seen" value="(\d+)"', response.content.decode())
    assert match
    return int(match[1])


@pytest.mark.parametrize("role", list(Role))
def test_anybody_of_the_staff_may_note_it_and_the_patients_page_shows_it(
    world: World, staff: Staff, role: Role
) -> None:
    treatment, browser = world.treatment(), staff(role)
    response = browser.post(url(treatment), form(), follow=True)
    assert on_record(treatment) == ("7 Mill Lane, flat 3", "Jo Torres", "+12125550177", False, True)
    text = words(response)
    for part in ("It is on record.", "7 Mill Lane, flat 3", "Jo Torres", "Somebody is there", "Has an upper-arm cuff"):
        assert part in text
    assert 'href="tel:+12125550177"' in response.content.decode()


def test_the_audit_trail_holds_flags_and_no_word(world: World, staff: Staff) -> None:
    treatment, browser = world.treatment(), staff()
    browser.post(url(treatment), form())
    event = acts().get()
    assert (event.action, event.actor, event.object) == ("tonight_recorded", browser.member.pk, str(treatment.pk))
    assert event.facts == {
        "changed": ["tonight_at", "second_contact", "second_phone", "is_alone_tonight", "has_cuff"],
        "alone": False,
        "cuff": True,
    }


@pytest.mark.parametrize(("key", "kept"), [("yes", True), ("no", False), ("unknown", None)])
def test_alone_not_alone_and_not_known_are_three_answers(
    world: World, staff: Staff, key: str, kept: bool | None
) -> None:
    treatment, browser = world.treatment(), staff()
    browser.post(url(treatment), form(alone=key))
    assert on_record(treatment)[3] is kept
    box = re.search(r'<input type="radio"[^>]* checked[^>]*>', browser.get(url(treatment)).content.decode())
    assert box and f'value="{key}"' in box[0]


def test_before_anybody_asked_nothing_is_ticked_and_the_patients_page_says_so(world: World, staff: Staff) -> None:
    treatment, browser = world.treatment(), staff()
    assert " checked" not in browser.get(url(treatment)).content.decode()
    assert "Not asked yet: where they are" in words(browser.get(f"/staff/patients/{world.patient.pk}/"))
    assert acts().count() == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"alone": None}, "Pick one: alone, not alone, or not known yet."),
        ({"alone": "maybe"}, "Pick one: alone, not alone, or not known yet."),
        ({"second_phone": "12"}, "This phone number is too short or too long."),
        ({"second_phone": "9" * 33}, "This phone number is too long."),
        ({"second_contact": ""}, "Type whose number this is."),
        ({"tonight_at": "x" * 201}, "Make it shorter: 200 characters at most."),
        ({"second_contact": "x" * 81}, "Make the name shorter: 80 characters at most."),
        ({"tonight_at": "a\u202eb"}, "This holds a character that can't be shown."),
        ({"seen": "nonsense"}, "This page lost its place."),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_is_kept(
    world: World, staff: Staff, wrong: dict[str, Any], said: str
) -> None:
    treatment = world.treatment()
    response = staff().post(url(treatment), form(**wrong))
    assert (response.status_code, title(response)) == (422, "Error: Tonight")
    assert said in words(response)
    for name, value in NIGHT.items():
        if name not in {*wrong, "alone", "has_cuff"}:
            assert f'value="{value}"' in response.content.decode()
    assert on_record(treatment) == ("", "", "", None, False)


def test_a_second_tap_is_the_first_and_somebody_elses_newer_answer_is_told(world: World, staff: Staff) -> None:
    treatment, browser = world.treatment(), staff()
    assert [browser.post(url(treatment), form()).status_code for _ in range(2)] == [303, 303]
    assert acts().count() == 1
    other = staff(Role.FRONT_DESK)
    response = other.post(url(treatment), form(tonight_at="9 Hill Road"))
    assert (response.status_code, title(response)) == (409, "Error: Tonight")
    text = words(response)
    assert "Sam Lindqvist changed this meanwhile. That was at" in text
    assert "7 Mill Lane, flat 3" in text
    assert 'value="9 Hill Road"' in response.content.decode()
    assert other.post(url(treatment), form(seen(response), tonight_at="9 Hill Road")).status_code == 303
    assert on_record(treatment)[0] == "9 Hill Road"


@pytest.mark.parametrize("state", [TreatmentState.CLOSED, TreatmentState.CANCELLED])
def test_a_visit_that_is_over_takes_nothing_and_loses_no_word(
    world: World, staff: Staff, state: TreatmentState
) -> None:
    at = timezone.now()
    ends: dict[TreatmentState, dict[str, Any]] = {
        TreatmentState.CLOSED: {"closed_at": at},
        TreatmentState.CANCELLED: {"cancelled_at": at, "cancelled_by": world.nurse},
    }
    treatment, browser = world.treatment(state, **ends[state]), staff()
    response = browser.post(url(treatment), form())
    assert response.status_code == 409
    assert 'value="7 Mill Lane, flat 3"' in response.content.decode()
    assert browser.get(url(treatment)).status_code == 409
    assert on_record(treatment)[0] == ""


def test_another_clinic_finds_no_such_visit(world: World, other_world: World, staff: Staff) -> None:
    with tenant(world.clinic.pk):
        treatment = world.treatment()
    stranger = staff(at=other_world)
    assert stranger.get(url(treatment)).status_code == 404
    assert stranger.post(url(treatment), form()).status_code == 404
    with tenant(world.clinic.pk):
        assert on_record(treatment)[0] == ""
        assert not AuditEvent.objects.filter(action="tonight_recorded").exists()
