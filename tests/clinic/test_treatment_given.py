"""What was given besides: said at the end by a tap, left open, said later, or put right."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEvent
from accounts.states import Role
from tests.clinic.pages import title, words
from tests.conftest import StaffClient
from tests.world import NEW_YORK, World, acts
from timeline.facts import GIVEN_FLAGS
from timeline.models import Treatment
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]


def under_way(world: World, **values: Any) -> Treatment:
    began = timezone.now() - timedelta(minutes=40)
    return world.treatment(
        TreatmentState.IN_TREATMENT, hour_zero=None, started_at=began, started_by=world.nurse, **values
    )


def left(world: World, **values: Any) -> Treatment:
    return world.treatment(TreatmentState.DISCHARGED, hour_zero=timezone.now() - timedelta(hours=3), **values)


def url(treatment: Treatment, act: str = "given") -> str:
    return f"/staff/treatments/{treatment.pk}/{act}/"


def given_of(treatment: Treatment) -> Any:
    return Treatment.objects.get(pk=treatment.pk).given


def ticked(response: Any) -> set[str]:
    boxes = re.findall(r'<input type="checkbox"[^>]*>', response.content.decode())
    return {match[1] for box in boxes if " checked" in box and (match := re.search(r'value="(\w+)"', box))}


def seen(response: Any) -> str:
    match = re.search(r'name="seen" value="(\d+)"', response.content.decode())
    assert match
    return match[1]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({}, None),
        ({"given": ["anti_nausea"]}, ["anti_nausea"]),
        ({"given": ["pain_reliever", "anti_nausea"]}, ["anti_nausea", "pain_reliever"]),
        ({"given": ["none"]}, []),
    ],
)
def test_the_end_keeps_what_was_given_or_leaves_it_open(
    world: World, staff: Staff, typed: dict[str, Any], kept: list[str] | None
) -> None:
    browser, treatment = staff(), under_way(world)
    assert browser.post(url(treatment, "end"), typed).status_code == 303
    treatment.refresh_from_db()
    assert (treatment.state, treatment.given) == ("recovering", kept)
    assert browser.post(url(treatment, "end"), typed).status_code == 303
    events = AuditEvent.objects.filter(action="given_recorded")
    assert [event.facts for event in events] == ([] if kept is None else [{"given": kept, "was": None}])


def test_the_end_asks_in_words_and_only_while_nobody_has_said(world: World, staff: Staff) -> None:
    browser, treatment = staff(), under_way(world)
    text = words(browser.get(url(treatment, "end")))
    for flag in GIVEN_FLAGS.values():
        assert flag.label in text
    browser.post(url(treatment), {"given": "anti_nausea", "seen": 0})
    assert "What else was given?" not in words(browser.get(url(treatment, "end")))
    assert browser.post(url(treatment, "end")).status_code == 303
    assert given_of(treatment) == ["anti_nausea"]


def test_an_end_that_says_something_else_than_a_colleague_just_did_is_a_conflict(world: World, staff: Staff) -> None:
    treatment, first, second = under_way(world), staff(), staff(Role.CLINICIAN)
    first.post(url(treatment), {"given": "anti_nausea", "seen": 0})
    assert treatment.started_at
    typed_time = f"{treatment.started_at.astimezone(NEW_YORK) + timedelta(minutes=3):%Y-%m-%dT%H:%M}"
    response = second.post(url(treatment, "end"), {"given": "none", "ended_at": typed_time})
    assert response.status_code == 409
    assert "said meanwhile what was given." in words(response)
    assert "The treatment is not ended yet." in words(response)
    assert "On record: Anti-sickness medicine." in words(response)
    assert typed_time in response.content.decode()
    assert ticked(response) == {"none"}
    treatment.refresh_from_db()
    assert (treatment.state, treatment.given) == ("in_treatment", ["anti_nausea"])
    again = {"given": "none", "ended_at": typed_time, "seen": seen(response)}
    assert second.post(url(treatment, "end"), again).status_code == 303
    treatment.refresh_from_db()
    assert (treatment.state, treatment.given) == ("recovering", [])


def test_an_end_that_says_the_same_as_a_colleague_just_did_is_no_conflict(world: World, staff: Staff) -> None:
    treatment, first, second = under_way(world), staff(), staff(Role.CLINICIAN)
    first.post(url(treatment), {"given": "anti_nausea", "seen": 0})
    assert second.post(url(treatment, "end"), {"given": "anti_nausea"}).status_code == 303
    assert given_of(treatment) == ["anti_nausea"]


@pytest.mark.parametrize("given", [["nothing"], ["none", "calming"], ["\0"], ["🌿"], ["x" * 5000], ["diabetes"]])
@pytest.mark.parametrize("act", ["end", "given"])
def test_what_cannot_be_given_is_told_and_nothing_happens(
    world: World, staff: Staff, act: str, given: list[str]
) -> None:
    treatment = under_way(world)
    response = staff().post(url(treatment, act), {"given": ["pain_reliever", *given], "seen": 0})
    assert (response.status_code, title(response)) == (422, "Error: Visit")
    assert 'href="#id_given"' in response.content.decode()
    assert "pain_reliever" in ticked(response)
    treatment.refresh_from_db()
    assert (treatment.state, treatment.given) == ("in_treatment", None)


def test_a_wrong_time_keeps_what_was_ticked(world: World, staff: Staff) -> None:
    typed = {"given": "calming", "ended_at": "2099-01-01T10:00"}
    response = staff().post(url(under_way(world), "end"), typed)
    assert (response.status_code, ticked(response)) == (422, {"calming"})


@pytest.mark.parametrize("role", [Role.NURSE, Role.CLINICIAN])
def test_it_is_said_later_put_right_and_opened_again(world: World, staff: Staff, role: Role) -> None:
    browser, treatment = staff(role), left(world)
    mark = "0"
    for tick, kept in (("anti_nausea", ["anti_nausea"]), ("none", []), (None, None)):
        typed = {"seen": mark} | ({"given": tick} if tick else {})
        assert browser.post(url(treatment), typed).status_code == 303
        assert given_of(treatment) == kept
        mark = seen(browser.get(url(treatment)))
    facts = [event.facts for event in AuditEvent.objects.filter(action="given_recorded").order_by("pk")]
    assert facts == [
        {"given": ["anti_nausea"], "was": None},
        {"given": [], "was": ["anti_nausea"]},
        {"given": None, "was": []},
    ]


def test_the_later_of_two_reads_what_came_in_between_and_loses_no_tick(world: World, staff: Staff) -> None:
    treatment, first, second = left(world), staff(), staff(Role.CLINICIAN)
    first.post(url(treatment), {"given": "anti_nausea", "seen": 0})
    response = second.post(url(treatment), {"given": "calming", "seen": 0})
    assert (response.status_code, title(response)) == (409, "Error: Visit")
    assert "Sam Lindqvist said meanwhile what was given. That was at" in words(response)
    assert "On record: Anti-sickness medicine" in words(response)
    assert ticked(response) == {"calming"}
    assert second.post(url(treatment), {"given": "calming", "seen": seen(response)}).status_code == 303
    assert given_of(treatment) == ["calming"]


def test_a_second_tap_of_the_same_person_is_no_conflict(world: World, staff: Staff) -> None:
    browser, treatment, typed = staff(), left(world), {"given": "calming", "seen": 0}
    assert [browser.post(url(treatment), typed).status_code for _ in range(2)] == [303, 303]
    assert acts().count() == 1


@pytest.mark.parametrize(
    "state", [TreatmentState.PLANNED, TreatmentState.CANCELLED, TreatmentState.CLOSED, TreatmentState.ENDED_BADLY]
)
def test_before_the_start_and_after_the_day_there_is_nothing_to_say(
    world: World, staff: Staff, state: TreatmentState
) -> None:
    reason = "stopped_early" if state == TreatmentState.ENDED_BADLY else ""
    treatment, browser = world.treatment(state, hour_zero=None, ended_badly_reason=reason), staff()
    assert browser.get(url(treatment)).status_code == 409
    assert browser.post(url(treatment), {"given": "calming", "seen": 0}).status_code == 409
    assert given_of(treatment) is None


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.MANAGER])
def test_who_does_not_treat_says_nothing_of_it(world: World, staff: Staff, role: Role) -> None:
    treatment = left(world)
    assert staff(role).get(url(treatment)).status_code == 403
    assert staff(role).post(url(treatment), {"given": "calming", "seen": 0}).status_code == 403
    assert given_of(treatment) is None


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (None, "Not said yet Note it"),
        ([], "Nothing Change"),
        (["calming", "anti_nausea"], "Anti-sickness medicine; Calming medicine Change"),
    ],
)
def test_the_patients_page_says_what_was_given(world: World, staff: Staff, given: list[str] | None, shown: str) -> None:
    left(world, given=given)
    assert f"What else was given: {shown} , what else" in words(staff().get(f"/staff/patients/{world.patient.pk}/"))


def test_of_an_earlier_visit_it_is_read_and_not_changed(world: World, staff: Staff) -> None:
    world.treatment(TreatmentState.CLOSED, hour_zero=timezone.now() - timedelta(days=9), given=["calming"])
    page = f"/staff/patients/{world.patient.pk}/"
    response = staff().get(page)
    assert "What else was given Calming medicine" in words(response)
    assert "/given/" not in response.content.decode()
    assert "Calming" not in words(staff(Role.FRONT_DESK).get(page))


@pytest.mark.parametrize(
    ("state", "part"),
    [
        (TreatmentState.PLANNED, ""),
        (TreatmentState.IN_TREATMENT, "during"),
        (TreatmentState.RECOVERING, "after"),
        (TreatmentState.DISCHARGED, ""),
    ],
)
def test_who_treats_reads_what_to_keep_in_mind_at_the_clinic(
    world: World, staff: Staff, state: TreatmentState, part: str
) -> None:
    world.treatment(state, hour_zero=timezone.now())
    page, points = f"/staff/patients/{world.patient.pk}/", world.version.document.clinic_points
    text, desk = words(staff().get(page)), words(staff(Role.FRONT_DESK).get(page))
    for name, lines in (("during", points.during), ("after", points.after)):
        assert lines
        assert [line for line in lines if (line in text) != (name == part)] == []
        assert [line for line in lines if line in desk] == []


def test_a_page_with_one_visit_costs_as_many_queries_as_one_with_three(world: World, staff: Staff) -> None:
    browser, counts = staff(), []
    left(world, given=["calming"])
    for days in (30, 60, 90):
        with CaptureQueriesContext(connection) as queries:
            browser.get(f"/staff/patients/{world.patient.pk}/")
        counts.append(len(queries))
        world.treatment(TreatmentState.CLOSED, hour_zero=timezone.now() - timedelta(days=days), given=[])
    assert counts[0] == counts[2]
