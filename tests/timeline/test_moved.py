"""A correction that moves what is shown is told on the day and the messages, for an hour; a small one, or none, is not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from prompts.queries import messages_page
from prompts.services import plan_treatment_prompts, take_fewer
from tests.world import HOUR_ZERO, World
from timeline.models import Treatment
from timeline.queries import today_page
from timeline.services import correct_hour_zero

pytestmark = pytest.mark.django_db

AT = HOUR_ZERO + timedelta(hours=3)
HALF_PAST = "Your times moved. They now count from 11:30 am."


@pytest.fixture
def visit(world: World) -> Treatment:
    treatment = world.treatment(
        plan_number=1,
        started_at=HOUR_ZERO - timedelta(minutes=45),
        started_by=world.nurse,
        ended_at=HOUR_ZERO,
        ended_by=world.nurse,
    )
    plan_treatment_prompts(treatment, at=HOUR_ZERO)
    return treatment


def told(world: World, minutes: float) -> set[str]:
    """What both pages say so long after AT."""
    at = AT + timedelta(minutes=minutes)
    return {today_page(world.patient, at).moved, messages_page(world.patient, at).moved}


@pytest.mark.parametrize(
    ("moves", "words"),
    [([30], HALF_PAST), ([15], ""), ([10, 30], HALF_PAST), ([30, 0], ""), ([-16], HALF_PAST.replace("11:30", "10:44"))],
)
def test_times_that_moved_by_more_than_a_quarter_of_an_hour_are_told_for_an_hour(
    world: World, visit: Treatment, moves: Sequence[int], words: str
) -> None:
    assert told(world, 0) == {""}
    for number, minutes in enumerate(moves, start=1):
        hour_zero = HOUR_ZERO + timedelta(minutes=minutes)
        correct_hour_zero(visit, hour_zero=hour_zero, seen_plan=number, by=world.nurse, at=AT)
    assert told(world, 1) == {words}
    take_fewer(world.patient, on=True, at=AT + timedelta(minutes=50))  # a plan made anew is no correction
    assert told(world, 59) == {words}
    assert told(world, 60) == {""}
