"""Before a visit a patient reads how many messages will come, by which ways, and when none does."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Channel, Patient
from prompts.models import MessageChoice, Prompt
from prompts.queries import foreseen_line
from prompts.services import plan_treatment_prompts
from tests.clinic.pages import words
from tests.world import NEW_YORK, World
from timeline.models import Treatment
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
NUMBERS = ("no", "one", "two", "three", "four", "five", "six")


@pytest.fixture
def visit(world: World) -> Treatment:
    """At 11 in the morning, in two days."""
    at = (timezone.now() + timedelta(days=2)).astimezone(NEW_YORK).replace(hour=11, minute=0, second=0, microsecond=0)
    return world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=at)


def says_yes(world: World, *kinds: str) -> None:
    for kind in kinds:
        Channel.objects.create(
            clinic=world.clinic, patient=world.patient, kind=kind, address="x", consented_at=timezone.now()
        )


@pytest.mark.parametrize(
    ("kinds", "first", "said"),
    [
        ((), "", "all here in the app"),
        (("sms",), "", "two as texts"),
        (("email",), "", "two as e-mails"),
        (("sms", "email"), "", "two as texts"),
        (("sms", "push"), "", "all as notes on your phone"),
        (("sms", "push"), "in_app", "all here in the app"),
    ],
)
def test_it_is_what_the_planner_will_plan(
    world: World, visit: Treatment, kinds: tuple[str, ...], first: str, said: str
) -> None:
    says_yes(world, *kinds)
    MessageChoice.objects.create(clinic=world.clinic, patient=world.patient, first_way=first)
    line = foreseen_line(visit, world.patient)
    visit.hour_zero = visit.planned_for
    rows = plan_treatment_prompts(visit, at=visit.planned_for)
    assert line == f"About {NUMBERS[len(rows)]} messages, {said}. None from 9 pm to 8 am."


def test_it_follows_the_patients_own_quiet_hours_and_the_wish_for_fewer(world: World, visit: Treatment) -> None:
    usual = foreseen_line(visit, world.patient)
    MessageChoice.objects.create(clinic=world.clinic, patient=world.patient, is_fewer=True)
    Patient.objects.update(quiet_starts_at=time(20, 30), quiet_ends_at=time(9))
    world.patient.refresh_from_db()
    line = foreseen_line(visit, world.patient)
    assert line.endswith("None from 8:30 pm to 9 am.") and line[:10] != usual[:10]


def test_it_stands_on_both_pages_before_the_visit_and_writes_nothing(
    set_up_phone: Client, world: World, visit: Treatment
) -> None:
    for page in ("/set-up/", "/set-up/reach/"):
        assert "messages, all here in the app. None from 9 pm to 8 am." in words(set_up_phone.get(page))
    assert not Prompt.objects.exists()
