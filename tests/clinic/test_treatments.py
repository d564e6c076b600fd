"""A visit's life by the pages: one tap each, one winner of two, and nothing that a look alone could change."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import AuditEvent
from accounts.states import Role
from aftercare.tenancy import tenant
from prompts.models import Prompt
from prompts.states import PromptState
from tests.clinic.pages import local, title, words
from tests.conftest import StaffClient
from tests.world import World, acts
from timeline.models import Treatment
from timeline.services import start_treatment
from timeline.states import TreatmentState

Staff = Callable[..., StaffClient]
ACTS = ("start", "end", "left", "hour-0", "cancel", "badly")


def planned(world: World, **values: Any) -> Treatment:
    return world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now(), **values)


def url(treatment: Treatment, act: str) -> str:
    return f"/staff/treatments/{treatment.pk}/{act}/"


def state_of(treatment: Treatment) -> str:
    treatment.refresh_from_db()
    return treatment.state


def recovering(world: World, browser: StaffClient) -> Treatment:
    treatment = planned(world)
    browser.post(url(treatment, "start"))
    browser.post(url(treatment, "end"))
    treatment.refresh_from_db()
    return treatment


@pytest.mark.django_db
def test_a_visit_starts_and_ends_by_one_tap_each_and_goes_on_at_the_clinic(world: World, staff: Staff) -> None:
    browser, treatment = staff(), planned(world)
    for act, state in (("start", "in_treatment"), ("end", "recovering")):
        response = browser.post(url(treatment, act))
        assert (response.status_code, response["Location"]) == (303, f"/staff/visits/{treatment.pk}/care/")
        assert state_of(treatment) == state
    assert (treatment.started_by, treatment.ended_by) == (browser.member,) * 2
    assert treatment.hour_zero == treatment.ended_at
    assert Prompt.objects.filter(treatment=treatment, state=PromptState.WAITING).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("act", ACTS)
def test_a_look_changes_nothing(world: World, staff: Staff, act: str) -> None:
    browser, treatment = staff(), planned(world)
    before = acts().count()
    assert browser.get(url(treatment, act)).status_code in {200, 409}
    assert browser.head(url(treatment, act)).status_code in {200, 409}
    assert state_of(treatment) == "planned"
    assert acts().count() == before


@pytest.mark.django_db
def test_who_comes_second_reads_who_was_first_and_when(world: World, staff: Staff) -> None:
    treatment = planned(world)
    first, second = staff(Role.NURSE), staff(Role.CLINICIAN)
    assert first.post(url(treatment, "start")).status_code == 303
    response = second.post(url(treatment, "start"))
    text = words(response)
    assert response.status_code == 409
    assert title(response) == "Error: Patient"
    assert re.search(r"Sam Lindqvist started this visit\. That was at (\d+(:\d\d)? [ap]m|noon|midnight)", text)
    assert "This is how it is now." in text
    assert "End the treatment" in text
    assert AuditEvent.objects.filter(action="treatment_in_treatment").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("act", ["start", "end", "cancel", "badly"])
def test_a_double_tap_changes_nothing_twice(world: World, staff: Staff, act: str) -> None:
    browser, treatment = staff(), planned(world)
    before = {"end": ["start"], "badly": ["start"]}.get(act, [])
    for earlier in before:
        browser.post(url(treatment, earlier))
    statuses, seen = [], []
    for _ in range(2):
        statuses.append(browser.post(url(treatment, act), {"reason": "hospital"}).status_code)
        seen.append(Treatment.objects.values().get())
    assert statuses == [303, 303]
    assert seen[0] == seen[1]
    assert AuditEvent.objects.filter(object=str(treatment.pk)).count() == len(before) + 1


@pytest.mark.django_db
def test_a_second_tap_that_says_something_else_is_a_conflict(world: World, staff: Staff) -> None:
    browser = staff()
    treatment = under_way(world, browser, hours=2)
    assert browser.post(url(treatment, "end")).status_code == 303
    earlier = local(timezone.now() - timedelta(hours=1), world)
    assert browser.post(url(treatment, "end"), {"ended_at": earlier}).status_code == 409
    assert browser.post(url(treatment, "badly"), {"reason": "hospital"}).status_code == 303
    assert browser.post(url(treatment, "badly"), {"reason": "stopped_early"}).status_code == 409


@pytest.mark.django_db
def test_the_same_correction_sent_twice_is_no_conflict(world: World, staff: Staff) -> None:
    browser = staff()
    treatment = recovering(world, browser)
    form = correction(treatment, world)
    assert [browser.post(url(treatment, "hour-0"), form).status_code for _ in range(2)] == [303, 303]
    treatment.refresh_from_db()
    assert treatment.plan_number == 2


@pytest.mark.django_db
@pytest.mark.parametrize("act", ["end", "left", "hour-0", "badly"])
def test_what_comes_too_early_is_a_conflict_and_shows_the_visit(world: World, staff: Staff, act: str) -> None:
    browser, treatment = staff(), planned(world)
    response = browser.post(url(treatment, act), {"reason": "hospital"})
    assert response.status_code == 409
    assert "Start the visit" in words(response)
    assert browser.get(url(treatment, act)).status_code == 409
    assert state_of(treatment) == "planned"


@pytest.mark.django_db
def test_a_second_visit_cannot_start_while_one_is_under_way(world: World, staff: Staff) -> None:
    browser = staff()
    recovering(world, browser)
    second = planned(world)
    response = browser.post(url(second, "start"))
    assert response.status_code == 409
    assert "The 24 hours of this patient's last visit are not over." in words(response)


@pytest.mark.django_db
def test_a_visit_is_cancelled_by_the_front_desk_after_a_question(world: World, staff: Staff) -> None:
    browser, treatment = staff(Role.FRONT_DESK), planned(world)
    assert "can't be undone" in words(browser.get(url(treatment, "cancel")))
    assert browser.post(url(treatment, "cancel")).status_code == 303
    assert state_of(treatment) == "cancelled"


@pytest.mark.django_db
def test_a_visit_that_ended_badly_stops_every_message(world: World, staff: Staff) -> None:
    browser = staff()
    treatment = recovering(world, browser)
    text = words(browser.get(url(treatment, "badly")))
    for part in ("Stopped early", "Sent to hospital", "Left against advice", "Aftercare calls nobody"):
        assert part in text
    assert browser.post(url(treatment, "badly"), {"reason": "hospital"}).status_code == 303
    assert state_of(treatment) == "ended_badly"
    assert not Prompt.objects.filter(treatment=treatment, state=PromptState.WAITING).exists()


@pytest.mark.django_db
def test_what_is_with_the_provider_already_is_told_before_a_visit_is_stopped_and_after(
    world: World, staff: Staff
) -> None:
    browser = staff()
    treatment, on_its_way = recovering(world, browser), "is on its way and can't be called back."
    assert on_its_way not in words(browser.get(url(treatment, "badly")))
    text = Prompt.objects.filter(treatment=treatment)[0]
    Prompt.objects.filter(pk=text.pk).update(begun_at=timezone.now(), channel="sms")
    assert f"1 text {on_its_way}" in words(browser.get(url(treatment, "badly")))
    response = browser.post(url(treatment, "badly"), {"reason": "hospital"}, follow=True)
    assert f"No more messages leave. 1 text {on_its_way}" in words(response)


@pytest.mark.django_db
def test_a_reminder_that_leaves_as_its_visit_is_cancelled_is_told(world: World, staff: Staff) -> None:
    browser, treatment = staff(Role.FRONT_DESK), planned(world)
    note = world.prompt(treatment, step="set_up", due_at=timezone.now(), begun_at=timezone.now(), channel="email")
    assert "1 e-mail is on its way and can't be called back." in words(browser.get(url(treatment, "cancel")))
    note.delete()
    assert "on its way" not in words(browser.get(url(treatment, "cancel")))


@pytest.mark.django_db
@pytest.mark.parametrize("reason", [None, "", "bored", "hospital\0", "x" * 5000, "🌿"])
def test_a_reason_that_is_none_is_asked_for_again(world: World, staff: Staff, reason: str | None) -> None:
    browser = staff()
    treatment = recovering(world, browser)
    response = browser.post(url(treatment, "badly"), {} if reason is None else {"reason": reason})
    assert response.status_code == 422
    assert words(response).count("Pick what happened.") == 2
    assert 'href="#id_reason"' in response.content.decode()
    assert state_of(treatment) == "recovering"


def correction(treatment: Treatment, world: World, **other: Any) -> dict[str, Any]:
    assert treatment.hour_zero
    moment = local(treatment.hour_zero - timedelta(minutes=40), world)
    return {"hour_zero": moment, "seen_plan": treatment.plan_number, **other}


@pytest.mark.django_db
def test_hour_zero_is_corrected_and_the_prompts_move_with_it(world: World, staff: Staff) -> None:
    browser = staff()
    treatment = recovering(world, browser)
    due = {prompt.step: prompt.due_at for prompt in Prompt.objects.filter(treatment=treatment)}
    old, form = treatment.hour_zero, correction(treatment, world)
    assert old
    assert browser.post(url(treatment, "hour-0"), form).status_code == 303
    treatment.refresh_from_db()
    assert treatment.hour_zero and treatment.plan_number == 2
    assert timedelta(minutes=39) < old - treatment.hour_zero < timedelta(minutes=42)
    moved = Prompt.objects.filter(treatment=treatment, step__in=due)
    assert {prompt.plan_number for prompt in moved} == {2}
    assert all(prompt.due_at <= due[prompt.step] for prompt in moved)


@pytest.mark.django_db
def test_the_form_shows_hour_zero_on_the_clinics_clock(world: World, staff: Staff) -> None:
    browser = staff()
    treatment = recovering(world, browser)
    assert treatment.hour_zero
    content = browser.get(url(treatment, "hour-0")).content.decode()
    assert f'value="{local(treatment.hour_zero, world)}"' in content
    assert 'name="seen_plan" value="1"' in content


@pytest.mark.django_db
def test_a_correction_on_an_older_plan_is_shown_the_new_one_and_keeps_the_typed_time(
    world: World, staff: Staff
) -> None:
    first, second = staff(Role.NURSE), staff(Role.CLINICIAN)
    treatment = recovering(world, first)
    seen = correction(treatment, world)
    first.post(url(treatment, "hour-0"), seen)
    assert treatment.hour_zero
    mine = local(treatment.hour_zero - timedelta(minutes=20), world)
    response = second.post(url(treatment, "hour-0"), {**seen, "hour_zero": mine})
    content = response.content.decode()
    assert response.status_code == 409
    assert "corrected hour 0 meanwhile." in words(response)
    assert f'value="{mine}"' in content
    assert 'name="seen_plan" value="2"' in content
    assert second.post(url(treatment, "hour-0"), {"hour_zero": mine, "seen_plan": 2}).status_code == 303


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("message", "other"),
    [
        ("This time is still to come.", {"hour_zero": "2099-01-01T10:00"}),
        ("more than 12 hours away", {"hour_zero": "2001-01-01T10:00"}),
        ("Type a date and a time", {"hour_zero": "9999-99-99"}),
        ("Type a date and a time", {"hour_zero": "0001-01-01T00:00"}),
        ("The clocks skip this time.", {"hour_zero": "2026-03-08T02:30"}),
        ("Type the true time.", {"hour_zero": ""}),
        ("This page lost its place.", {"seen_plan": ""}),
        ("This page lost its place.", {"seen_plan": "-1"}),
        ("This page lost its place.", {"seen_plan": "9" * 6000}),
        ("This page lost its place.", {"seen_plan": "one"}),
    ],
)
def test_a_time_that_cannot_be_is_told_and_nothing_moves(
    world: World, staff: Staff, message: str, other: dict[str, str]
) -> None:
    browser = staff()
    treatment = recovering(world, browser)
    response = browser.post(url(treatment, "hour-0"), correction(treatment, world, **other))
    assert response.status_code == 422
    assert message in words(response)
    treatment.refresh_from_db()
    assert treatment.plan_number == 1


def plan(world: World, **other: Any) -> dict[str, Any]:
    moment = local(timezone.now() + timedelta(hours=2), world)
    return {"version": str(world.version.pk), "planned_for": moment, **other}


@pytest.mark.django_db
def test_a_visit_is_planned_once_however_often_it_is_tapped(world: World, staff: Staff) -> None:
    browser, form = staff(Role.FRONT_DESK), plan(world)
    address = f"/staff/patients/{world.patient.pk}/plan/"
    assert browser.get(address).status_code == 200
    assert [browser.post(address, form).status_code for _ in range(2)] == [303, 303]
    assert Treatment.objects.count() == 1


@pytest.mark.django_db
def test_a_patient_with_a_planned_visit_gets_no_second_one(world: World, staff: Staff) -> None:
    browser = staff()
    planned(world)
    response = browser.post(f"/staff/patients/{world.patient.pk}/plan/", plan(world))
    assert response.status_code == 409
    assert "This patient has a planned visit. Cancel it first." in words(response)
    assert f'value="{plan(world)["planned_for"]}"' in response.content.decode()
    assert Treatment.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("other", [{"version": "nonsense"}, {"planned_for": "9999-01-01T10:00"}, {"version": "\0"}])
def test_a_plan_that_cannot_be_is_told(world: World, staff: Staff, other: dict[str, str]) -> None:
    response = staff().post(f"/staff/patients/{world.patient.pk}/plan/", plan(world, **other))
    assert response.status_code == 422
    assert Treatment.objects.count() == 0


def test_of_two_who_start_at_the_same_moment_one_wins(committed: None, world: World, staff: Staff) -> None:
    with tenant(world.clinic.pk):
        treatment = planned(world)
    browsers = [staff(Role.NURSE), staff(Role.CLINICIAN)]

    def start(browser: StaffClient) -> int:
        try:
            return browser.post(url(treatment, "start")).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(start, browsers)) == [303, 409]
    with tenant(world.clinic.pk):
        assert AuditEvent.objects.filter(action="treatment_in_treatment").count() == 1


@pytest.mark.django_db
def test_times_are_on_the_clinics_clock(world: World, staff: Staff) -> None:
    """Not on UTC, and not on that of whoever looks."""
    at = timezone.now()
    treatment = planned(world)
    start_treatment(treatment, by=world.nurse, at=at)
    response = staff().post(url(treatment, "start"))
    hour = local(at, world)[11:13]
    assert f"at {int(hour) % 12 or 12}" in words(response) or "noon" in words(response) or "midnight" in words(response)


def under_way(world: World, browser: StaffClient, **ago: float) -> Treatment:
    """A visit that this nurse started some time ago."""
    treatment = planned(world)
    browser.post(url(treatment, "start"))
    Treatment.objects.update(started_at=timezone.now() - timedelta(**ago))
    treatment.refresh_from_db()
    return treatment


@pytest.mark.django_db
def test_an_end_that_is_noted_late_is_kept_with_its_true_time(world: World, staff: Staff) -> None:
    browser = staff()
    treatment = under_way(world, browser, hours=3)
    ended_at = timezone.now().replace(second=0, microsecond=0) - timedelta(hours=2)
    assert browser.post(url(treatment, "end"), {"ended_at": local(ended_at, world)}).status_code == 303
    treatment.refresh_from_db()
    assert treatment.hour_zero == treatment.ended_at == ended_at


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("hours", "ended_at", "message"),
    [
        (72, "", "at most 12 hours after it"),
        (3, "2099-01-01T10:00", "still to come"),
        (3, "2001-01-01T10:00", "after the start"),
        (3, "x", "Type a date and a time"),
    ],
)
def test_an_end_that_cannot_be_is_told_and_the_visit_stays_under_way(
    world: World, staff: Staff, hours: float, ended_at: str, message: str
) -> None:
    browser = staff()
    treatment = under_way(world, browser, hours=hours)
    response = browser.post(url(treatment, "end"), {"ended_at": ended_at})
    assert response.status_code == 422
    assert message in words(response)
    assert state_of(treatment) == "in_treatment"


@pytest.mark.django_db
def test_starting_and_ending_ask_first(world: World, staff: Staff) -> None:
    browser, treatment = staff(), planned(world)
    assert "Start the visit of" in words(browser.get(url(treatment, "start")))
    assert state_of(treatment) == "planned"
    browser.post(url(treatment, "start"))
    assert "End the treatment of" in words(browser.get(url(treatment, "end")))
    assert state_of(treatment) == "in_treatment"
