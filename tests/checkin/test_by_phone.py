"""A check-in that staff take by phone: the same questions, in the name of who asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from accounts.models import AuditEvent
from accounts.states import Role
from alerts.models import Alert
from checkin.models import CheckIn
from checkin.queries import action_page
from checkin.queries.pages import own_paths
from checkin.services import begin_check_in, give_answer
from checkin.states import AnsweredBy, CheckInState, Moment
from clinic.queries.check_ins import check_in_page
from tests.checkin.pages import calm_tile, place, red_tile, shown, where
from tests.conftest import StaffClient
from tests.world import HOUR_ZERO, World
from timeline.levels import Level

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]


def page_of(world: World) -> str:
    return f"/staff/patients/{world.patient.pk}/check-in/"


def test_a_nurse_reads_out_every_question_to_the_end(world: World, staff: Staff) -> None:
    world.treatment()
    nurse = staff(Role.NURSE)
    page = shown(nurse.get(page_of(world)))
    answer = nurse.post(page_of(world), {"key": str(page.key), "answer": calm_tile(page)})
    for _ in range(12):
        if "/q/" not in where(answer):
            break
        address = where(answer)
        answer = nurse.post(address, {"answer": calm_tile(shown(nurse.get(address)))})
    check_in = CheckIn.objects.get()
    assert (check_in.state, check_in.answered_by, check_in.entered_by) == (
        CheckInState.DONE,
        AnsweredBy.STAFF,
        nurse.member,
    )
    assert AuditEvent.objects.filter(action="check_in_by_phone", actor=nurse.member.pk).count() == 1
    assert "Keep resting" in nurse.get(where(answer)).content.decode()
    assert f"/check-ins/{check_in.pk}/" in nurse.get(f"/staff/patients/{world.patient.pk}/").content.decode()


def test_a_red_flag_told_by_phone_is_an_alert_like_any_other(world: World, staff: Staff) -> None:
    nurse = staff(Role.NURSE)
    page = shown(nurse.get(page_of(world)))
    answer = nurse.post(page_of(world), {"key": str(page.key), "answer": red_tile(page)})
    told = nurse.get(where(answer)).content.decode()
    assert "Call 911" in told
    assert "An alert is with the people on duty" in told
    assert Alert.objects.count() == 1


def test_a_second_tap_is_the_first(world: World, staff: Staff) -> None:
    nurse, key = staff(Role.NURSE), str(uuid4())
    page = shown(nurse.get(page_of(world)))
    for _ in range(2):
        nurse.post(page_of(world), {"key": key, "answer": calm_tile(page)})
    assert CheckIn.objects.count() == 1


def test_nothing_picked_is_told(world: World, staff: Staff) -> None:
    page = staff(Role.CLINICIAN).post(page_of(world), {"key": str(uuid4())})
    assert page.status_code == 422
    assert b"Pick one answer" in page.content
    assert CheckIn.objects.count() == 0


def test_nobody_of_the_staff_changes_what_the_patient_answered(world: World, staff: Staff) -> None:
    nurse = staff(Role.NURSE)
    page = shown(nurse.get(page_of(world)))
    nurse.post(page_of(world), {"key": str(page.key), "answer": calm_tile(page)})
    CheckIn.objects.update(answered_by=AnsweredBy.PATIENT)
    address = f"/staff/patients/{world.patient.pk}/check-ins/{CheckIn.objects.get().pk}/"
    assert nurse.get(address).status_code == 200
    assert nurse.post(f"{address}q/{place(page)}/", {"answer": red_tile(page)}).status_code == 404


CALM = {"any_now": "none", "clear": "foggy", "stomach": "fine", "head": "none", "feeling": "calm"}


def answered(world: World, answers: dict[str, str], *, at: datetime) -> CheckIn:
    """By the patient, on the day of the visit, without a word to staff."""
    check_in = begin_check_in(
        world.patient,
        key=uuid4(),
        treatment=world.treatment(),
        moment=Moment.NOW,
        step="",
        answered_by=AnsweredBy.PATIENT,
        answered_at=at,
        at=at,
    )
    for question, answer in answers.items():
        give_answer(check_in, question=question, answer=answer, answered_at=at, at=at)
    check_in.refresh_from_db()
    return check_in


def told(check_in: CheckIn, *, at: datetime) -> tuple[Level, str]:
    page = check_in_page(check_in, paths=own_paths(), at=at)
    return action_page(check_in, at=at).level, page.words.heading if page.words else ""


def test_what_the_page_told_is_of_then_and_not_of_a_later_hour(world: World) -> None:
    """A fog that was common in hour 1 is none the next day; and nothing was told before the end."""
    check_in = answered(world, CALM, at=HOUR_ZERO + timedelta(hours=1))
    assert check_in.state == CheckInState.DONE
    assert told(check_in, at=HOUR_ZERO + timedelta(hours=20)) == (Level.URGENT, "Keep resting")
    for state in (CheckInState.OPEN, CheckInState.STOPPED):
        check_in.state = state
        assert told(check_in, at=HOUR_ZERO + timedelta(hours=1)) == (Level.ROUTINE, "")


def test_what_the_page_told_while_the_clinic_was_open_stands_when_it_has_closed(world: World) -> None:
    world.clinic.opening_hours, world.clinic.after_hours_phone = {"tue": ["08:00", "18:00"]}, ""
    world.clinic.save()
    world.patient.refresh_from_db()
    check_in = answered(world, {"any_now": "not_sure"}, at=HOUR_ZERO + timedelta(hours=1))
    assert check_in.state == CheckInState.OPEN
    late = HOUR_ZERO + timedelta(hours=9)
    assert action_page(check_in, at=late).words.heading == "Go to urgent care now"
    assert told(check_in, at=late) == (Level.URGENT, "Call the clinic now")
    check_in.patient.history = ["pregnant"]
    # What is on record since would have said more: nobody knows the words of then.
    assert told(check_in, at=late) == (Level.EMERGENCY, "")
