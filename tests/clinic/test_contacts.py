"""The call after a visit is due until the patient was reached, once; and the form that staff send themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.states import Role
from alerts.states import Tried
from clinic.models import BadEnd, ContactCall, Discharge, DischargeItem
from clinic.queries.alerts import alert_board
from clinic.queries.rems import REMS_FORM
from clinic.services import log_contact
from tests.clinic.alerts import BOARD, give_number
from tests.clinic.pages import title, words
from tests.clinic.rides import with_spravato
from tests.conftest import StaffClient
from tests.world import HOUR_ZERO, NEW_YORK, World, acts, make_staff
from timeline.models import Treatment
from timeline.services import close_finished
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]


def a_visit(world: World, *, hours: float = 25, **values: Any) -> Treatment:
    return world.treatment(TreatmentState.DISCHARGED, hour_zero=timezone.now() - timedelta(hours=hours), **values)


def a_discharge(world: World, treatment: Treatment, **values: Any) -> Discharge:
    at = treatment.hour_zero + timedelta(hours=2) if treatment.hour_zero else timezone.now()
    said = {"at": at, "by": world.nurse, "door": "word", **values}
    return Discharge.objects.create(clinic=world.clinic, treatment=treatment, **said)


def a_bad_end(world: World, treatment: Treatment, **values: Any) -> BadEnd:
    return BadEnd.objects.create(clinic=world.clinic, treatment=treatment, at=timezone.now(), by=world.nurse, **values)


def page_of(treatment: Treatment) -> str:
    return f"/staff/treatments/{treatment.pk}/called/"


def a_form(tried: str = "reached", **other: Any) -> dict[str, Any]:
    return {"tried": tried, "said": "Slept well.", "key": str(uuid4()), **other}


def due(world: World, at: datetime | None = None) -> list[str]:
    return [f"{call.why} {call.tried}".strip() for call in alert_board(world.clinic, at or timezone.now()).calls]


def test_what_was_agreed_at_the_door_comes_before_hour_24(world: World) -> None:
    at = timezone.now()
    treatment = a_visit(world, hours=20)
    a_discharge(world, treatment, next_contact_at=at - timedelta(minutes=30))
    [call] = alert_board(world.clinic, at).calls
    assert (call.why, call.late, call.treatment_id) == ("Next contact, as agreed", "30 min late", treatment.pk)


@pytest.mark.parametrize("state", [TreatmentState.CLOSED, TreatmentState.ENDED_BADLY])
def test_what_was_agreed_stays_due_when_the_visit_is_over(world: World, state: TreatmentState) -> None:
    treatment = a_visit(world)
    a_discharge(world, treatment, next_contact_at=timezone.now() - timedelta(hours=3))
    ends: dict[str, Any] = {"closed_at": timezone.now()}
    if state == TreatmentState.ENDED_BADLY:
        ends = {"ended_badly_at": timezone.now(), "ended_badly_by": world.nurse, "ended_badly_reason": "hospital"}
    Treatment.objects.filter(pk=treatment.pk).update(state=state, **ends)
    assert due(world) == ["Next contact, as agreed"]


def test_what_was_said_when_it_ended_badly_comes_before_what_was_agreed_at_the_door(world: World) -> None:
    at, treatment = timezone.now(), a_visit(world)
    a_discharge(world, treatment, next_contact_at=at + timedelta(days=3))
    end = a_bad_end(world, treatment, next_contact_at=at - timedelta(minutes=5))
    assert [call.late for call in alert_board(world.clinic, at).calls] == ["5 min late"]
    log_contact(treatment, tried=Tried.REACHED, said="", key=uuid4(), by=world.nurse, at=at)
    end.refresh_from_db()
    assert (end.called_at, end.called_by) == (at, world.nurse) and due(world) == []


def test_the_list_has_the_number_and_a_way_to_write_the_call_down(world: World, staff: Staff) -> None:
    give_number(world.patient)
    treatment = a_visit(world)
    response = staff().get(BOARD)
    assert "24 hours are over 212-555-0177" in words(response) and "1 h late" in words(response)
    assert f'href="{page_of(treatment)}"' in response.content.decode()


def test_a_call_that_reached_the_patient_leaves_the_list_and_says_who_and_when(world: World, staff: Staff) -> None:
    treatment, browser = a_visit(world), staff()
    discharge = a_discharge(world, treatment)
    assert browser.post(page_of(treatment), a_form()).status_code == 303
    discharge.refresh_from_db()
    assert due(world) == [] and discharge.called_by == browser.member and discharge.called_at
    text = words(browser.get(page_of(treatment)))
    assert "Reached the patient" in text and "Slept well." in text and "Write it down" not in text


def test_a_try_counts_and_the_call_stays_due(world: World, staff: Staff) -> None:
    treatment, browser = a_visit(world), staff()
    for tried in ("tried", "other"):
        browser.post(page_of(treatment), a_form(tried))
    assert due(world) == ["24 hours are over Tried 2 times"]
    assert a_discharge(world, treatment).called_at is None


def test_a_second_tap_is_the_first(world: World, staff: Staff) -> None:
    treatment, browser, form = a_visit(world), staff(), a_form()
    assert [browser.post(page_of(treatment), form).status_code for _ in range(2)] == [303, 303]
    assert ContactCall.objects.count() == 1
    assert [act.action for act in acts()] == ["contact_call_logged"]


def test_another_call_of_the_same_person_is_not_dropped_without_a_word(world: World, staff: Staff) -> None:
    treatment, browser = a_visit(world), staff()
    browser.post(page_of(treatment), a_form())
    response = browser.post(page_of(treatment), a_form(said="Has a headache"))
    assert response.status_code == 409 and 'value="Has a headache"' in response.content.decode()
    assert f"{browser.member} had reached them." in words(response) and "Slept well." in words(response)


def test_who_was_reached_before_the_visit_ended_badly_is_called_again(world: World) -> None:
    at, treatment = timezone.now(), a_visit(world, hours=20)
    a_discharge(world, treatment)
    log_contact(treatment, tried=Tried.REACHED, said="", key=uuid4(), by=world.nurse, at=at - timedelta(hours=1))
    assert due(world, at + timedelta(hours=5)) == []
    end = a_bad_end(world, treatment, next_contact_at=at + timedelta(hours=3))
    assert due(world, at + timedelta(hours=4)) == ["Next contact, as agreed"]
    log_contact(treatment, tried=Tried.REACHED, said="", key=uuid4(), by=world.nurse, at=at + timedelta(hours=4))
    end.refresh_from_db()
    assert due(world, at + timedelta(hours=5)) == [] and end.called_by == world.nurse


@pytest.mark.parametrize(("days", "listed"), [(2.5, ["24 hours are over"]), (8.5, [])])
def test_a_visit_that_nobody_discharged_keeps_its_call_when_it_is_closed(
    world: World, days: float, listed: list[str]
) -> None:
    at = timezone.now()
    treatment = world.treatment(TreatmentState.RECOVERING, hour_zero=at - timedelta(days=days))
    assert close_finished(at=at) == 1
    assert due(world, at) == listed
    if listed:
        log_contact(treatment, tried=Tried.REACHED, said="", key=uuid4(), by=world.nurse, at=at)
        assert due(world, at) == []


def test_who_comes_second_is_told_who_had_reached_them_and_keeps_what_was_typed(world: World, staff: Staff) -> None:
    treatment, other = a_visit(world), make_staff(world.clinic, Role.NURSE, name="Ann Cole")
    log_contact(treatment, tried=Tried.REACHED, said="", key=uuid4(), by=other, at=timezone.now())
    response = staff().post(page_of(treatment), a_form(said="Reads my line"))
    assert response.status_code == 409
    assert "Ann Cole had reached them. That was at" in words(response)
    assert 'value="Reads my line"' in response.content.decode()
    assert ContactCall.objects.count() == 1


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"tried": ""}, "Pick what came of the call."),
        ({"tried": "perhaps"}, "Pick what came of the call."),
        ({"said": "x" * 301}, "Make it shorter: 300 characters at most."),
        ({"said": "a\u202eb"}, "This holds a character that can't be shown."),
        ({"key": "x"}, "This page lost its place."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    world: World, staff: Staff, form: dict[str, str], said: str
) -> None:
    response = staff().post(page_of(a_visit(world)), a_form(**form))
    assert response.status_code == 422 and said in words(response).replace("’", "'")
    assert ContactCall.objects.count() == 0


def test_the_audit_line_holds_no_word_of_what_was_said(world: World, staff: Staff) -> None:
    staff().post(page_of(a_visit(world)), a_form(said="Feels low"))
    assert acts().get().facts == {"tried": "reached"}


def test_the_front_desk_writes_a_call_down_and_reads_none(world: World, staff: Staff) -> None:
    treatment, desk = a_visit(world), staff(Role.FRONT_DESK)
    desk.post(page_of(treatment), a_form("tried", said="Private words"))
    response = desk.get(page_of(treatment))
    assert "Tried, no answer" in words(response) and "Private words" not in words(response)
    assert "Private words" in words(staff().get(page_of(treatment)))
    assert title(response) == "Call"


def test_a_visit_without_hour_0_has_no_call(world: World, staff: Staff) -> None:
    treatment = world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now())
    response = staff().get(page_of(treatment))
    assert response.status_code == 409 and "No call is due after this visit." in words(response)


def test_the_database_keeps_a_call_as_it_was_written(world: World) -> None:
    log_contact(a_visit(world), tried=Tried.TRIED, said="", key=uuid4(), by=world.nurse, at=timezone.now())
    for change in (lambda: ContactCall.objects.update(said="x"), lambda: ContactCall.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


# The monitoring form of SPRAVATO: a reminder, never the form.


@pytest.fixture
def spravato(world: World) -> World:
    return with_spravato(world, at=HOUR_ZERO)


def sent_page(treatment: Treatment) -> str:
    return f"/staff/treatments/{treatment.pk}/form-sent/"


@pytest.mark.parametrize(
    ("at", "by", "late"),
    [
        ("2026-11-24T13:00", "Tue, Dec 1", ""),
        ("2026-12-01T23:30", "Tue, Dec 1", ""),
        ("2026-12-02T00:30", "Tue, Dec 1", "1 day late"),
        ("2026-12-04T09:00", "Tue, Dec 1", "3 days late"),
    ],
)
def test_a_form_is_due_seven_days_after_hour_0_by_the_clinics_clock(
    spravato: World, at: str, by: str, late: str
) -> None:
    spravato.treatment(TreatmentState.DISCHARGED, hour_zero=datetime(2026, 11, 24, 11, tzinfo=NEW_YORK))
    [form] = alert_board(spravato.clinic, datetime.fromisoformat(at).replace(tzinfo=NEW_YORK)).forms
    assert (form.by, form.late) == (by, late)


def test_an_infusion_asks_for_no_form(world: World, staff: Staff) -> None:
    treatment = a_visit(world)
    assert alert_board(world.clinic, timezone.now()).forms == ()
    assert staff().get(sent_page(treatment)).status_code == 409


def test_who_sent_it_ticks_it_off_and_it_never_says_that_we_sent_it(spravato: World, staff: Staff) -> None:
    treatment, desk = a_visit(spravato), staff(Role.FRONT_DESK)
    assert "Monitoring forms to send" in words(desk.get(BOARD))
    assert "Aftercare does not hold it and sends nothing." in words(desk.get(sent_page(treatment)))
    assert [desk.post(sent_page(treatment)).status_code for _ in range(2)] == [303, 303]
    assert alert_board(spravato.clinic, timezone.now()).forms == ()
    item = DischargeItem.objects.get()
    assert (item.key, item.done_by) == (REMS_FORM, desk.member)
    assert [act.action for act in acts()].count("rems_form_sent") == 1
    other = staff().post(sent_page(treatment))
    assert other.status_code == 409 and "Sam Lindqvist noted it." in words(other)
