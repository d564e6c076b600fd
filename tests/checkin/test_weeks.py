"""The patient's weeks: three charts of their own log, each with its table, and the switch that shows them to the clinic."""

from __future__ import annotations

import gzip
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, Consent, Patient
from accounts.services import has_agreed
from accounts.states import ConsentKind, ConsentWay
from accounts.wordings import WORDINGS
from checkin.queries.weeks import short_day, weekday_words, weeks_page
from checkin.services import record_questionnaire
from tests.checkin.logs import day, log, noon
from tests.clinic.pages import title, words
from tests.world import HOUR_ZERO, World
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
WEEKS, SHARE = "/weeks/", "/weeks/share/"


def short(world: World, ago: int) -> str:
    return short_day(day(world, ago), day(world, 0))


def long(world: World, ago: int) -> str:
    return weekday_words(day(world, ago), day(world, 0))


def charts(page: Any) -> list[str]:
    return re.findall(r'role="img" aria-label="([^"]+)"', page.content.decode())


def rows(page: Any, number: int) -> list[tuple[str, ...]]:
    """The lines of the table under one chart, top to bottom."""
    table = re.findall(r"<tbody>(.*?)</tbody>", page.content.decode(), re.DOTALL)[number]
    return [tuple(re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)) for row in re.findall(r"<tr>(.*?)</tr>", table)]


def test_each_chart_says_in_a_sentence_what_it_shows_and_holds_a_table_of_the_same(phone: Client, world: World) -> None:
    log(world, 5, mood=4, sleep=3, worry=8, slept_minutes=330)
    log(world, 4, mood=5, sleep=6, worry=6, slept_minutes=480)
    log(world, 0, mood=6, sleep=6, worry=2)
    page = phone.get(WEEKS)
    assert charts(page) == [
        f"Your mood was 4 on {short(world, 5)} and 6 today: 2 higher.",
        f"Your sleep was 3 on {short(world, 5)} and 6 today: 3 higher.",
        f"Your worry was 8 on {short(world, 5)} and 2 today: 6 lower.",
    ]
    assert rows(page, 0) == [
        ("Today", "6"),
        (f"{long(world, 3)} to {long(world, 1)}", "not logged"),
        (long(world, 4), "5"),
        (long(world, 5), "4"),
        (long(world, 6), "not logged"),
    ]
    assert rows(page, 1)[0] == ("Today", "6", "")
    assert rows(page, 1)[2:4] == [(long(world, 4), "6", "8"), (long(world, 5), "3", "5.5")]
    assert "Hours" not in re.findall(r"<thead>(.*?)</thead>", page.content.decode())[0]


def test_the_sentence_of_a_picture_stands_above_it_for_whoever_looks(phone: Client, world: World) -> None:
    log(world, 5, mood=4, sleep=3, worry=8)
    log(world, 0, mood=6, sleep=6, worry=2)
    page = phone.get(WEEKS)
    assert all(sentence in words(page) for sentence in charts(page)) and len(charts(page)) == 3


def test_what_a_break_in_the_line_means_stands_below(phone: Client, world: World) -> None:
    log(world, 1, mood=4)
    assert "A break in the line is a day with no log." in words(phone.get(WEEKS))
    course = words(phone.get(f"{WEEKS}?span=course"))
    assert "A break in the line is days with no log. Where you log once a week, the line goes on." in course


def test_the_weeks_are_no_check_in_in_the_bar(phone: Client, world: World) -> None:
    lit = [phone.get(address).content.decode().count('aria-current="page"') for address in (WEEKS, "/log/")]
    assert lit == [0, 1]
    assert 'aria-current="page"' not in phone.post(SHARE, {}).content.decode()


def test_the_last_log_of_a_day_counts(phone: Client, world: World) -> None:
    for minute, mood in ((0, 2), (10, 7), (5, 3)):
        log(world, 1, mood=mood, logged_at=noon(world, 1) + timedelta(minutes=minute))
    page = phone.get(WEEKS)
    assert charts(page)[0] == f"Your mood was 7 on {short(world, 1)}, the one day that was logged."
    assert "One day so far. The line starts with the next one." in words(page)


def test_without_a_log_the_page_is_kind_and_draws_nothing(phone: Client, world: World) -> None:
    page = phone.get(WEEKS)
    assert (page.status_code, title(page), charts(page)) == (200, "Your weeks", [])
    assert "No days yet A log takes three taps. Start on any day you like." in words(page)
    assert "Only you see your charts" in words(page)


def test_days_without_a_log_in_the_span_lead_to_those_with_one(phone: Client, world: World) -> None:
    log(world, 12, mood=4)
    page = phone.get(WEEKS)
    assert charts(page) == [] and "No log in these days" in words(page)
    assert 'href="?span=course">Show all of it' in page.content.decode()
    assert len(charts(phone.get(f"{WEEKS}?span=course"))) == len(charts(phone.get(f"{WEEKS}?span=month"))) == 3


@pytest.mark.parametrize("span", ["", "year", "%27", "week&span=x" * 20])
def test_a_span_that_is_none_is_the_week(phone: Client, world: World, span: str) -> None:
    log(world, 1, mood=4)
    page = phone.get(f"{WEEKS}?span={span}")
    assert page.status_code == 200
    assert 'href="?span=week" aria-current="true"' in page.content.decode()


def test_a_visit_is_a_dashed_line_with_its_word_and_what_was_around_it_is_one_sentence(
    phone: Client, world: World
) -> None:
    at = timezone.now()
    world.treatment(TreatmentState.CLOSED, hour_zero=noon(world, 10), closed_at=at)
    for ago, mood in ((13, 4), (12, 4), (8, 6), (6, 6)):
        log(world, ago, mood=mood, sleep=5, worry=ago // 2)
    page = phone.get(f"{WEEKS}?span=month")
    html = page.content.decode()
    assert html.count('class="chart__visit"') == 3
    assert html.count(">Visit</text>") == 3
    assert f"Your visit on {long(world, 10)}" in words(page)
    assert "Your mood was about 4 before, and about 6 in the week after." in words(page)
    assert "A dashed line is a visit." in words(page)
    assert "Around each visit" not in words(page)


def test_a_visit_before_the_days_shown_is_told_of_in_its_own_place(phone: Client, world: World) -> None:
    world.treatment(TreatmentState.CLOSED, hour_zero=noon(world, 10), closed_at=timezone.now())
    for ago, mood in ((13, 4), (12, 4), (8, 6), (6, 6)):
        log(world, ago, mood=mood)
    page = phone.get(WEEKS)
    text, said = words(page), "Your mood was about 4 before, and about 6 in the week after."
    assert "chart__visit" not in page.content.decode() and "Your visit on" not in text
    assert text.count(said) == 1 and text.index("Around each visit") < text.index(said)


def test_the_day_of_a_visit_is_that_of_the_clock_where_it_was(world: World) -> None:
    late = datetime.fromisoformat("2026-11-21T23:30:00-05:00")
    world.treatment(TreatmentState.CLOSED, hour_zero=late, closed_at=HOUR_ZERO)
    page = weeks_page(world.patient, "week", HOUR_ZERO)
    assert page.weeks.last_visit == "Sat, Nov 21"


def test_the_two_week_questions_are_named_by_their_days_and_no_sum_is_shown(phone: Client, world: World) -> None:
    for days, answers in ((20, [3, 3]), (6, [2, 1])):
        at = noon(world, days)
        for kind in ("phq2", "gad2"):
            record_questionnaire(world.patient, key=uuid4(), kind=kind, answers=answers, treatment=None, at=at)
    text = words(phone.get(WEEKS))
    assert f"You answered them on: {long(world, 6)} {long(world, 20)}" in text
    assert "PHQ" not in text and "GAD" not in text and " of 6" not in text


@pytest.mark.parametrize("count", [1, 200])
def test_one_log_and_two_hundred_take_the_same_four_queries(
    world: World, count: int, django_assert_num_queries: Any
) -> None:
    for ago in range(count):
        log(world, ago, mood=ago % 11)
    world.treatment()
    with django_assert_num_queries(4):
        weeks_page(world.patient, "course", timezone.now())


def test_two_hundred_logs_are_a_small_page(phone: Client, world: World) -> None:
    world.treatment(TreatmentState.CLOSED, hour_zero=noon(world, 230), closed_at=HOUR_ZERO)
    for ago in range(200):
        log(world, ago, mood=ago % 11)
    page = phone.get(f"{WEEKS}?span=course")
    assert page.content.count(b'<path class="chart__') <= 9
    assert len(gzip.compress(page.content)) < 12_000


def test_nothing_is_styled_or_scripted_in_the_page_and_no_low_day_is_marked(phone: Client, world: World) -> None:
    log(world, 1, mood=0, sleep=0, worry=10)
    log(world, 0, mood=10, sleep=10, worry=0)
    main = phone.get(WEEKS).content.decode().split("<main", 1)[1].split('id="help"')[0]
    assert "style=" not in main and "<script" not in main
    for word in ("good job", "streak", "score", "%</", "better", "worse", "urgent"):
        assert word not in re.sub(r"<[^>]+>", "", main).lower()


def test_the_clinic_sees_nothing_until_a_yes_and_nothing_after_a_no(phone: Client, world: World) -> None:
    assert not has_agreed(ConsentKind.CHARTS, patient=world.patient)
    answered = phone.post(SHARE, {"charts": "on"})
    assert (answered.status_code, answered["Location"]) == (303, "/weeks/#share")
    assert has_agreed(ConsentKind.CHARTS, patient=world.patient)
    page = words(phone.get(WEEKS))
    assert "Your clinic sees your charts You said yes. Since: Today" in page
    assert WORDINGS["charts"].text in page
    phone.post(SHARE, {"charts": "off"})
    assert not has_agreed(ConsentKind.CHARTS, patient=world.patient)
    assert "Only you see your charts You took it back. Since: Today" in words(phone.get(WEEKS))


def test_a_yes_is_kept_in_the_words_that_were_read_and_said_twice_it_is_one(phone: Client, world: World) -> None:
    phone.post(SHARE, {"charts": "off"})
    for _ in range(2):
        phone.post(SHARE, {"charts": "on"})
    said = Consent.objects.get()
    assert (said.kind, said.given, said.way) == (ConsentKind.CHARTS, True, ConsentWay.APP)
    assert (said.wording, said.version) == (WORDINGS["charts"].text, WORDINGS["charts"].version)
    assert AuditEvent.objects.filter(action="consent_given", object=str(said.pk), actor=world.patient.pk).count() == 1


@pytest.mark.parametrize("sent", [{}, {"charts": "maybe"}, {"charts": "\0"}])
def test_an_answer_that_is_none_changes_nothing_and_says_what_to_do(
    phone: Client, world: World, sent: dict[str, str]
) -> None:
    page = phone.post(SHARE, sent)
    assert page.status_code == 422
    assert title(page) == "Error: Your weeks" and "Pick yes or no." in words(page)
    assert not Consent.objects.exists()


def test_a_stranger_and_a_phone_for_the_set_up_see_no_weeks(client: Client, set_up_phone: Client, world: World) -> None:
    log(world, 1, mood=4)
    for page in (Client().get(WEEKS), set_up_phone.get(WEEKS), set_up_phone.post(SHARE, {"charts": "on"})):
        assert page.status_code == 302 and b"chart" not in page.content
    assert not Consent.objects.exists()


def test_another_patients_logs_are_not_in_it(phone: Client, world: World) -> None:
    mine = world.patient
    world.patient = Patient.objects.create(
        clinic=world.clinic, first_name="Ines", last_name="Vale", record_number="A-2", born_on=mine.born_on,
        zone=mine.zone, created_at=HOUR_ZERO,
    )  # fmt: skip
    log(world, 1, mood=9)
    assert charts(phone.get(WEEKS)) == []
