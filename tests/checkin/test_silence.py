"""The silence ladder: who is asked when nobody answers at home, at bedtime or in the morning."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Channel, Clinic, Escort
from accounts.services import let_text, make_pickup_token, name_escort, record_consent
from accounts.states import ChannelKind, ConsentKind, ConsentWay
from alerts.models import Alert, AlertNotice
from alerts.states import AlertState, Cause
from checkin.models import SilentStep
from checkin.services import begin_check_in, follow_silence, give_answer
from checkin.silence import LISTENS_FOR, Climb, climb, moments
from checkin.states import AnsweredBy, Moment, SilentStage
from prompts.models import Prompt
from prompts.states import PromptState
from tests.world import NEW_YORK, World, iv_document
from timeline.levels import Level
from timeline.models import Treatment
from timeline.services import finish_part, open_part
from timeline.set_up import STAYER_COMES
from timeline.states import TreatmentState

ASKED = datetime(2026, 11, 24, 15, tzinfo=NEW_YORK).astimezone(UTC)
NIGHT = datetime(2026, 11, 24, 21, 30, tzinfo=NEW_YORK).astimezone(UTC)
MINUTE = timedelta(minutes=1)
NONE: frozenset[SilentStage] = frozenset()
NUDGED = frozenset({SilentStage.NUDGE})
ASKED_STAYER = NUDGED | {SilentStage.ESCORT}
NUDGE, ASK = Climb(SilentStage.NUDGE, Level.ROUTINE), Climb(SilentStage.ESCORT, Level.ROUTINE)
TODAY, NOW = Climb(SilentStage.STAFF, Level.CALL_TODAY), Climb(SilentStage.STAFF, Level.URGENT)


def test_a_protocol_says_which_check_ins_are_listened_for() -> None:
    found = moments(iv_document().prompts)
    assert found == {"check_1": Moment.HOME, "bed": Moment.BEDTIME, "morning": Moment.MORNING}
    first = next(each for each in iv_document().prompts if each.key == "check_1")
    later = replace(first, key="later", at_hours=9.0)
    assert moments((later, first)) == {"check_1": Moment.HOME, "later": Moment.SCHEDULED}


@pytest.mark.parametrize(
    ("minutes", "taken", "last", "is_night", "can_nudge", "can_ask", "expected"),
    [
        (29, NONE, Level.ROUTINE, False, True, False, None),
        (30, NONE, Level.ROUTINE, False, True, False, NUDGE),
        (30, NONE, Level.CALL_TODAY, False, True, False, NUDGE),
        (59, NUDGED, Level.ROUTINE, False, True, False, None),
        (60, NUDGED, Level.ROUTINE, False, True, False, TODAY),
        (59, NUDGED, Level.ROUTINE, False, True, True, None),
        (60, NUDGED, Level.ROUTINE, False, True, True, ASK),
        (60, NUDGED, Level.URGENT, False, True, True, NOW),
        (89, ASKED_STAYER, Level.ROUTINE, False, True, True, None),
        (89, ASKED_STAYER, Level.ROUTINE, True, True, False, None),
        (90, ASKED_STAYER, Level.ROUTINE, False, True, True, TODAY),
        (30, NONE, Level.ROUTINE, False, True, True, NUDGE),
        (30, NONE, Level.ROUTINE, True, True, True, TODAY),
        (29, NONE, Level.URGENT, False, True, False, None),
        (30, NONE, Level.URGENT, False, True, False, NOW),
        (30, NONE, Level.CRISIS, False, True, False, NOW),
        (30, NONE, Level.EMERGENCY, True, False, False, NOW),
        (30, NONE, Level.ROUTINE, True, True, False, TODAY),
        (30, NONE, Level.ROUTINE, False, False, False, TODAY),
        (45, frozenset({SilentStage.STAFF}), Level.ROUTINE, False, True, False, None),
        (90, frozenset({SilentStage.NUDGE, SilentStage.STAFF}), Level.URGENT, False, True, False, None),
        (LISTENS_FOR / MINUTE, NONE, Level.ROUTINE, False, True, False, NUDGE),
        (LISTENS_FOR / MINUTE + 1, NONE, Level.URGENT, False, True, False, None),
    ],
)
def test_each_step_has_its_time(
    *,
    minutes: float,
    taken: frozenset[SilentStage],
    last: Level,
    is_night: bool,
    can_nudge: bool,
    can_ask: bool,
    expected: Climb | None,
) -> None:
    at = ASKED + minutes * MINUTE
    found = climb(
        asked_at=ASKED,
        taken=taken,
        last_level=last,
        is_night=is_night,
        can_nudge=can_nudge,
        can_ask_stayer=can_ask,
        at=at,
    )
    assert found == expected


@pytest.fixture
def day(world: World) -> Treatment:
    """A visit with a check-in at home that was asked for, and a phone that takes texts."""
    Channel.objects.create(
        clinic=world.clinic, patient=world.patient, kind=ChannelKind.SMS, address="+15550100177", consented_at=ASKED
    )
    treatment = world.treatment(hour_zero=ASKED - timedelta(hours=4))
    asked(world, treatment, ASKED)
    return treatment


def asked(world: World, treatment: Treatment, at: datetime, step: str = "check_1") -> None:
    world.prompt(treatment, step=step, due_at=at, kind="check_in", asks=True, state=PromptState.SENT, sent_at=at)


def who_stays(world: World, treatment: Treatment, *, patient_says: bool, escort_says: bool) -> Escort:
    """Jo, who drives and stays, takes texts and has a link."""
    patient = world.patient
    jo = name_escort(
        patient, task=Escort.Task.DRIVES, name="Jo", phone="+15550100188", stays_too=True, by=patient, at=ASKED
    )
    make_pickup_token(jo, expires_at=timezone.now() + timedelta(days=900), by=None)
    let_text(jo, on=True, at=ASKED)
    finish_part(treatment, STAYER_COMES, at=ASKED)
    for kind, given, who in (
        (ConsentKind.ASK_STAYER, patient_says, None),
        (ConsentKind.ESCORT_ASKED, escort_says, jo),
    ):
        record_consent(
            kind, given=given, patient=patient, escort=who, way=ConsentWay.SET_UP, by=who or patient, at=ASKED
        )
    return jo


def answer(world: World, treatment: Treatment, tile: str, *, at: datetime) -> None:
    check_in = begin_check_in(
        world.patient,
        key=uuid4(),
        treatment=treatment,
        moment=Moment.HOME,
        step="",
        answered_by=AnsweredBy.PATIENT,
        answered_at=at,
        at=at,
    )
    give_answer(check_in, question="any_now", answer=tile, answered_at=at, at=at)


@pytest.mark.django_db
@pytest.mark.usefixtures("has_provider")
class TestTheLadder:
    def test_a_nudge_then_staff_and_each_once(self, world: World, day: Treatment) -> None:
        assert follow_silence(at=ASKED + 29 * MINUTE) == 0
        assert [follow_silence(at=ASKED + minutes * MINUTE) for minutes in (30, 31, 59)] == [1, 0, 0]
        nudge = Prompt.objects.exclude(token=None).get()
        assert (nudge.kind, nudge.channel, nudge.state) == ("nudge", ChannelKind.SMS, PromptState.WAITING)
        assert Alert.objects.count() == 0
        assert [follow_silence(at=ASKED + minutes * MINUTE) for minutes in (60, 61)] == [1, 0]
        alert = Alert.objects.get()
        assert (alert.cause, alert.level, alert.state) == (Cause.SILENCE, Level.CALL_TODAY, AlertState.OPEN)

    def test_a_nudge_is_over_when_the_quiet_hours_of_the_visit_begin(self, world: World, day: Treatment) -> None:
        Treatment.objects.update(quiet_starts_at=time(15, 50))
        follow_silence(at=ASKED + 30 * MINUTE)
        assert Prompt.objects.get(kind="nudge").window_ends_at == ASKED + 50 * MINUTE

    def test_an_answer_ends_it(self, world: World, day: Treatment) -> None:
        follow_silence(at=ASKED + 30 * MINUTE)
        answer(world, day, "none", at=ASKED + 40 * MINUTE)
        assert follow_silence(at=ASKED + 90 * MINUTE) == 0
        assert Alert.objects.count() == 0

    def test_somebody_who_just_said_how_they_are_is_not_silent(self, world: World, day: Treatment) -> None:
        answer(world, day, "none", at=ASKED - 20 * MINUTE)
        assert follow_silence(at=ASKED + 40 * MINUTE) == 0

    def test_after_an_urgent_answer_staff_come_in_place_of_the_nudge(self, world: World, day: Treatment) -> None:
        answer(world, day, "chest", at=ASKED - 50 * MINUTE)
        follow_silence(at=ASKED + 30 * MINUTE)
        assert not Prompt.objects.exclude(token=None).exists()
        alert = Alert.objects.get(cause=Cause.SILENCE)
        assert alert.level == Level.URGENT
        assert AlertNotice.objects.filter(alert=alert).exists()

    def test_at_night_no_text_leaves_and_people_on_duty_are_asked(self, world: World, day: Treatment) -> None:
        Prompt.objects.all().delete()
        asked(world, day, NIGHT - 40 * MINUTE, step="bed")
        follow_silence(at=NIGHT)
        assert not Prompt.objects.exclude(token=None).exists()
        assert Alert.objects.get().reasons == ["No answer to the check-in at bedtime."]
        assert list(SilentStep.objects.values_list("moment", "stage")) == [(Moment.BEDTIME, SilentStage.STAFF)]
        assert AlertNotice.objects.count() == 1

    def test_while_the_clinic_is_closed_somebody_on_duty_is_told_and_by_day_it_is_on_the_list(
        self, world: World, day: Treatment
    ) -> None:
        hours = {name: ["08:00", "18:00"] for name in ("mon", "tue", "wed", "thu", "fri")}
        Clinic.objects.update(opening_hours=hours)
        Channel.objects.update(stopped_at=ASKED)
        follow_silence(at=ASKED + 30 * MINUTE)
        assert AlertNotice.objects.count() == 0
        for rows in (SilentStep, Alert):
            rows.objects.all()._raw_delete("default")
        Prompt.objects.update(sent_at=ASKED + timedelta(hours=4))  # 7 pm
        follow_silence(at=ASKED + timedelta(hours=4, minutes=30))
        assert AlertNotice.objects.count() == 1

    def test_who_stays_is_asked_between_the_nudge_and_staff_where_both_agreed(
        self, world: World, day: Treatment
    ) -> None:
        jo = who_stays(world, day, patient_says=True, escort_says=True)
        assert [follow_silence(at=ASKED + minutes * MINUTE) for minutes in (30, 59, 60, 61, 89)] == [1, 0, 1, 0, 0]
        text = Prompt.objects.get(kind="escort")
        assert (text.address, text.token.subject if text.token else None) == (jo.phone, jo.pk)
        assert Alert.objects.count() == 0
        assert follow_silence(at=ASKED + 90 * MINUTE) == 1
        assert Alert.objects.get().level == Level.CALL_TODAY

    def test_a_yes_to_another_visit_is_none_to_this_one(self, world: World, day: Treatment) -> None:
        who_stays(world, day, patient_says=True, escort_says=True)
        open_part(day, STAYER_COMES)
        for minutes in (30, 60):
            follow_silence(at=ASKED + minutes * MINUTE)
        assert not Prompt.objects.filter(kind="escort").exists()
        assert Alert.objects.count() == 1

    @pytest.mark.parametrize(
        ("patient_says", "escort_says", "texts"), [(False, True, True), (True, False, True), (True, True, False)]
    )
    def test_without_both_yeses_and_a_way_to_text_staff_come_next(
        self, world: World, day: Treatment, *, patient_says: bool, escort_says: bool, texts: bool
    ) -> None:
        jo = who_stays(world, day, patient_says=patient_says, escort_says=escort_says)
        let_text(jo, on=texts, at=ASKED)
        for minutes in (30, 60):
            follow_silence(at=ASKED + minutes * MINUTE)
        assert not Prompt.objects.filter(kind="escort").exists()
        assert Alert.objects.count() == 1

    def test_without_a_way_to_text_it_is_staff_at_once(self, world: World, day: Treatment) -> None:
        Channel.objects.update(stopped_at=ASKED)
        follow_silence(at=ASKED + 30 * MINUTE)
        assert Alert.objects.get().level == Level.CALL_TODAY

    def test_what_nobody_of_the_staff_took_in_time_becomes_urgent(self, world: World, day: Treatment) -> None:
        for minutes in (30, 60):
            follow_silence(at=ASKED + minutes * MINUTE)
        alert = Alert.objects.get()
        follow_silence(at=alert.due_at - MINUTE)
        alert.refresh_from_db()
        assert alert.level == Level.CALL_TODAY
        follow_silence(at=alert.due_at)
        alert.refresh_from_db()
        assert (alert.level, alert.state) == (Level.URGENT, AlertState.OPEN)

    @pytest.mark.parametrize("state", [TreatmentState.ENDED_BADLY, TreatmentState.CLOSED])
    def test_a_visit_that_is_over_is_not_listened_to(self, world: World, day: Treatment, state: TreatmentState) -> None:
        changed = {"ended_badly_at": ASKED, "ended_badly_by": world.nurse} if state == "ended_badly" else {}
        Treatment.objects.update(state=state, closed_at=ASKED if state == TreatmentState.CLOSED else None, **changed)
        assert follow_silence(at=ASKED + 40 * MINUTE) == 0

    def test_a_check_in_that_nobody_listens_for_climbs_nowhere(self, world: World, day: Treatment) -> None:
        Prompt.objects.update(step="water")
        assert follow_silence(at=ASKED + 90 * MINUTE) == 0
