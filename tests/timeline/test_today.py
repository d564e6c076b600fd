"""The patient's day page: what it shows when, what it costs, and what a tap does."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.world import HOUR_ZERO, NEW_YORK, World, iv_document
from timeline.models import ProtocolVersion, StepAnswer, _parsed
from timeline.queries import today_page
from timeline.states import BadEnding, TreatmentState, VersionState

pytestmark = pytest.mark.django_db

DOCUMENT = iv_document()
NIGHT = datetime(2026, 11, 24, 22, tzinfo=NEW_YORK).astimezone(UTC)
MORNING = datetime(2026, 11, 25, 9, tzinfo=NEW_YORK).astimezone(UTC)


def ago(**values: float) -> datetime:
    return timezone.now() - timedelta(**values)


def test_without_a_visit_the_page_says_so_and_asks_for_nothing(world: World) -> None:
    page = today_page(world.patient, HOUR_ZERO)
    assert (page.stage, page.now, page.facts, page.next_message) == ("none", None, (), "")


@pytest.mark.parametrize(
    ("state", "values", "hours", "stage"),
    [
        (TreatmentState.PLANNED, {"hour_zero": None, "planned_for": HOUR_ZERO + timedelta(days=1)}, 0, "before"),
        (TreatmentState.IN_TREATMENT, {"hour_zero": None}, 0.5, "during"),
        (TreatmentState.RECOVERING, {}, 0, "day"),
        (TreatmentState.DISCHARGED, {}, 23.9, "day"),
        (TreatmentState.DISCHARGED, {}, 24, "wrap_up"),
        (TreatmentState.DISCHARGED, {}, 35.9, "wrap_up"),
        (TreatmentState.DISCHARGED, {}, 36, "after"),
        (TreatmentState.CLOSED, {"closed_at": HOUR_ZERO + timedelta(hours=48)}, 72, "after"),
    ],
)
def test_the_page_follows_the_visit(
    world: World, state: TreatmentState, values: dict[str, Any], hours: float, stage: str
) -> None:
    world.treatment(state, **values)
    page = today_page(world.patient, HOUR_ZERO + timedelta(hours=hours))
    assert page.stage == stage
    assert (page.now is not None) is (stage == "day")


def test_a_cancelled_visit_says_that_it_will_not_take_place(world: World) -> None:
    world.treatment(TreatmentState.CANCELLED, hour_zero=None, cancelled_at=HOUR_ZERO, cancelled_by=world.nurse)
    page = today_page(world.patient, HOUR_ZERO + timedelta(hours=1))
    assert page.stage == "cancelled"
    assert today_page(world.patient, HOUR_ZERO + timedelta(days=8)).stage == "none"


@pytest.mark.parametrize("reason", list(BadEnding))
def test_a_visit_that_ended_badly_shows_no_step_no_card_and_no_message(world: World, reason: BadEnding) -> None:
    treatment = world.treatment(
        TreatmentState.ENDED_BADLY, ended_badly_at=HOUR_ZERO, ended_badly_by=world.nurse, ended_badly_reason=reason
    )
    world.prompt(treatment, step=DOCUMENT.prompts[0].key, due_at=HOUR_ZERO + timedelta(hours=2))
    page = today_page(world.patient, HOUR_ZERO + timedelta(hours=1))
    assert (page.stage, page.now, page.rail, page.next_message) == ("ended_badly", None, (), "")
    assert page.facts[0].title == "Do not drive today"


def test_a_visit_that_ended_badly_never_says_that_driving_is_possible(world: World) -> None:
    world.treatment(
        TreatmentState.ENDED_BADLY,
        ended_badly_at=HOUR_ZERO,
        ended_badly_by=world.nurse,
        ended_badly_reason=BadEnding.HOSPITAL,
    )
    page = today_page(world.patient, HOUR_ZERO + timedelta(hours=40))
    assert [fact.title for fact in page.facts] == ["Ask your clinic before you drive"]


def test_a_visit_under_way_comes_before_the_next_one(world: World) -> None:
    world.treatment()
    world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=HOUR_ZERO + timedelta(days=2))
    assert today_page(world.patient, HOUR_ZERO + timedelta(hours=5)).stage == "day"


@pytest.mark.parametrize(("days", "stage"), [(2, "before"), (10, "after")])
def test_the_page_turns_to_the_next_visit_when_it_is_near(world: World, days: int, stage: str) -> None:
    world.treatment(TreatmentState.CLOSED, closed_at=HOUR_ZERO + timedelta(hours=48))
    at = HOUR_ZERO + timedelta(days=4)
    world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=at + timedelta(days=days))
    assert today_page(world.patient, at).stage == stage


def test_the_hour_the_rail_and_the_sky_agree(world: World) -> None:
    world.treatment()
    page = today_page(world.patient, HOUR_ZERO + timedelta(hours=4, minutes=40))
    assert page.now is not None
    assert page.now.eyebrow.startswith("Hour 5 of 24: ")
    assert (page.now.begins, page.now.ends) == ("11 am", "11 am tomorrow")
    assert [item.word for item in page.rail] == ["Done", "Now", "Next", "Later"]
    assert page.rail[1].hours == "Hours 3 to 12"
    assert page.rail[1].times == "2 pm to 11 pm"


@pytest.mark.parametrize(
    ("at", "card", "name"), [(NIGHT, DOCUMENT.night, "night"), (MORNING, DOCUMENT.morning, "morning")]
)
def test_night_and_morning_bring_their_own_card_and_lists(world: World, at: datetime, card: Any, name: str) -> None:
    world.treatment()
    page = today_page(world.patient, at)
    assert page.now is not None
    assert page.now.eyebrow.endswith(f": {name}")
    assert page.now.heading == card.heading
    assert next(item for item in page.rail if item.state == "now").usual == card.usual


def test_it_is_the_patients_own_night(world: World) -> None:
    world.treatment()
    world.patient.zone = "Asia/Kolkata"
    page = today_page(world.patient, HOUR_ZERO + timedelta(hours=1))  # 10:30 pm there
    assert page.now is not None
    assert page.now.eyebrow == "Hour 2 of 24: night"
    assert page.now.begins == "9:30 pm"


def test_the_next_message_and_how_many_are_left(world: World) -> None:
    treatment = world.treatment()
    keys = [prompt.key for prompt in DOCUMENT.prompts]
    world.prompt(treatment, step=keys[0], due_at=HOUR_ZERO + timedelta(hours=7))
    world.prompt(treatment, step=keys[1], due_at=HOUR_ZERO + timedelta(hours=22))
    at = HOUR_ZERO + timedelta(hours=5)
    page = today_page(world.patient, at)
    assert page.next_message == "Next message: about 6 pm"
    assert page.messages_left == "Two more. The last at about 9 am tomorrow. None from 9 pm to 8 am."
    assert today_page(world.patient, HOUR_ZERO + timedelta(hours=8)).messages_left == "This is the last one."


def test_driving_is_off_then_depends_on_three_things_and_is_never_declared_over(world: World) -> None:
    world.treatment()
    assert today_page(world.patient, HOUR_ZERO + timedelta(hours=23)).facts[0].title == "Do not drive today"
    later = today_page(world.patient, HOUR_ZERO + timedelta(hours=30)).facts[0]
    assert later.title == "Before you drive, all three must be true"
    assert len(later.points) == 3


def test_unsigned_words_and_the_demos_are_marked(world: World) -> None:
    world.treatment()
    assert today_page(world.patient, HOUR_ZERO).reviewed == "Not clinically reviewed"
    world.patient.clinic.is_demo = False
    assert today_page(world.patient, HOUR_ZERO).reviewed == "Not clinically reviewed"


def test_a_signed_version_of_a_real_clinic_names_who_answers_for_it(world: World) -> None:
    signed_at = datetime(2026, 10, 2, 3, tzinfo=UTC)  # the evening before, in New York
    world.version = ProtocolVersion.objects.create(
        clinic=world.clinic,
        protocol=world.version.protocol,
        number=2,
        state=VersionState.RETIRED,
        content=world.version.content,
        digest=world.version.digest,
        created_at=signed_at,
        signed_by=world.nurse,
        signed_name="Ana Ruiz, MD",
        signed_at=signed_at,
        published_at=signed_at,
        retired_at=HOUR_ZERO,
    )
    world.treatment()
    world.patient.clinic.is_demo = False
    assert today_page(world.patient, HOUR_ZERO).reviewed == "Reviewed by Ana Ruiz, MD, Oct 1, 2026"
    world.patient.clinic.is_demo = True
    assert today_page(world.patient, HOUR_ZERO).reviewed == "Not clinically reviewed"


@pytest.mark.parametrize("visits", [1, 3])
def test_the_day_takes_three_queries_however_many_visits(
    world: World, visits: int, django_assert_num_queries: Any
) -> None:
    treatment = world.treatment()
    for number in range(1, visits):
        closed_at = HOUR_ZERO - timedelta(days=5 * number)
        world.treatment(TreatmentState.CLOSED, hour_zero=closed_at, closed_at=closed_at + timedelta(hours=48))
    for number, prompt in enumerate(DOCUMENT.prompts[:visits]):
        world.prompt(treatment, step=prompt.key, due_at=HOUR_ZERO + timedelta(hours=6 + number))
    with django_assert_num_queries(3):
        today_page(world.patient, HOUR_ZERO + timedelta(hours=5))


def test_the_mark_stays_until_something_shown_changes(world: World) -> None:
    treatment = world.treatment()
    at = HOUR_ZERO + timedelta(hours=4, minutes=31)
    mark = today_page(world.patient, at).mark
    assert today_page(world.patient, at + timedelta(minutes=5)).mark == mark
    assert today_page(world.patient, at + timedelta(minutes=30)).mark != mark
    world.prompt(treatment, step=DOCUMENT.prompts[0].key, due_at=HOUR_ZERO + timedelta(hours=7))
    assert today_page(world.patient, at).mark != mark


def test_without_a_bound_phone_the_welcome_page_answers(client: Client) -> None:
    assert client.get(reverse("timeline:today"))["Location"] == reverse(settings.STRANGER_URL)
    assert client.post(reverse("timeline:answer_step"))["Location"] == reverse(settings.STRANGER_URL)


def test_the_page_holds_the_card_help_and_the_clinics_own_words(phone: Client, world: World) -> None:
    world.treatment(hour_zero=ago(hours=5))
    words = phone.get("/").content.decode()
    assert "Hour 6 of 24" in words
    for link in ('href="tel:911"', 'href="sms:988"', 'id="help"'):
        assert link in words
    assert world.clinic.instructions in words
    assert "This app is not for emergencies." in words
    assert "<title>Your day</title>" in words


def test_htmx_gets_nothing_when_nothing_changed_else_only_the_part(phone: Client, world: World) -> None:
    world.treatment(hour_zero=ago(hours=5))
    mark = re.search(r"seen=(\w+)", phone.get("/").content.decode()).group(1)  # type: ignore[union-attr]
    assert phone.get("/", {"seen": mark}, headers={"HX-Request": "true"}).status_code == 204
    part = phone.get("/", {"seen": "old"}, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert b'id="now"' in part.content
    assert b"<html" not in part.content


def test_looking_changes_nothing(phone: Client, world: World) -> None:
    world.treatment(hour_zero=ago(hours=5))
    phone.get("/")
    phone.get(reverse("timeline:answer_step"))
    assert not StepAnswer.objects.exists()


def _first_step(phone: Client) -> str:
    return re.search(r'name="step" value="([^"]+)"', phone.get("/").content.decode()).group(1)  # type: ignore[union-attr]


@pytest.mark.parametrize(("answer", "words"), [("done", "Done"), ("not_now", "That is fine. It can wait.")])
def test_an_answer_is_kept_once_and_can_be_undone(phone: Client, world: World, answer: str, words: str) -> None:
    world.treatment(hour_zero=ago(hours=5))
    step = _first_step(phone)
    for _ in range(2):
        response = phone.post("/step/", {"step": step, "answer": answer})
        assert (response.status_code, response["Location"]) == (303, "/#step")
    assert [row.answer for row in StepAnswer.objects.all()] == [answer]
    assert words in phone.get("/").content.decode()
    phone.post("/step/", {"step": step, "answer": "undo"})
    assert not StepAnswer.objects.exists()


def test_htmx_gets_the_part_with_the_focus_on_what_changed(phone: Client, world: World) -> None:
    world.treatment(hour_zero=ago(hours=5))
    response = phone.post("/step/", {"step": _first_step(phone), "answer": "done"}, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert b"data-autofocus" in response.content
    assert b"<html" not in response.content


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"step": "no_such_step", "answer": "done"},
        {"step": "\x00", "answer": "done"},
        {"step": "x" * 500, "answer": "done"},
        {"step": DOCUMENT.phases[0].card.steps[0].key, "answer": "always"},
    ],
)
def test_what_is_not_in_the_plan_is_refused_in_plain_words(phone: Client, world: World, form: dict[str, str]) -> None:
    world.treatment(hour_zero=ago(hours=5))
    response = phone.post("/step/", form)
    assert response.status_code == 422
    assert "That step is not in your plan now." in response.content.decode()
    assert not StepAnswer.objects.exists()


def test_no_step_can_be_answered_once_the_visit_ended_badly(phone: Client, world: World) -> None:
    world.treatment(
        TreatmentState.ENDED_BADLY,
        hour_zero=ago(hours=5),
        ended_badly_at=ago(hours=1),
        ended_badly_by=world.nurse,
        ended_badly_reason=BadEnding.HOSPITAL,
    )
    response = phone.post("/step/", {"step": DOCUMENT.phases[0].card.steps[0].key, "answer": "done"})
    assert response.status_code == 422
    assert "Your plan has changed" in response.content.decode()


def test_quiet_hours_may_lie_in_the_day(world: World) -> None:
    world.treatment()
    world.patient.quiet_starts_at, world.patient.quiet_ends_at = time(9), time(17)
    page = today_page(world.patient, HOUR_ZERO + timedelta(hours=1))
    assert page.now is not None
    assert page.now.heading == DOCUMENT.night.heading


@pytest.mark.parametrize("visits", [1, 3])
def test_the_whole_request_takes_nine_statements_however_many_visits(
    phone: Client, world: World, visits: int, django_assert_num_queries: Any
) -> None:
    """The session, the clinic set and put back (a test's own savepoint with it), the phone, and three for the day."""
    world.treatment(hour_zero=ago(hours=5))
    for number in range(1, visits):
        closed_at = ago(days=5 * number)
        world.treatment(TreatmentState.CLOSED, hour_zero=closed_at, closed_at=closed_at + timedelta(hours=48))
    phone.get("/")  # the first of the day begins the session's thirty days anew
    with django_assert_num_queries(9):
        phone.get("/")


def test_a_visit_that_was_called_off_is_told_also_to_who_had_one_before(world: World) -> None:
    world.treatment(TreatmentState.CLOSED, closed_at=HOUR_ZERO + timedelta(hours=48))
    at = HOUR_ZERO + timedelta(days=4)
    world.treatment(
        TreatmentState.CANCELLED,
        hour_zero=None,
        planned_for=at + timedelta(days=1),
        cancelled_at=at,
        cancelled_by=world.nurse,
    )
    assert today_page(world.patient, at + timedelta(hours=1)).stage == "cancelled"
    assert today_page(world.patient, at + timedelta(days=8)).stage == "after"


def test_a_visit_that_ended_badly_is_over_one_day(world: World) -> None:
    world.treatment(
        TreatmentState.CLOSED,
        ended_badly_at=HOUR_ZERO,
        ended_badly_by=world.nurse,
        ended_badly_reason=BadEnding.HOSPITAL,
        closed_at=HOUR_ZERO + timedelta(hours=48),
    )
    page = today_page(world.patient, HOUR_ZERO + timedelta(days=20))
    assert page.stage == "after"
    assert [fact.title for fact in page.facts] == ["Ask your clinic before you drive"]


@pytest.mark.parametrize("hour_zero", [9, 11, 16])
def test_nobody_is_asked_at_night_whether_they_may_drive(
    world: World, hour_zero: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the hours of the route: the night after belongs to the day before it."""
    treatment = world.treatment(hour_zero=datetime(2026, 11, 24, hour_zero, tzinfo=NEW_YORK).astimezone(UTC))
    short = replace(treatment.document, driving=replace(treatment.document.driving, hours=8))
    monkeypatch.setitem(_parsed, treatment.protocol_version.digest, short)
    night = datetime(2026, 11, 25, 0, 30, tzinfo=NEW_YORK)
    assert today_page(world.patient, night).facts[0].title == "Do not drive today"


def test_the_whole_page_comes_when_the_clinic_has_opened_or_closed(phone: Client, world: World) -> None:
    world.treatment(hour_zero=ago(hours=5))
    mark = today_page(world.patient, timezone.now()).mark
    other = mark[:-1] + ("c" if mark[-1] == "o" else "o")
    response = phone.get("/", {"seen": other}, headers={"HX-Request": "true"})
    assert response["HX-Refresh"] == "true"
    assert "HX-Refresh" not in phone.get("/", {"seen": "0" * 12 + mark[-1]}, headers={"HX-Request": "true"})


def test_the_mark_changes_when_the_clinic_closes(world: World) -> None:
    world.patient.clinic.opening_hours = {"tue": ["08:00", "18:00"]}
    world.patient.clinic.__dict__.pop("hours", None)
    before, after = (
        today_page(world.patient, datetime(2026, 11, 24, 17, minute, tzinfo=NEW_YORK) + timedelta(minutes=more)).mark
        for minute, more in ((50, 0), (50, 20))
    )
    assert (before[-1], after[-1]) == ("o", "c")


def test_a_visit_that_was_planned_instead_is_shown_and_not_the_cancelled_one(world: World) -> None:
    at = HOUR_ZERO
    world.treatment(
        TreatmentState.CANCELLED,
        hour_zero=None,
        planned_for=at + timedelta(hours=3),
        cancelled_at=at,
        cancelled_by=world.nurse,
    )
    instead = world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=at + timedelta(days=6))
    type(instead).objects.filter(pk=instead.pk).update(planned_at=at + timedelta(minutes=2))
    page = today_page(world.patient, at + timedelta(hours=1))
    assert page.stage == "before"
    assert "Nov 30" in page.facts[0].title
