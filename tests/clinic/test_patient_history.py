"""What we should know of a patient: asked on purpose, for those who treat alone, and nobody's ticks lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Patient
from accounts.services import record_history
from accounts.states import Role
from tests.clinic.pages import title, words
from tests.conftest import StaffClient
from tests.world import World, acts
from timeline.facts import HISTORY_FLAGS
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]
TREATING = [Role.NURSE, Role.CLINICIAN]
OTHERS = [Role.FRONT_DESK, Role.MANAGER]


def patient_url(world: World) -> str:
    return f"/staff/patients/{world.patient.pk}/"


def history_url(world: World) -> str:
    return f"{patient_url(world)}history/"


def history_of(world: World) -> Any:
    return Patient.objects.get(pk=world.patient.pk).history


def ticked(response: Any) -> set[str]:
    boxes = re.findall(r'<input type="checkbox"[^>]*>', response.content.decode())
    return {match[1] for box in boxes if " checked" in box and (match := re.search(r'value="(\w+)"', box))}


def seen(response: Any) -> str:
    match = re.search(r'name="seen" value="(\d+)"', response.content.decode())
    assert match
    return match[1]


@pytest.mark.parametrize(
    ("history", "shown"),
    [
        (None, ["Not asked yet", "Ask and note it"]),
        ([], ["Nothing that changes the advice", "Change it"]),
        (["blood_thinner", "limits_salt"], ["Takes a blood thinner", "Limits salt or fluids", "Change it"]),
        (["gone_since"], ["Nothing that changes the advice"]),
    ],
)
@pytest.mark.parametrize("role", TREATING)
def test_who_treats_reads_it_on_the_patients_page(
    world: World, staff: Staff, role: Role, history: list[str] | None, shown: Sequence[str]
) -> None:
    Patient.objects.update(history=history)
    text = words(staff(role).get(patient_url(world)))
    assert "What we should know" in text
    assert [part for part in shown if part not in text] == []


def test_the_patients_page_says_who_noted_it_and_who_assessed(world: World, staff: Staff) -> None:
    record_history(world.patient, flags=["diabetes"], seen=0, by=world.nurse, at=timezone.now())
    text = words(staff().get(patient_url(world)))
    assert "Noted by Dana Reyes, " in text
    assert "Assessed Nov 10, 2026, by Ana Ruiz, MD" in text


@pytest.mark.parametrize("role", OTHERS)
def test_who_does_not_treat_sees_nothing_of_it_and_opens_no_page(world: World, staff: Staff, role: Role) -> None:
    at = timezone.now()
    world.treatment(TreatmentState.RECOVERING, hour_zero=at, started_at=at, started_by=world.nurse, given=["calming"])
    browser = staff(role)
    Patient.objects.update(history=list(HISTORY_FLAGS))
    content = unescape(browser.get(patient_url(world)).content.decode())
    told = [*HISTORY_FLAGS, *(flag.label for flag in HISTORY_FLAGS.values())]
    told += ["What we should know", "Assessed", "Ana Ruiz", "Calming", "given", "At the clinic", "history/"]
    assert [part for part in told if part in content] == []
    assert browser.get(history_url(world)).status_code == 403
    assert browser.post(history_url(world), {"flags": "diabetes", "seen": 0}).status_code == 403
    assert history_of(world) == list(HISTORY_FLAGS)


def test_what_is_ticked_is_saved_with_codes_in_the_audit_trail(world: World, staff: Staff) -> None:
    browser = staff()
    response = browser.post(history_url(world), {"flags": ["diabetes", "blood_thinner"], "seen": 0}, follow=True)
    assert "It is on record." in words(response)
    assert history_of(world) == ["blood_thinner", "diabetes"]
    event = acts().get()
    assert (event.action, event.actor, event.object) == ("history_recorded", browser.member.pk, str(world.patient.pk))
    assert event.facts == {"flags": ["blood_thinner", "diabetes"], "was": None}


def test_a_look_changes_nothing(world: World, staff: Staff) -> None:
    response = staff().get(history_url(world))
    assert (response.status_code, title(response)) == (200, "Patient")
    assert (history_of(world), acts().count()) == (None, 0)


def test_each_flag_stands_there_with_who_counts(world: World, staff: Staff) -> None:
    text = words(staff().get(history_url(world)))
    for flag in HISTORY_FLAGS.values():
        assert f"{flag.label} {flag.help}" in text


def test_none_of_these_has_to_be_said_on_purpose(world: World, staff: Staff) -> None:
    browser = staff()
    response = browser.post(history_url(world), {"seen": 0})
    assert response.status_code == 422
    assert "Tick what is true, or “None of these”." in words(response)
    assert 'href="#id_flags"' in response.content.decode()
    assert history_of(world) is None
    assert browser.post(history_url(world), {"flags": "none", "seen": 0}).status_code == 303
    assert history_of(world) == []
    assert ticked(browser.get(history_url(world))) == {"none"}


def test_none_of_these_and_something_else_is_told_with_the_ticks_kept(world: World, staff: Staff) -> None:
    response = staff().post(history_url(world), {"flags": ["none", "diabetes"], "seen": 0})
    assert (response.status_code, title(response)) == (422, "Error: Patient")
    assert words(response).count("You ticked “None of these” and something else.") == 2
    assert ticked(response) == {"none", "diabetes"}
    assert history_of(world) is None


@pytest.mark.parametrize("flag", ["allergic", "", "\0", "🌿", "x" * 5000, "anti_nausea", "<script>"])
def test_a_flag_that_is_none_is_refused_and_the_others_stay_ticked(world: World, staff: Staff, flag: str) -> None:
    response = staff().post(history_url(world), {"flags": ["diabetes", flag], "seen": 0})
    assert response.status_code == 422
    assert "Tick only what stands here." in words(response)
    assert ticked(response) == {"diabetes"}
    assert history_of(world) is None


@pytest.mark.parametrize("mark", ["", "-1", "one", "9" * 6000, "\0", "9223372036854775808"])
def test_a_page_that_lost_its_place_says_so(world: World, staff: Staff, mark: str) -> None:
    response = staff().post(history_url(world), {"flags": "diabetes", "seen": mark})
    assert response.status_code == 422
    assert "This page lost its place. Open it once more." in words(response)
    assert history_of(world) is None


def test_the_later_of_two_reads_what_came_in_between_and_loses_no_tick(world: World, staff: Staff) -> None:
    first, second = staff(Role.NURSE), staff(Role.CLINICIAN)
    both = [seen(browser.get(history_url(world))) for browser in (first, second)]
    first.post(history_url(world), {"flags": "blood_thinner", "seen": both[0]})
    response = second.post(history_url(world), {"flags": ["diabetes", "pregnant"], "seen": both[1]})
    text = words(response)
    assert (response.status_code, title(response)) == (409, "Error: Patient")
    assert re.search(r"Sam Lindqvist changed this meanwhile\. That was at (\d+(:\d\d)? [ap]m|noon|midnight)", text)
    assert "On record: Takes a blood thinner" in text
    assert ticked(response) == {"diabetes", "pregnant"}
    assert history_of(world) == ["blood_thinner"]
    again = {"flags": ["diabetes", "pregnant"], "seen": seen(response)}
    assert second.post(history_url(world), again).status_code == 303
    assert history_of(world) == ["diabetes", "pregnant"]


def test_a_second_tap_of_the_same_person_is_no_conflict_unless_it_says_something_else(
    world: World, staff: Staff
) -> None:
    browser, form = staff(), {"flags": ["pregnant", "diabetes"], "seen": 0}
    assert [browser.post(history_url(world), form).status_code for _ in range(2)] == [303, 303]
    assert acts().count() == 1
    assert browser.post(history_url(world), {"flags": "none", "seen": 0}).status_code == 409


def test_a_flag_of_an_older_version_goes_with_the_next_save(world: World, staff: Staff) -> None:
    Patient.objects.update(history=["gone_since", "diabetes"])
    browser = staff()
    response = browser.get(history_url(world))
    assert ticked(response) == {"diabetes"}
    browser.post(history_url(world), {"flags": "diabetes", "seen": seen(response)})
    assert history_of(world) == ["diabetes"]
