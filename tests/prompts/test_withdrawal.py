"""A yes to the app that is taken back: nothing that we send by ourselves leaves any more; a new yes plans what is ahead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Channel, Patient, Token
from accounts.services import record_consent
from accounts.states import ChannelKind, ConsentKind, ConsentWay, TokenKind
from alerts.models import Alert
from checkin.models import SilentStep
from checkin.services import follow_silence
from checkin.states import SilentStage
from prompts.models import Prompt
from prompts.queries.foreseen import foreseen_line
from prompts.services import plan_treatment_prompts, send_asked_for
from prompts.services.asked import Kind
from prompts.services.rows import Ending, claimed, complete
from prompts.states import PromptState, Reason
from tests.world import HOUR_ZERO, World
from timeline.models import Treatment
from timeline.services import agree, correct_hour_zero, take_back
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db

AT = HOUR_ZERO + timedelta(hours=1)
PLAN = ["home", "check_1", "snack", "bed", "morning", "wrap_up"]
WAITING, SENT, CANCELLED = PromptState.WAITING, PromptState.SENT, PromptState.CANCELLED
# What we send by ourselves; and what somebody waits for.
OURS: Sequence[Kind] = ("set_up", "nudge")
THEIRS: Sequence[Kind] = ("code", "invitation", "test")


@pytest.fixture
def visit(world: World) -> Treatment:
    """Hour 0 was 11 am. The patient said yes, gets texts, and has one of each message that is of no plan."""
    Channel.objects.create(
        clinic=world.clinic, patient=world.patient, kind=ChannelKind.SMS, address="+12125550177", consented_at=HOUR_ZERO
    )
    treatment = planned(world)
    agree(treatment, world.patient, at=HOUR_ZERO)
    world.prompt(treatment, step="log", due_at=AT, kind="log", channel=ChannelKind.SMS)
    Prompt.objects.filter(step="log").update(treatment=None, asked_on=date(2026, 11, 24))
    for kind in (*OURS, *THEIRS):
        asked_for(world, kind)
    return treatment


def planned(world: World) -> Treatment:
    treatment = world.treatment(
        plan_number=1, started_at=HOUR_ZERO, started_by=world.nurse, ended_at=HOUR_ZERO, ended_by=world.nurse
    )
    plan_treatment_prompts(treatment, at=HOUR_ZERO)
    return treatment


def asked_for(world: World, kind: Kind) -> None:
    token = Token.objects.create(
        kind=TokenKind.TEST_NOTE,
        hash=uuid4().hex,
        clinic=world.clinic,
        subject=world.patient.pk,
        expires_at=AT + timedelta(hours=2),
    )
    send_asked_for(world.patient, token=token, kind=kind, channel=Channel.objects.get(), at=AT)


@pytest.fixture
def beside(world: World) -> Treatment:
    """Another patient of the same clinic, on the same day."""
    maya = world.patient
    world.patient = Patient.objects.create(
        clinic=world.clinic,
        first_name="Jonas",
        last_name="Weber",
        record_number="B-2",
        born_on=date(1988, 1, 2),
        zone=maya.zone,
        created_at=HOUR_ZERO,
    )
    treatment = planned(world)
    world.patient = maya
    return treatment


def steps(state: PromptState, patient: Patient) -> list[str]:
    return list(Prompt.objects.filter(state=state, patient=patient).order_by("pk").values_list("step", flat=True))


def test_nothing_that_we_send_by_ourselves_waits_any_more_and_what_they_wait_for_comes(
    world: World, visit: Treatment, beside: Treatment
) -> None:
    take_back(visit, world.patient, at=AT)
    assert steps(WAITING, world.patient) == [*THEIRS]
    ended = Prompt.objects.filter(state=CANCELLED)
    assert set(ended.values_list("step", flat=True)) == {*PLAN, "log", *OURS}
    assert set(ended.values_list("reason", "patient")) == {(Reason.WITHDRAWN, world.patient.pk)}
    assert steps(WAITING, beside.patient) == PLAN


def test_staff_who_set_or_correct_hour_0_after_it_plan_nothing(
    world: World, visit: Treatment, beside: Treatment
) -> None:
    take_back(visit, world.patient, at=AT)
    visit.refresh_from_db()
    for treatment in (visit, beside):
        correct_hour_zero(
            treatment,
            hour_zero=HOUR_ZERO,
            seen_plan=treatment.plan_number,
            by=world.nurse,
            at=AT + timedelta(minutes=5),
        )
    assert steps(WAITING, world.patient) == [*THEIRS]
    assert steps(WAITING, beside.patient) == PLAN


def test_a_new_yes_plans_what_is_ahead_and_a_first_one_plans_nothing_anew(world: World, visit: Treatment) -> None:
    visit.refresh_from_db()
    assert visit.plan_number == 1
    take_back(visit, world.patient, at=AT)
    agree(visit, world.patient, at=HOUR_ZERO + timedelta(hours=3, minutes=30))
    assert steps(WAITING, world.patient) == [*PLAN[1:], *THEIRS]  # the window of "home" is over
    visit.refresh_from_db()
    assert visit.plan_number == 3


def test_what_is_on_its_way_goes_by_no_next_way_until_they_say_yes_anew(world: World, visit: Treatment) -> None:
    """One comes back as not taken, one was taken; of one that has left, it may be said later that it was lost."""
    busy, taken, left = (Prompt.objects.get(step=step) for step in PLAN[:3])
    Prompt.objects.filter(pk__in=[busy.pk, taken.pk]).update(begun_at=AT)
    Prompt.objects.filter(pk=left.pk).update(state=SENT, sent_at=AT)
    take_back(visit, world.patient, at=AT)
    rows = claimed([busy.pk, taken.pk])
    complete([Ending(rows[busy.pk], WAITING, next_way="email"), Ending(rows[taken.pk], SENT)], begun=True)
    assert _now(busy, taken, left) == [
        (CANCELLED, Reason.WITHDRAWN),
        (SENT, Reason.WITHDRAWN),
        (SENT, Reason.WITHDRAWN),
    ]
    agree(visit, world.patient, at=AT + timedelta(minutes=1))
    assert _now(busy, taken, left) == [(WAITING, ""), (SENT, ""), (SENT, "")]


def _now(*prompts: Prompt) -> list[tuple[int, str]]:
    for prompt in prompts:
        prompt.refresh_from_db()
    return [(prompt.state, prompt.reason) for prompt in prompts]


def test_the_page_of_messages_says_why_none_comes_until_they_say_yes_anew(
    phone: Client, world: World, visit: Treatment
) -> None:
    said, now = "You took back your yes to this app.", timezone.now()
    Treatment.objects.update(hour_zero=now, ended_at=now, started_at=now)
    take_back(visit, world.patient, at=now)
    page = phone.get("/messages/").content.decode()
    assert said in page and "No more messages are planned" not in page
    link = f'<a href="{reverse("timeline:agree")}">You can say yes again</a>'
    assert link in page
    Treatment.objects.update(state=TreatmentState.CLOSED)
    page = phone.get("/messages/").content.decode()
    assert said in page and link not in page, "it would lead to no words that they could agree to"
    Treatment.objects.update(state=TreatmentState.RECOVERING)
    agree(visit, world.patient, at=now)
    assert said not in phone.get("/messages/").content.decode()


@pytest.mark.parametrize("was_asked", [True, False])
def test_nobody_is_nudged_after_it_and_staff_are_asked_in_its_place(
    world: World, visit: Treatment, was_asked: bool
) -> None:
    asked_at = HOUR_ZERO + timedelta(hours=4)
    Prompt.objects.exclude(step="check_1").delete()
    if was_asked:
        Prompt.objects.update(state=SENT, sent_at=asked_at)
    take_back(visit, world.patient, at=asked_at - timedelta(minutes=5))
    taken = [follow_silence(at=asked_at + timedelta(minutes=minutes)) for minutes in (-1, 29, 31, 32)]
    assert taken == [0, 0, 1, 0]
    assert SilentStep.objects.get().stage == SilentStage.STAFF and Alert.objects.count() == 1


def test_without_a_yes_no_page_promises_messages(world: World) -> None:
    visit = world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=HOUR_ZERO)
    assert foreseen_line(visit, world.patient).startswith("About ")
    record_consent(
        ConsentKind.APP, given=False, patient=world.patient, way=ConsentWay.SET_UP, by=world.patient, at=HOUR_ZERO
    )
    assert foreseen_line(visit, world.patient) == ""
