"""The two-week questions in the weeks after a visit: when they come, help at once, and an alert where the sum went up a lot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Alert
from alerts.states import Cause
from checkin.models import Questionnaire
from checkin.queries import due_now
from checkin.questionnaires import next_due_at
from checkin.services import record_questionnaire
from tests.checkin.pages import where
from tests.checkin.test_two_weeks import filled
from tests.clinic.pages import words
from tests.world import World
from timeline.levels import Level
from timeline.models import SetUpStep, Treatment
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
INTRO, PHQ, GAD = "/two-weeks/", "/two-weeks/1/", "/two-weeks/2/"


@pytest.fixture
def visit(world: World) -> Treatment:
    """Twenty days ago, so that the full ones are due."""
    return world.treatment(TreatmentState.CLOSED, hour_zero=timezone.now() - timedelta(days=20))


def answered(world: World, kind: str, *answers: int, days_ago: float) -> None:
    at = timezone.now() - timedelta(days=days_ago)
    record_questionnaire(world.patient, key=uuid4(), kind=kind, answers=answers, treatment=None, at=at)


def test_both_are_answered_and_it_ends_kindly_with_the_next_day(phone: Client, visit: Treatment) -> None:
    assert f'href="{PHQ}">Begin' in phone.get(INTRO).content.decode()
    assert where(phone.post(PHQ, filled(phone.get(PHQ), 1, 2, 0, 3, 1, 0, 2, 0, 0))) == GAD
    assert f'href="{GAD}">Go on' in phone.get(INTRO).content.decode()
    assert where(phone.post(GAD, filled(phone.get(GAD), *[1] * 7))) == INTRO
    text = words(phone.get(INTRO))
    assert "That is all for now" in text and "The next questions open on" in text
    assert set(Questionnaire.objects.values_list("kind", "treatment")) == {("phq9", visit.pk), ("gad7", visit.pk)}
    assert not SetUpStep.objects.exists() and not Alert.objects.exists()
    assert "/set-up/" not in phone.get(INTRO).content.decode()


@pytest.mark.parametrize("address", [PHQ, GAD])
def test_the_pages_lead_back_to_the_day_and_not_to_the_set_up(phone: Client, visit: Treatment, address: str) -> None:
    html = phone.get(address).content.decode()
    assert f'action="{address}"' in html and "/set-up/" not in html


def test_the_short_ones_come_in_the_weeks_between(phone: Client, world: World, visit: Treatment) -> None:
    answered(world, "phq9", *[1] * 8, 0, days_ago=8)
    answered(world, "gad7", *[1] * 7, days_ago=8)
    assert "It takes a minute." in words(phone.get(INTRO))
    assert where(phone.post(PHQ, filled(phone.get(PHQ), 1, 0))) == GAD
    assert where(phone.post(GAD, filled(phone.get(GAD), 1, 0))) == INTRO
    assert list(Questionnaire.objects.order_by("answered_at").values_list("kind", flat=True))[2:] == ["phq2", "gad2"]


@pytest.mark.parametrize("hours", [0, 23, 25, 47])
def test_within_two_days_of_a_treatment_nothing_is_asked(phone: Client, world: World, hours: int) -> None:
    world.treatment(TreatmentState.DISCHARGED, hour_zero=timezone.now() - timedelta(hours=hours))
    text = words(phone.get(INTRO))
    assert "Nothing to answer now" in text and "The next questions open" in text
    assert where(phone.get(PHQ)) == INTRO


@pytest.mark.parametrize(
    ("state", "hours"),
    [
        (TreatmentState.IN_TREATMENT, None),
        (TreatmentState.ENDED_BADLY, None),
        (TreatmentState.IN_TREATMENT, 50),
        (TreatmentState.RECOVERING, 50),
    ],
)
def test_while_a_visit_goes_on_nothing_is_asked(
    phone: Client, world: World, visit: Treatment, state: TreatmentState, hours: int | None
) -> None:
    assert due_now(world.patient, timezone.now())
    at = timezone.now()
    began = {"started_at": at - timedelta(hours=hours or 1), "started_by": world.nurse}
    world.treatment(state, hour_zero=at - timedelta(hours=hours) if hours else None, **began)
    assert due_now(world.patient, at) == ()
    assert where(phone.get(PHQ)) == INTRO and "Nothing to answer now" in words(phone.get(INTRO))


def test_before_any_visit_it_says_so(phone: Client, world: World) -> None:
    assert "The questions come with your visits." in words(phone.get(INTRO))


@pytest.mark.parametrize("answer", [1, 3])
def test_item_9_is_an_alert_and_help_at_once(phone: Client, visit: Treatment, answer: int) -> None:
    address = where(phone.post(PHQ, filled(phone.get(PHQ), *[0] * 8, answer)))
    alert = Alert.objects.get()
    assert (alert.level, alert.cause, alert.treatment_id) == (Level.CRISIS, Cause.QUESTIONNAIRE, visit.pk)
    page = phone.get(address)
    html, text = page.content.decode(), words(page)
    assert "988 now" in text and f'href="{GAD}">Go on with the questions' in html
    assert "/set-up/" not in html and "Back to my day" in text


def test_item_9_is_acted_on_while_others_are_missing(phone: Client, visit: Treatment) -> None:
    response = phone.post(PHQ, filled(phone.get(PHQ), *[0] * 7, None, 2))
    assert response.status_code == 422 and "988 now" in words(response)
    assert Alert.objects.get().level == Level.CRISIS


@pytest.mark.parametrize(("now", "raises"), [(13, True), (12, False)])
def test_a_sum_five_above_the_last_one_is_an_alert_for_today(
    phone: Client, world: World, visit: Treatment, now: int, raises: bool
) -> None:
    answered(world, "phq9", *[1] * 8, 0, days_ago=15)
    given = [2] * (now - 8) + [1] * (16 - now)
    for _ in range(2):
        phone.post(PHQ, filled(phone.get(PHQ), *given, 0) | {"kind": "phq9"})
    told: list[Any] = list(Alert.objects.values_list("cause", "level", "reasons", "rules"))
    reason = ["PHQ-9 went up by 5 or more"]
    assert told == ([(Cause.TREND, Level.CALL_TODAY, reason, ["T2"])] if raises else [])


def test_a_slip_that_is_put_right_in_one_sitting_is_no_rise(phone: Client, visit: Treatment) -> None:
    form = filled(phone.get(PHQ), *[0] * 9)
    phone.post(PHQ, form)
    phone.post(PHQ, form | {f"q{number}": "2" for number in range(1, 9)})
    assert Questionnaire.objects.count() == 2 and not Alert.objects.exists()


AT = datetime(2026, 11, 28, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zero", "full", "short", "expected"),
    [
        (20, 3, None, 4),  # the short one, a week after
        (20, 10, 3, 4),  # two weeks after the full one is as near as a week after the short one
        (20, 8, 1, 6),
        (70, 25, 3, 4),
        (70, 25, 1, 5),  # monthly after eight weeks
        (0.5, 10, 3, 4),
        (0.5, 20, None, 1.5),  # two days after it
    ],
)
def test_the_next_day_is_the_first_on_which_something_is_due(
    zero: float, full: float, short: float | None, expected: float
) -> None:
    def ago(days: float) -> datetime:
        return AT - timedelta(days=days)

    said = {kind: ago(full) for kind in ("phq9", "gad7")}
    said |= {kind: ago(short) for kind in ("phq2", "gad2")} if short else {}
    found = next_due_at(hour_zeros=[ago(zero)], answered=said, at=AT)
    assert found == AT + timedelta(days=expected)


def test_before_the_first_treatment_there_is_no_next_day() -> None:
    assert next_due_at(hour_zeros=[], answered={"phq9": AT - timedelta(days=1)}, at=AT) is None
