"""A check-in as a phone sees it: what is kept, what follows, and what is said when something is wrong."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Alert, AlertNotice
from alerts.states import AlertState, Cause
from checkin.models import Answer, CheckIn, Reading
from checkin.states import AnsweredBy, CheckInState, Moment
from tests.checkin.pages import START, begin, calm_tile, place, red_tile, shown, walk_calmly, where
from tests.world import World
from timeline.levels import RED, Level
from timeline.models import Treatment
from timeline.packs import read_triage
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
# Where the direct question stands.
DIRECT = read_triage().place_of("self_harm")


@pytest.fixture
def day(world: World) -> Treatment:
    """A visit at its fourth hour."""
    ended_at = timezone.now() - timedelta(hours=4)
    return world.treatment(
        hour_zero=ended_at,
        started_at=ended_at - timedelta(minutes=40),
        started_by=world.nurse,
        ended_at=ended_at,
        ended_by=world.nurse,
    )


def begun(phone: Client, answer: str) -> CheckIn:
    """The only check-in, by its first answer."""
    begin(phone, answer)
    return CheckIn.objects.get()


def test_looking_at_the_first_question_keeps_nothing(phone: Client, day: Treatment) -> None:
    page = phone.get(START)
    assert page.status_code == 200
    assert 2 <= len(shown(page).tiles) <= 5
    assert CheckIn.objects.count() == 0


def test_a_calm_check_in_takes_seven_taps_at_most_and_alerts_nobody(phone: Client, day: Treatment) -> None:
    page, taps = walk_calmly(phone)
    assert taps <= 7
    assert page.context["page"].level is Level.ROUTINE
    assert CheckIn.objects.get().state == CheckInState.DONE
    assert Alert.objects.count() == 0


def test_a_calm_check_in_with_the_direct_question_takes_seven_taps_at_most(
    world: World, phone: Client, day: Treatment
) -> None:
    world.prompt(day, step="check_1", due_at=timezone.now(), kind="check_in", state=1, sent_at=timezone.now())
    _, taps = walk_calmly(phone)
    check_in = CheckIn.objects.get()
    assert taps <= 7
    assert (check_in.moment, check_in.step, check_in.asks_directly) == (Moment.HOME, "check_1", True)
    assert "self_harm" in " ".join(Answer.objects.values_list("question", flat=True)) or check_in.asks_directly


def test_a_red_flag_goes_straight_to_what_to_do_and_is_with_staff(phone: Client, day: Treatment) -> None:
    answer = begin(phone, red_tile(shown(phone.get(START))))
    assert answer.status_code == 303 and answer.url.endswith("/now/")
    alert, reading = Alert.objects.get(), Reading.objects.get()
    assert (alert.state, alert.cause, alert.level) == (AlertState.OPEN, Cause.CHECK_IN, reading.level)
    assert AlertNotice.objects.filter(alert=alert).exists()
    page = phone.get(answer.url)
    assert page.status_code == 200
    assert b'href="tel:911"' in page.content
    assert page.context["page"].told is not None


@pytest.mark.parametrize("level", [Level.EMERGENCY, Level.URGENT])
def test_a_second_tap_is_the_first_and_leads_where_it_led(phone: Client, day: Treatment, level: Level) -> None:
    key, answer = str(uuid4()), red_tile(shown(phone.get(START)), level)
    first, second = begin(phone, answer, key=key), begin(phone, answer, key=key)
    assert first.url == second.url
    assert first.url.endswith("/now/")
    assert [model.objects.count() for model in (CheckIn, Answer, Reading, Alert)] == [1, 1, 1, 1]


def test_a_page_of_long_ago_that_is_answered_once_more_is_a_check_in_of_its_own(phone: Client, day: Treatment) -> None:
    key, answer = str(uuid4()), red_tile(shown(phone.get(START)))
    begin(phone, answer, key=key)
    CheckIn.objects.update(began_at=timezone.now() - timedelta(hours=2))
    begin(phone, answer, key=key)
    begin(phone, answer, key=key)
    assert [model.objects.count() for model in (CheckIn, Alert)] == [2, 2]


def test_a_corrected_answer_is_added_and_the_level_stays(phone: Client, day: Treatment) -> None:
    first = shown(phone.get(START))
    answer = begin(phone, red_tile(first))
    check_in = CheckIn.objects.get()
    corrected = phone.post(f"/check-in/{check_in.pk}/q/{place(first)}/", {"answer": calm_tile(first)})
    assert corrected.status_code == 303
    assert list(Answer.objects.order_by("number").values_list("number", "answer")) == [
        (1, red_tile(first)),
        (2, calm_tile(first)),
    ]
    assert phone.get(answer.url).context["page"].level in RED
    assert Alert.objects.get().state == AlertState.OPEN


def test_the_crisis_line_stays_on_the_page_after_a_correction(world: World, phone: Client, day: Treatment) -> None:
    world.prompt(day, step="check_1", due_at=timezone.now(), kind="check_in", state=1, sent_at=timezone.now())
    direct = f"/check-in/{begun(phone, calm_tile(shown(phone.get(START)))).pk}/q/{DIRECT}/"
    phone.post(direct, {"answer": "yes"})
    corrected = phone.post(direct, {"answer": "no"})
    page = phone.get(f"/check-in/{CheckIn.objects.get().pk}/now/").context["page"]
    assert corrected.status_code == 303
    assert page.level is Level.CRISIS
    assert [(call.kind, call.number) for call in page.words.calls][:2] == [("tel", "988"), ("sms", "988")]


def test_a_red_answer_to_a_page_that_another_answer_closed_meanwhile_is_kept(
    world: World, phone: Client, day: Treatment
) -> None:
    world.prompt(day, step="check_1", due_at=timezone.now(), kind="check_in", state=1, sent_at=timezone.now())
    first = shown(phone.get(START))
    check_in = begun(phone, calm_tile(first))
    phone.post(f"/check-in/{check_in.pk}/q/{place(first)}/", {"answer": red_tile(first)})
    # The direct question still stands open in another tab: an emergency asks no more, and yet this is said.
    answer = phone.post(f"/check-in/{check_in.pk}/q/{DIRECT}/", {"answer": "plan"})
    assert where(answer).endswith("/now/")
    assert Answer.objects.filter(question="self_harm", answer="plan").exists()
    assert "S2" in Alert.objects.get().rules
    assert "988" in [call.number for call in phone.get(where(answer)).context["page"].words.calls]


def test_what_is_said_anew_after_staff_closed_it_is_a_new_alert(world: World, phone: Client, day: Treatment) -> None:
    first = shown(phone.get(START))
    begin(phone, red_tile(first))
    at, check_in = timezone.now(), CheckIn.objects.get()
    Alert.objects.update(state=AlertState.CLOSED, closed_at=at, closed_by=world.nurse, closing="not_needed", done="x")
    address = f"/check-in/{check_in.pk}/q/{place(first)}/"
    phone.post(address, {"answer": calm_tile(first)})
    assert Alert.objects.exclude(state=AlertState.CLOSED).count() == 0
    phone.post(address, {"answer": red_tile(first)})
    assert Alert.objects.exclude(state=AlertState.CLOSED).count() == 1


@pytest.mark.parametrize("posted", [{}, {"answer": ""}, {"answer": "no such"}, {"answer": "x" * 9000}])
def test_a_missing_or_odd_answer_is_told_in_plain_words(phone: Client, day: Treatment, posted: dict[str, str]) -> None:
    page = phone.post(START, {"key": str(uuid4()), **posted})
    assert page.status_code == 422
    assert b"Pick one" in page.content
    assert b'href="tel:911"' in page.content
    assert CheckIn.objects.count() == 0


@pytest.mark.parametrize("key", ["", "x", "0" * 50])
def test_an_answer_without_a_key_asks_for_one_more_tap(phone: Client, day: Treatment, key: str) -> None:
    page = begin(phone, red_tile(shown(phone.get(START))), key=key)
    assert page.status_code == 422
    assert b"once more" in page.content
    assert isinstance(shown(page).key, UUID)


def test_another_persons_key_begins_nothing_of_theirs(phone: Client, world: World, day: Treatment) -> None:
    key, answer = uuid4(), red_tile(shown(phone.get(START)))
    begin(phone, answer, key=str(key))
    stranger = type(world.patient).objects.create(
        clinic=world.clinic,
        first_name="Ines",
        last_name="Vale",
        record_number="A-2",
        born_on=world.patient.born_on,
        zone=world.patient.zone,
        created_at=timezone.now(),
    )
    CheckIn.objects.update(patient=stranger)
    page = begin(phone, answer, key=str(key))
    assert page.status_code == 422
    assert CheckIn.objects.filter(patient=world.patient).count() == 0


@pytest.mark.parametrize("state", [TreatmentState.CLOSED, TreatmentState.ENDED_BADLY, TreatmentState.CANCELLED])
def test_a_visit_that_is_over_refuses_no_red_flag(world: World, phone: Client, state: TreatmentState) -> None:
    at = timezone.now()
    values: dict[TreatmentState, dict[str, Any]] = {
        TreatmentState.CLOSED: {"closed_at": at},
        TreatmentState.ENDED_BADLY: {
            "ended_badly_at": at,
            "ended_badly_by": world.nurse,
            "ended_badly_reason": "hospital",
        },
        TreatmentState.CANCELLED: {"cancelled_at": at, "cancelled_by": world.nurse, "hour_zero": None},
    }
    world.treatment(state, **values[state])
    answer = begin(phone, red_tile(shown(phone.get(START))))
    assert answer.url.endswith("/now/")
    assert Alert.objects.count() == 1


def test_somebody_without_any_visit_can_say_how_they_feel(phone: Client, world: World) -> None:
    answer = begin(phone, red_tile(shown(phone.get(START))))
    assert answer.url.endswith("/now/")
    assert Alert.objects.get().treatment is None


def test_the_escort_may_answer(phone: Client, day: Treatment) -> None:
    page = phone.get(f"{START}?by=other")
    assert shown(page).by_escort
    begin(phone, calm_tile(shown(page)), by="escort")
    assert CheckIn.objects.get().answered_by == AnsweredBy.ESCORT


def test_stopping_keeps_what_was_said_and_it_goes_on_later(phone: Client, day: Treatment) -> None:
    answer = begin(phone, calm_tile(shown(phone.get(START))))
    check_in = CheckIn.objects.get()
    assert where(phone.post(f"/check-in/{check_in.pk}/stop/")) == "/"
    check_in.refresh_from_db()
    assert check_in.state == CheckInState.STOPPED
    assert where(phone.get(f"/check-in/{check_in.pk}/")) == answer.url
    page = shown(phone.get(answer.url))
    phone.post(answer.url, {"answer": calm_tile(page)})
    check_in.refresh_from_db()
    assert check_in.state == CheckInState.OPEN


def test_stopping_does_not_hide_a_red_flag(phone: Client, day: Treatment) -> None:
    begin(phone, red_tile(shown(phone.get(START))))
    check_in = CheckIn.objects.get()
    assert where(phone.post(f"/check-in/{check_in.pk}/stop/")) == f"/check-in/{check_in.pk}/now/"


def test_asking_for_a_call_is_an_alert_for_today_and_once(phone: Client, day: Treatment) -> None:
    page, _ = walk_calmly(phone)
    assert page.context["page"].may_ask
    address = f"/check-in/{CheckIn.objects.get().pk}/call/"
    first, second = phone.post(address), phone.post(address)
    assert first.status_code == second.status_code == 303
    alert = Alert.objects.get()
    assert (alert.cause, alert.level) == (Cause.CALL_BACK, Level.CALL_TODAY)
    after = phone.get(where(first).split("#")[0])
    assert not after.context["page"].may_ask
    assert "on its list for today" in after.content.decode()


def test_another_patients_check_in_is_not_there(phone: Client, world: World, day: Treatment) -> None:
    for path in ("", "now/", "q/1/"):
        assert phone.get(f"/check-in/{uuid4()}/{path}").status_code == 404


def test_an_answer_that_the_phone_kept_says_both_times(phone: Client, day: Treatment) -> None:
    tapped_at = timezone.now() - timedelta(hours=5)
    begin(phone, red_tile(shown(phone.get(START))), answered_at=tapped_at.isoformat())
    answer = Answer.objects.get()
    assert abs(answer.answered_at - tapped_at) < timedelta(seconds=1)
    assert timezone.now() - answer.arrived_at < timedelta(minutes=1)
    assert Alert.objects.count() == 1


@pytest.mark.parametrize("told", ["x", "2026-13-45", "2999-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "12:00"])
def test_an_odd_time_is_no_reason_to_refuse(phone: Client, day: Treatment, told: str) -> None:
    answer = begin(phone, red_tile(shown(phone.get(START))), answered_at=told)
    assert answer.status_code == 303
    assert Answer.objects.get().answered_at <= timezone.now()
    assert Alert.objects.count() == 1


def test_from_the_second_treatment_on_it_says_what_was_usual(world: World, phone: Client, day: Treatment) -> None:
    begin(phone, calm_tile(shown(phone.get(START))))
    CheckIn.objects.update(began_at=timezone.now() - timedelta(days=7))
    Treatment.objects.filter(pk=day.pk).update(
        state=TreatmentState.CLOSED, closed_at=timezone.now(), hour_zero=timezone.now() - timedelta(days=7, hours=4)
    )
    assert shown(phone.get(START)).usual == ""
    ended_at = timezone.now() - timedelta(hours=4)
    world.treatment(hour_zero=ended_at)
    page = phone.get(START)
    assert shown(page).usual
    assert "Last time at this hour you said" in page.content.decode()


def test_no_address_of_a_check_in_tells_what_was_asked_or_answered(phone: Client, day: Treatment) -> None:
    seen, answer = [START], begin(phone, calm_tile(shown(phone.get(START))))
    while "/q/" in where(answer):
        seen.append(where(answer))
        answer = phone.post(where(answer), {"answer": calm_tile(shown(phone.get(where(answer))))})
    seen += [where(answer), *(tile.offline for tile in shown(phone.get(START)).tiles)]
    own = {"", "check", "in", "q", "now", "offline"}
    words = {word for path in seen for word in re.split(r"[^a-z]+", re.sub(r"[0-9a-f-]{36}", "", path))}
    assert words <= own


def test_an_answer_to_a_question_that_stands_elsewhere_now_is_no_answer_to_another(
    phone: Client, day: Treatment
) -> None:
    answer = begin(phone, calm_tile(shown(phone.get(START))))
    page = shown(phone.get(where(answer)))
    again = phone.post(where(answer), {"answer": calm_tile(page), "asked": "of_other_rules"})
    assert where(again) == where(answer)
    assert Answer.objects.count() == 1
    assert where(phone.post(where(answer), {"answer": calm_tile(page), "asked": page.question.key})) != where(answer)
