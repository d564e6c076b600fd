"""What is missing of the set-up, on the board and on the patient's page; and the totals of the two-week questions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Escort, Patient
from accounts.states import Role
from checkin.services import record_questionnaire
from clinic.queries.board import today_board
from clinic.queries.set_up import SetUpLine, set_up_line
from tests.clinic.pages import words
from tests.conftest import StaffClient
from tests.world import HOUR_ZERO, World
from timeline.models import Treatment
from timeline.queries import with_set_up
from timeline.services import agree, finish_part, take_back
from timeline.set_up import PARTS
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
Staff = Callable[..., StaffClient]
# A moment of the clinic's day at which no part of the day is over before it began.
NOON = datetime(2026, 12, 3, 17, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")


def line(world: World, at: datetime = NOON) -> SetUpLine | None:
    (visit,) = with_set_up(Treatment.objects.select_related("patient"))
    return set_up_line(visit, zone=NEW_YORK, at=at)


def test_it_counts_what_is_needed_and_names_what_is_missing(world: World) -> None:
    visit = world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=NOON + timedelta(days=2))
    needed = [part.key for part in PARTS if part.is_needed]
    assert line(world) == SetUpLine(
        "0 of 8",
        "their consent, how to reach them, their clock, who drives, where they are tonight, facts about them, food and "
        "pills read, home list",
        "their consent, how to reach them, their clock and 5 more",
        is_hot=False,
    )
    for key in needed[:3]:
        finish_part(visit, key, at=NOON)
    # Not needed, and noted by staff: the one counts for nothing, the other like a part that was done.
    finish_part(visit, "look", at=NOON)
    Escort.objects.create(clinic=world.clinic, patient=world.patient, name="Jo", task=Escort.Task.DRIVES)
    Treatment.objects.update(is_alone_tonight=True)
    Patient.objects.update(history=[])
    assert line(world) == SetUpLine(
        "6 of 8", "food and pills read, home list", "food and pills read, home list", is_hot=False
    )
    for key in needed:
        finish_part(visit, key, at=NOON)
    assert line(world) == SetUpLine("8 of 8", "", "", is_hot=False)


@pytest.mark.parametrize(
    ("planned_for", "is_hot"),
    [
        (datetime(2026, 12, 4, 4, 59, tzinfo=UTC), True),
        # Midnight by the clinic's clock.
        (datetime(2026, 12, 4, 5, 0, tzinfo=UTC), False),
        (datetime(2026, 12, 2, 17, 0, tzinfo=UTC), True),
    ],
)
def test_it_is_red_only_on_the_day(world: World, planned_for: datetime, is_hot: bool) -> None:
    world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=planned_for)
    found = line(world)
    assert found and found.is_hot is is_hot


def test_a_consent_that_was_taken_back_is_said_so_and_is_not_missing(world: World) -> None:
    visit = world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=NOON + timedelta(days=2))
    agree(visit, world.patient, at=NOON)
    take_back(visit, world.patient, at=NOON)
    found = line(world)
    assert found and (found.done, found.taken_back) == ("0 of 8", "noon")
    assert found.missing.startswith("how to reach them")
    agree(visit, world.patient, at=NOON)
    found = line(world)
    assert found and (found.done, found.taken_back) == ("1 of 8", "")


def test_a_visit_that_has_begun_has_none(world: World) -> None:
    world.treatment()
    assert line(world) is None


@pytest.mark.parametrize("role", list(Role))
def test_the_board_and_the_patients_page_show_it_to_all_staff(world: World, staff: Staff, role: Role) -> None:
    world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now() - timedelta(minutes=5))
    browser = staff(role)
    for address in ("/staff/", f"/staff/patients/{world.patient.pk}/"):
        page = browser.get(address)
        assert "Set-up: 0 of 8 Missing: their consent, how to reach them" in words(page)
        assert '<span class="tag tag--urgent">Set-up: 0 of 8</span>' in page.content.decode()


def test_the_board_asks_as_often_for_three_as_for_one(world: World) -> None:
    at, counts = timezone.now(), []
    for number in range(3):
        world.patient = Patient.objects.create(
            clinic=world.clinic, first_name="A", last_name="B", record_number=f"N-{number}",
            born_on=world.patient.born_on, zone=world.patient.zone, created_at=HOUR_ZERO,
        )  # fmt: skip
        finish_part(world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=at), "agree", at=at)
        with CaptureQueriesContext(connection) as queries:
            today_board(world.clinic, at)
        counts.append(len(queries))
    assert counts[0] == counts[2] <= 8


def test_those_who_treat_read_a_sum_and_a_day_and_nobody_reads_an_answer(world: World, staff: Staff) -> None:
    world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now() + timedelta(days=2))
    at = timezone.now() - timedelta(days=1)
    for kind, answers in (("phq9", [2] * 7 + [0, 0]), ("gad7", [1] * 7)):
        record_questionnaire(world.patient, key=uuid4(), kind=kind, answers=answers, treatment=None, at=at)
    for role in (Role.NURSE, Role.CLINICIAN, Role.FRONT_DESK, Role.MANAGER):
        page = words(staff(role).get(f"/staff/patients/{world.patient.pk}/"))
        may_read = role in {Role.NURSE, Role.CLINICIAN}
        assert ("PHQ-9: 14 of 27" in page and "GAD-7: 7 of 21" in page) is may_read
        assert "yesterday" in page or not may_read
        assert "More than half the days" not in page and "moderate" not in page
