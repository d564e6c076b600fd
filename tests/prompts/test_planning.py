"""A treatment's prompts follow its hour 0: planned with it, moved with it, and what was sent stays."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import pytest

from accounts.models import AuditEvent, Channel
from accounts.services import set_emails, set_texts
from accounts.states import ChannelKind
from prompts.models import Prompt
from prompts.services import plan_treatment_prompts
from prompts.states import PromptState
from tests.world import HOUR_ZERO, World
from timeline.models import Treatment
from timeline.services import correct_hour_zero, end_treatment, start_treatment
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db

STARTED = HOUR_ZERO - timedelta(minutes=45)


@pytest.fixture
def ended(world: World) -> Treatment:
    """An IV treatment that has just ended, at 11 am."""
    treatment = world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=STARTED)
    start_treatment(treatment, by=world.nurse, at=STARTED)
    return end_treatment(treatment, by=world.nurse, at=HOUR_ZERO)


def plan() -> dict[str, datetime]:
    return dict(Prompt.objects.filter(state=PromptState.WAITING).order_by("due_at").values_list("step", "due_at"))


def mark_sent(step: str, at: datetime) -> None:
    Prompt.objects.filter(step=step).update(state=PromptState.SENT, sent_at=at, ended_at=at)


def test_the_plan_is_made_with_hour_zero(ended: Treatment) -> None:
    assert ended.plan_number == 1
    assert list(plan()) == ["home", "check_1", "snack", "bed", "morning", "wrap_up"]
    assert plan()["check_1"] == HOUR_ZERO + timedelta(hours=4)
    assert set(Prompt.objects.values_list("plan_number", flat=True)) == {1}


def test_nothing_is_planned_before_hour_zero(world: World) -> None:
    treatment = world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=STARTED)
    start_treatment(treatment, by=world.nurse, at=STARTED)
    assert plan() == {}


@pytest.mark.parametrize("agreed", [True, False])
def test_texts_are_planned_only_with_consent(world: World, agreed: bool) -> None:
    Channel.objects.create(
        clinic=world.clinic,
        patient=world.patient,
        kind=ChannelKind.SMS,
        address="+15550100177",
        consented_at=HOUR_ZERO if agreed else None,
    )
    treatment = world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=STARTED)
    start_treatment(treatment, by=world.nurse, at=STARTED)
    end_treatment(treatment, by=world.nurse, at=HOUR_ZERO)
    texts = list(Prompt.objects.filter(channel=ChannelKind.SMS).order_by("due_at").values_list("step", flat=True))
    assert texts == (["check_1", "morning"] if agreed else [])
    set_texts(world.patient, on=False, at=HOUR_ZERO)
    assert not Prompt.objects.filter(channel=ChannelKind.SMS).exists()


def test_a_correction_moves_what_waits_and_repeats_nothing_that_was_sent(world: World, ended: Treatment) -> None:
    at = HOUR_ZERO + timedelta(hours=4, minutes=20)
    mark_sent("home", HOUR_ZERO + timedelta(hours=2))
    mark_sent("check_1", HOUR_ZERO + timedelta(hours=4))
    correct_hour_zero(ended, hour_zero=HOUR_ZERO - timedelta(minutes=40), seen_plan=1, by=world.nurse, at=at)
    assert list(plan()) == ["snack", "bed", "morning", "wrap_up"]
    assert plan()["snack"] == HOUR_ZERO + timedelta(hours=6, minutes=20)
    assert set(Prompt.objects.filter(state=PromptState.WAITING).values_list("plan_number", flat=True)) == {2}
    assert Prompt.objects.filter(state=PromptState.SENT).count() == 2
    assert AuditEvent.objects.filter(action="hour_zero_corrected").count() == 1


def test_a_prompt_in_flight_or_of_unknown_fate_is_not_planned_again(world: World, ended: Treatment) -> None:
    at = HOUR_ZERO + timedelta(hours=4, minutes=1)
    Prompt.objects.filter(step="check_1").update(begun_at=at)
    Prompt.objects.filter(step="home").update(state=PromptState.UNKNOWN)
    correct_hour_zero(ended, hour_zero=HOUR_ZERO - timedelta(minutes=40), seen_plan=1, by=world.nurse, at=at)
    assert Prompt.objects.get(step="check_1").plan_number == 1
    assert Prompt.objects.get(step="home").state == PromptState.UNKNOWN
    assert "home" not in plan()


def test_what_a_correction_leaves_no_place_for_is_cancelled_and_may_come_back(world: World, ended: Treatment) -> None:
    at = HOUR_ZERO + timedelta(hours=1)
    correct_hour_zero(ended, hour_zero=HOUR_ZERO - timedelta(hours=5), seen_plan=1, by=world.nurse, at=at)
    dropped = Prompt.objects.get(step="home")
    assert (dropped.state, dropped.reason) == (PromptState.CANCELLED, "not in the plan")
    correct_hour_zero(ended, hour_zero=HOUR_ZERO, seen_plan=2, by=world.nurse, at=at)
    assert plan()["home"] == HOUR_ZERO + timedelta(hours=2)


def test_a_correction_is_made_by_who_saw_the_latest_plan(world: World, ended: Treatment) -> None:
    at = HOUR_ZERO + timedelta(hours=1)
    correct_hour_zero(ended, hour_zero=HOUR_ZERO - timedelta(minutes=10), seen_plan=1, by=world.nurse, at=at)
    with pytest.raises(Exception, match="Dana Reyes corrected hour 0 meanwhile"):
        correct_hour_zero(ended, hour_zero=HOUR_ZERO, seen_plan=1, by=world.nurse, at=at)
    assert ended.hour_zero == HOUR_ZERO - timedelta(minutes=10)


def test_a_correction_that_fails_leaves_plan_and_hour_zero_as_they_were(world: World, ended: Treatment) -> None:
    """The zone of the visit is one that no clock knows: the new plan can't be made."""
    before = plan()
    Treatment.objects.update(zone="Nowhere/Never")
    with pytest.raises(ZoneInfoNotFoundError):
        correct_hour_zero(ended, hour_zero=HOUR_ZERO - timedelta(hours=1), seen_plan=1, by=world.nurse, at=HOUR_ZERO)
    ended.refresh_from_db()
    assert (ended.hour_zero, plan()) == (HOUR_ZERO, before)


def test_a_plan_takes_few_statements(world: World, ended: Treatment, django_assert_max_num_queries: Any) -> None:
    """Lock and read, texts, one insert or one update, savepoints, the treatment and the audit line."""
    with django_assert_max_num_queries(16):
        correct_hour_zero(ended, hour_zero=HOUR_ZERO - timedelta(hours=1), seen_plan=1, by=world.nurse, at=HOUR_ZERO)


def reach(world: World, **consents: bool) -> None:
    """reach(sms=True, email=False): an address of each kind, agreed to or not."""
    for kind, agreed in consents.items():
        Channel.objects.create(
            clinic=world.clinic,
            patient=world.patient,
            kind=kind,
            address="+15550100177" if kind == ChannelKind.SMS else "maya@example.org",
            consented_at=HOUR_ZERO if agreed else None,
        )


def ways(treatment: Treatment) -> list[str]:
    """The channels of what the document wants to go out, in due order."""
    meant = [template.key for template in treatment.document.prompts if template.by_text]
    return list(Prompt.objects.filter(step__in=meant).order_by("due_at").values_list("channel", flat=True))


@pytest.mark.parametrize(
    ("consents", "way"),
    [
        ({"sms": True, "email": True}, "sms"),
        ({"sms": False, "email": True}, "email"),
        ({"email": True}, "email"),
        ({"email": False}, "in_app"),
        ({"sms": True, "email": False}, "sms"),
        ({}, "in_app"),
    ],
)
def test_what_goes_out_is_a_text_else_an_e_mail_else_in_the_app(
    world: World, consents: dict[str, bool], way: str
) -> None:
    reach(world, **consents)
    treatment = world.treatment(plan_number=1)
    plan_treatment_prompts(treatment, at=HOUR_ZERO)
    assert ways(treatment) == [way, way]
    others = Prompt.objects.exclude(channel__in=["sms", "email"]).count()
    assert others == (len(plan()) if way == "in_app" else len(plan()) - 2)


def test_the_budget_counts_texts_alone(world: World) -> None:
    """With one text spent, the next is a text and the one beyond the budget an e-mail."""
    reach(world, sms=True, email=True)
    treatment = world.treatment(plan_number=1)
    moment = HOUR_ZERO + timedelta(hours=1, minutes=1)
    world.prompt(treatment, step="earlier", due_at=moment, channel="sms", state=PromptState.SENT, sent_at=moment)
    plan_treatment_prompts(treatment, at=HOUR_ZERO)
    assert sorted(ways(treatment)) == ["email", "sms"]


def test_an_e_mail_that_left_takes_no_text_away(world: World) -> None:
    reach(world, sms=True, email=True)
    treatment = world.treatment(plan_number=1)
    moment = HOUR_ZERO + timedelta(hours=1, minutes=1)
    world.prompt(treatment, step="earlier", due_at=moment, channel="email", state=PromptState.SENT, sent_at=moment)
    plan_treatment_prompts(treatment, at=HOUR_ZERO)
    assert ways(treatment) == ["sms", "sms"]


def test_what_waits_follows_the_ways_that_are_open(world: World) -> None:
    reach(world, sms=True, email=True)
    treatment = world.treatment(plan_number=1)
    plan_treatment_prompts(treatment, at=HOUR_ZERO)
    seen = [ways(treatment)]
    for switch, on in ((set_texts, False), (set_emails, False), (set_emails, True), (set_texts, True)):
        switch(world.patient, on=on, at=HOUR_ZERO)
        seen.append(ways(treatment))
    assert seen == [["sms"] * 2, ["email"] * 2, ["in_app"] * 2, ["email"] * 2, ["sms"] * 2]


def test_what_is_on_its_way_stays_what_it_is(world: World) -> None:
    reach(world, email=True)
    treatment = world.treatment(plan_number=1)
    plan_treatment_prompts(treatment, at=HOUR_ZERO)
    first = Prompt.objects.filter(channel="email").order_by("due_at").first()
    assert first
    Prompt.objects.filter(pk=first.pk).update(begun_at=HOUR_ZERO)
    set_emails(world.patient, on=False, at=HOUR_ZERO)
    assert ways(treatment) == ["email", "in_app"]
