"""The log of a day: three taps, kept for good, never within a day of a treatment; a low day opens help."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.models.signals import pre_save
from django.forms import RadioSelect
from django.test import Client
from django.utils import timezone

from accounts.services import record_consent
from accounts.states import ConsentKind, ConsentWay
from alerts.models import Alert
from alerts.states import AlertState, Cause
from checkin.forms import LogForm
from checkin.kept import sections
from checkin.models import CheckIn, DailyLog, LogChoice
from checkin.pace import day_of
from checkin.queries import standing_logs
from checkin.queries.context import earlier_answers
from checkin.services import Said, record_log
from checkin.states import PACES, LogPace, Moment
from tests.checkin.pages import shown, where
from tests.clinic.pages import title, words
from tests.conftest import StaffClient
from tests.world import World
from timeline.levels import Level
from timeline.models import Treatment
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
LOG, KEPT, NOW, PACE = "/log/", "/log/kept/", "/log/now/", "/log/how-often/"
NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)


@pytest.fixture
def visit(world: World) -> Treatment:
    """Three days ago."""
    return world.treatment(TreatmentState.CLOSED, hour_zero=timezone.now() - timedelta(days=3))


def filled(page: Any, mood: int = 6, sleep: int = 5, worry: int = 3, **more: Any) -> dict[str, Any]:
    """The form of an open page with these answers."""
    key, day = (re.findall(rf'name="{name}" value="([^"]+)"', page.content.decode())[0] for name in ("key", "day"))
    return {"key": key, "day": day, "mood": mood, "sleep": sleep, "worry": worry, **more}


def rows() -> list[tuple[int, int, int]]:
    return list(DailyLog.objects.order_by("logged_at").values_list("mood", "sleep", "worry"))


def logged(world: World, *moods: int, at: datetime = NOON) -> None:
    """A day each, the last one at `at`."""
    for number, mood in enumerate(moods):
        moment = at - timedelta(days=len(moods) - 1 - number)
        record_log(world.patient, Said(mood, 5, 3), key=uuid4(), at=moment)


def agrees(world: World, *, given: bool = True) -> None:
    record_consent(
        ConsentKind.CHARTS, given=given, patient=world.patient, way=ConsentWay.APP, by=world.patient, at=NOON
    )


def test_three_taps_and_save_keep_the_day(phone: Client, world: World, visit: Treatment) -> None:
    page = phone.get(LOG)
    html = page.content.decode()
    assert (html.count('type="radio"'), html.count("checked")) == (33, 0)
    response = phone.post(LOG, filled(page))
    assert (response.status_code, response["Location"]) == (303, KEPT)
    log = DailyLog.objects.get()
    assert (log.mood, log.sleep, log.worry, log.slept_minutes, log.for_clinic) == (6, 5, 3, None, "")
    assert log.day == day_of(timezone.now(), ZoneInfo(world.patient.zone))
    text = words(phone.get(KEPT))
    assert "Kept." in text and "The next one is tomorrow" in text
    assert not Alert.objects.exists() and not CheckIn.objects.exists()


def test_a_log_is_three_taps_and_save_on_one_page_with_nothing_to_type(phone: Client, visit: Treatment) -> None:
    html = phone.get(LOG).content.decode()
    main = html[html.index("<main") : html.index('id="help"')]
    needed = [
        name
        for name, field in LogForm(today=NOON.date()).fields.items()
        if field.required and not field.widget.is_hidden
    ]
    assert needed == ["mood", "sleep", "worry"]
    assert {type(LogForm(today=NOON.date()).fields[name].widget) for name in needed} == {RadioSelect}
    assert (main.count("<form"), main.count("<button")) == (1, 1)
    assert '<details class="more"><summary' in main  # what can be typed is closed
    assert where(phone.post(LOG, filled(phone.get(LOG)))) == KEPT


@pytest.mark.parametrize(
    ("pace", "kept_ago", "said"),
    [
        ("daily", None, "Three taps, and Save."),
        ("daily", 1, "Three taps, and Save."),
        ("daily", 0, "Today’s log is kept. You can change it. The next one is tomorrow."),
        ("weekly", 7, "Three taps, and Save."),
        ("weekly", 6, "The next one is tomorrow. You can log today too."),
        ("off", 0, "Today’s log is kept. You can change it."),
        ("off", 3, "Three taps, and Save."),
    ],
)
def test_the_page_says_what_is_kept_and_when_the_next_one_is(
    phone: Client, world: World, pace: str, kept_ago: int | None, said: str
) -> None:
    phone.post(PACE, {"pace": pace})
    phone.get(LOG)  # says once that it is changed
    if kept_ago is not None:
        logged(world, 5, at=timezone.now() - timedelta(days=kept_ago))
    assert said in words(phone.get(LOG))
    assert ("The next one" in words(phone.get(LOG))) is ("The next one" in said)


def test_hours_and_a_line_for_the_clinic_may_come_with_it(phone: Client, visit: Treatment) -> None:
    form = filled(phone.get(LOG), slept_minutes="390", for_clinic="  The new\npills  help. ")
    assert where(phone.post(LOG, form)) == KEPT
    log = DailyLog.objects.get()
    assert (log.slept_minutes, log.for_clinic) == (390, "The new pills help.")


def test_a_second_tap_is_one_row_and_a_correction_counts_last(phone: Client, world: World, visit: Treatment) -> None:
    form = filled(phone.get(LOG))
    for _ in range(3):
        phone.post(LOG, form)
    assert rows() == [(6, 5, 3)]
    page = phone.get(LOG)
    assert (
        "Today’s log is kept. You can change it. The next one is tomorrow." in words(page)
        and page.content.decode().count("checked") == 3
    )
    phone.post(LOG, filled(page, 4, 5, 3))
    # Back in the browser to the first page, and sent as it was: the last word counts.
    assert [log.mood for log in standing_logs(world.patient)] == [4]
    phone.post(LOG, form)
    assert rows() == [(6, 5, 3), (4, 5, 3), (6, 5, 3)]
    assert [log.mood for log in standing_logs(world.patient)] == [6]
    assert "Changed." in words(phone.get(KEPT))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"mood": ""}, "Mood today: pick a number."),
        ({"sleep": "11"}, "Sleep last night: pick a number."),
        ({"worry": "-1"}, "Worry or fear today: pick a number."),
        ({"worry": "٣x"}, "Worry or fear today: pick a number."),
        ({"slept_minutes": "17"}, "Pick the hours from the list, or leave it open."),
        ({"for_clinic": "x" * 501}, "This is longer than 500 characters."),
        ({"for_clinic": "a\u202eb"}, "This holds a character that can’t be shown."),
        ({"for_clinic": "a\x00b"}, "This holds a character that can’t be shown."),
        ({"key": "x"}, "Please send it once more."),
    ],
    ids=["none", "eleven", "minus", "letters", "odd", "long", "hidden", "nul", "key"],
)
def test_what_can_not_be_is_named_and_the_rest_is_kept(
    phone: Client, visit: Treatment, wrong: dict[str, str], said: str
) -> None:
    response = phone.post(LOG, filled(phone.get(LOG), for_clinic="Keep this line.") | wrong)
    html = response.content.decode()
    assert (response.status_code, title(response)) == (422, "Error: Your log")
    assert said.replace("’", "'") in words(response).replace("’", "'")
    assert html.count("checked") == 3 - len(wrong.keys() & {"mood", "sleep", "worry"})
    assert "for_clinic" in wrong or "Keep this line." in html
    assert rows() == []


def days_from_today(world: World, days: int) -> str:
    return str(day_of(timezone.now(), ZoneInfo(world.patient.zone)) + timedelta(days=days))


def test_a_page_of_the_day_before_is_kept_for_its_day(phone: Client, world: World, visit: Treatment) -> None:
    """Opened in the evening, sent in the morning: "sleep last night" was of that day."""
    yesterday = days_from_today(world, -1)
    assert where(phone.post(LOG, filled(phone.get(LOG)) | {"day": yesterday})) == KEPT
    assert str(DailyLog.objects.get().day) == yesterday
    assert f"Kept for {date.fromisoformat(yesterday):%A}." in words(phone.get(KEPT))
    # What is sent with it comes back with its own day, while something is missing.
    response = phone.post(LOG, filled(phone.get(LOG)) | {"mood": "", "day": yesterday})
    assert response.status_code == 422 and filled(response)["day"] == yesterday
    assert f"Your {date.fromisoformat(yesterday):%A}" in words(response)


@pytest.mark.parametrize("days", [-2, -40, 1, None, "2026-13-40", "x\0"], ids=str)
def test_a_page_of_any_other_day_is_asked_about_once_more(
    phone: Client, world: World, visit: Treatment, days: Any
) -> None:
    """Also after a flight: by the clock of the place that the patient is in now."""
    day = days_from_today(world, days) if isinstance(days, int) else days or ""
    form = filled(phone.get(LOG), 7, for_clinic="Keep this line.") | {"day": day}
    response = phone.post(LOG, form)
    html, today = response.content.decode(), days_from_today(world, 0)
    assert response.status_code == 422 and "This page was for another day." in words(response)
    assert f"Now it is for {date.fromisoformat(today):%A}." in words(response)
    assert html.count("checked") == 3 and "Keep this line." in html and rows() == []
    assert where(phone.post(LOG, form | {"day": filled(response)["day"]})) == KEPT
    assert str(DailyLog.objects.get().day) == today


@pytest.mark.parametrize("mood", [0, 2])
@pytest.mark.parametrize(
    "wrong", [{"sleep": ""}, {"for_clinic": "x" * 501}, {"day": "2020-01-01"}], ids=["none", "long", "day"]
)
def test_a_low_mood_shows_help_above_what_is_wrong_with_the_rest(
    phone: Client, visit: Treatment, mood: int, wrong: dict[str, str]
) -> None:
    html = phone.post(LOG, filled(phone.get(LOG), mood) | wrong).content.decode()
    main = html[html.index("<main") : html.index('id="help"')]
    assert main.index('href="tel:988"') < main.index('href="tel:911"') < main.index('id="errors-h"')
    assert rows() == []
    html = phone.post(LOG, filled(phone.get(LOG), 3) | wrong).content.decode()
    assert 'href="tel:988"' not in html[html.index("<main") : html.index('id="errors-h"')]


def test_a_low_mood_that_comes_too_soon_shows_help(phone: Client, world: World) -> None:
    form = filled(phone.get(LOG), 1)
    world.treatment(TreatmentState.DISCHARGED, hour_zero=timezone.now() - timedelta(hours=2))
    response = phone.post(LOG, form)
    html = response.content.decode()
    assert response.status_code == 422 and "It is too soon." in words(response)
    assert html.index('href="tel:988"') < html.index('id="errors-h"')


def test_with_no_network_the_form_knows_which_numbers_ask_for_help(phone: Client, visit: Treatment) -> None:
    html = phone.get(LOG).content.decode()
    assert 'data-answers data-help="mood" data-help-to="2"' in html and 'id="unsent"' in html


def test_the_page_of_help_is_for_a_low_day_alone(phone: Client, world: World, visit: Treatment) -> None:
    assert where(phone.get(NOW)) == LOG
    phone.post(LOG, filled(phone.get(LOG), 3))
    assert where(phone.get(NOW)) == LOG
    phone.post(LOG, filled(phone.get(LOG), 2))
    assert phone.get(NOW).status_code == 200


def test_a_line_that_was_told_is_said_and_the_next_one_starts_empty(phone: Client, visit: Treatment) -> None:
    phone.post(LOG, filled(phone.get(LOG), for_clinic="The pills <help>."))
    page = phone.get(LOG)
    assert "You told them: The pills <help>." in words(page)
    assert re.search(r'<textarea name="for_clinic"[^>]*>\s*</textarea>', page.content.decode())
    # Saved again as it is: nothing is taken back.
    phone.post(LOG, filled(page))
    assert rows() == [(6, 5, 3)]
    phone.post(LOG, filled(phone.get(LOG), 4))
    assert "You told them: The pills <help>." in words(phone.get(LOG))


@pytest.mark.parametrize("hours", [0, 23])
def test_within_a_day_of_a_treatment_it_says_when_it_opens(phone: Client, world: World, hours: int) -> None:
    page = phone.get(LOG)
    world.treatment(TreatmentState.DISCHARGED, hour_zero=timezone.now() - timedelta(hours=hours))
    text = words(phone.get(LOG))
    assert "It opens at" in text and "The first day is for rest." in text
    # A page from before is told the same, and what was typed stays.
    response = phone.post(LOG, filled(page, for_clinic="Keep this line."))
    assert response.status_code == 422 and "It is too soon." in words(response)
    assert "Keep this line." in response.content.decode() and rows() == []


def test_while_a_treatment_goes_on_nobody_knows_the_hour(phone: Client, world: World) -> None:
    at = timezone.now()
    world.treatment(TreatmentState.IN_TREATMENT, hour_zero=None, started_at=at, started_by=world.nurse)
    assert "It opens a day after your visit." in words(phone.get(LOG))


def test_before_any_visit_it_may_be_kept_and_none_is_asked_for(phone: Client, world: World) -> None:
    assert where(phone.post(LOG, filled(phone.get(LOG)))) == KEPT
    assert "That is all for now." in words(phone.get(KEPT))


def test_nothing_kept_today_leads_to_the_log(phone: Client, world: World) -> None:
    logged(world, 5, at=timezone.now() - timedelta(days=2))
    assert where(phone.get(KEPT)) == LOG


@pytest.mark.parametrize("shares", [True, False])
def test_the_page_says_who_sees_what(phone: Client, world: World, visit: Treatment, shares: bool) -> None:
    agrees(world, given=shares)
    text = words(phone.get(LOG))
    assert ("Your clinic does not see the numbers." in text) is not shares
    assert "If your log gets a lot worse, we tell your clinic, so that someone can call you." in text


@pytest.mark.parametrize(("mood", "to"), [(0, NOW), (2, NOW), (3, KEPT)])
def test_a_low_day_leads_to_help(phone: Client, visit: Treatment, mood: int, to: str) -> None:
    assert where(phone.post(LOG, filled(phone.get(LOG), mood))) == to
    assert rows() == [(mood, 5, 3)] and not Alert.objects.exists()


def test_help_comes_first_and_the_direct_question_is_the_only_one(phone: Client, visit: Treatment) -> None:
    phone.post(LOG, filled(phone.get(LOG), 1))
    page = phone.get(NOW)
    html = page.content.decode()
    main = html[html.index("<main") : html.index('id="help"')]
    assert main.index('href="tel:988"') < main.index('href="sms:988"') < main.index('href="tel:911"')
    assert main.index('href="tel:911"') < main.index('id="question"') and main.count("<h1") == 1
    assert shown(page).question.key == "self_harm"
    # Nothing is lost by saying nothing.
    assert f'href="{KEPT}">Not now' in main
    assert "A hard day" in words(phone.get(KEPT)) and rows() == [(1, 5, 3)] and not CheckIn.objects.exists()


def test_a_yes_to_the_direct_question_is_an_alert_and_what_to_do(phone: Client, visit: Treatment) -> None:
    phone.post(LOG, filled(phone.get(LOG), 1))
    form = {"key": str(shown(phone.get(NOW)).key), "asked": "self_harm", "answer": "yes"}
    action = where(phone.post(NOW, form))
    assert where(phone.post(NOW, form)) == action
    alert, check_in = Alert.objects.get(), CheckIn.objects.get()
    assert (alert.level, alert.cause, alert.rules) == (Level.CRISIS, Cause.CHECK_IN, ["S1"])
    assert (check_in.moment, check_in.state, check_in.treatment_id) == (Moment.LOG, "done", visit.pk)
    assert "988 now" in words(phone.get(action))


def test_a_no_ends_kindly_with_a_way_to_be_called(phone: Client, visit: Treatment) -> None:
    phone.post(LOG, filled(phone.get(LOG), 1))
    form = {"key": str(shown(phone.get(NOW)).key), "answer": "no"}
    text = words(phone.get(where(phone.post(NOW, form))))
    assert "It is good that you said so" in text and "Ask for a call back" in text
    assert "Go on with the questions" not in text and "Most of it fades" not in text
    assert not Alert.objects.exists()


def test_an_answer_that_can_not_be_is_said_and_help_stays(phone: Client, visit: Treatment) -> None:
    response = phone.post(NOW, {"key": str(uuid4()), "answer": "maybe"})
    assert response.status_code == 422
    html = response.content.decode()
    assert 'href="tel:988"' in html[: html.index('id="question"')] and not CheckIn.objects.exists()


def test_the_answer_can_be_changed_and_the_alert_stays(phone: Client, visit: Treatment) -> None:
    action = where(phone.post(NOW, {"key": str(uuid4()), "answer": "wish"}))
    back = re.search(r'class="back" href="(/check-in/[^"]+)"', phone.get(action).content.decode())
    assert back
    assert shown(phone.get(back[1])).question.key == "self_harm"
    where(phone.post(back[1], {"answer": "no"}))
    assert Alert.objects.get().level == Level.CRISIS
    assert "988 now" in words(phone.get(action))


@pytest.mark.parametrize("pace", LogPace)
def test_how_often_is_the_patients_choice(phone: Client, world: World, visit: Treatment, pace: LogPace) -> None:
    assert where(phone.post(PACE, {"pace": pace})) == LOG
    assert LogChoice.objects.get().pace == pace
    text = words(phone.get(LOG))
    assert "It is changed." in text and f"How often: {PACES[pace].lower()}" in text and "Three taps, and Save." in text
    logged(world, 5, at=timezone.now())
    said = {"off": "That is all for now.", "weekly": "The next one is on"}.get(pace, "The next one is tomorrow.")
    assert said in words(phone.get(KEPT))


def test_a_pace_that_is_none_is_refused(phone: Client, world: World) -> None:
    response = phone.post(PACE, {"pace": "hourly"})
    assert response.status_code == 422 and "Pick one of the four." in words(response)
    assert not LogChoice.objects.exists()


def test_a_fall_is_one_alert_for_today_however_long_it_lasts(world: World, visit: Treatment) -> None:
    logged(world, 7, 7, 2, 2, 2)
    alert = Alert.objects.get()
    assert (alert.cause, alert.level, alert.rules) == (Cause.TREND, Level.CALL_TODAY, ["T1"])
    assert alert.source == f"trend:{world.patient.pk}:mood:{date(2026, 11, 18)}"
    for days in (1, 2, 3):
        logged(world, 2, at=NOON + timedelta(days=days))
    assert Alert.objects.get().reasons == alert.reasons
    Alert.objects.update(
        state=AlertState.CLOSED, closed_at=NOON, closed_by=world.nurse, closing="not_needed", done="We talked."
    )
    logged(world, 2, at=NOON + timedelta(days=4))
    assert Alert.objects.count() == 1


@pytest.mark.parametrize("moods", [(7, 7, 2, 2), (7, 2, 2, 2), (7, 7, 2, 2, 6), (7, 7, 5, 5, 5)], ids=str)
def test_anything_less_is_no_alert(world: World, moods: tuple[int, ...]) -> None:
    logged(world, *moods)
    assert not Alert.objects.exists()


def test_only_what_counts_of_a_day_is_looked_at(world: World) -> None:
    logged(world, 7, 7, 2, 2)
    record_log(world.patient, Said(7, 5, 3), key=uuid4(), at=NOON + timedelta(hours=1))
    logged(world, 2, at=NOON + timedelta(days=1))
    assert not Alert.objects.exists()


@pytest.mark.parametrize("shares", [True, False])
def test_why_the_alert_came_holds_no_number_of_the_log(world: World, shares: bool) -> None:
    """It stays on boards and papers when the yes is taken back."""
    agrees(world, given=shares)
    logged(world, 7, 7, 2, 1, 2)
    assert Alert.objects.get().reasons == ["Mood in the daily log fell a good deal, on three logged days in a row"]


def test_the_alert_and_the_log_are_kept_together_or_not_at_all(world: World) -> None:
    def refuse(**_: Any) -> None:
        raise RuntimeError("no room")

    logged(world, 7, 7, 2, 2)
    pre_save.connect(refuse, sender=Alert)
    try:
        with pytest.raises(RuntimeError):
            logged(world, 2, at=NOON + timedelta(days=1))
    finally:
        pre_save.disconnect(refuse, sender=Alert)
    assert DailyLog.objects.count() == 4 and not Alert.objects.exists()


def test_what_was_logged_is_only_added_to(world: World) -> None:
    logged(world, 5)
    for statement in ("UPDATE checkin_dailylog SET mood = 1", "DELETE FROM checkin_dailylog"):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize(
    ("state", "days_ago", "has"),
    [
        ("closed", 3, (True, True)),
        ("discharged", 1.2, (True, False)),  # its wrap-up: the questions rest a day longer
        ("closed", 40, (True, True)),  # no visit is looked back at any more
        ("discharged", 0, (False, False)),
        ("planned", -2, (True, False)),  # between two visits; the questions are part of the set-up then
    ],
)
def test_the_day_page_leads_there_but_on_the_day_of_a_treatment(
    phone: Client, world: World, state: str, days_ago: float, has: tuple[bool, bool]
) -> None:
    moment = timezone.now() - timedelta(days=days_ago, hours=1)
    zero = {"hour_zero": None, "planned_for": moment} if state == "planned" else {"hour_zero": moment}
    world.treatment(TreatmentState(state), **zero)
    html = phone.get("/").content.decode()
    assert ('href="/log/"' in html, 'href="/two-weeks/"' in html) == has


def test_the_direct_question_is_not_compared_and_no_old_answer_to_it_is_held_up(phone: Client, world: World) -> None:
    at = timezone.now()
    world.treatment(TreatmentState.CLOSED, hour_zero=at - timedelta(days=30))
    last = world.treatment(TreatmentState.CLOSED, hour_zero=at - timedelta(days=2))
    where(phone.post(NOW, {"key": str(uuid4()), "answer": "wish"}))
    CheckIn.objects.update(treatment=Treatment.objects.exclude(pk=last.pk).get(), began_at=at - timedelta(days=28))
    logged(world, 1, at=at)
    assert shown(phone.get(NOW)).usual == ""
    later = CheckIn.objects.get()
    later.pk, later.began_at = uuid4(), at
    assert earlier_answers(later) == {}


def test_the_question_after_a_log_stands_in_the_copy_of_ones_own_data_and_with_staff(
    phone: Client, world: World, visit: Treatment, staff: Callable[..., StaffClient]
) -> None:
    at = timezone.now()
    where(phone.post(NOW, {"key": str(uuid4()), "answer": "no"}))
    told = [section for section in sections(world.patient, at) if "After your log" in str(section)]
    assert len(told) == 1
    assert "After a low day in the log" in words(staff().get(f"/staff/patients/{world.patient.pk}/"))
