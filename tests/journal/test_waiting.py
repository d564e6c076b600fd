"""The "Not today" box: shut until its time for everybody, handed back once, and gone for good when it is let go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Patient
from aftercare.tenancy import as_journal, tenant
from journal.access import GATE
from journal.gate import Gate
from journal.models import KeyEvent, ParkedUrge
from journal.queries import not_today_page, ready_urges
from journal.services import UrgeWaits, answer_urge, entry_id_of, keys, let_urge_go, open_urge, park_urge
from journal.states import UrgeAnswer
from journal.waiting import opens_at, stage_of
from tests.clinic.pages import words
from tests.conftest import bind
from tests.world import HOUR_ZERO, NEW_YORK, World
from timeline.models import Treatment

BOX = "journal:not_today"
LINE = "Quit, and tell them why. Μεγάλη αγορά. 家を買う 🏠"
OTHER_RING = "tests:YW5vdGhlciBrZXkgb2YgdGhpcnR5LXR3byBieXRlcyE="


# --- When it comes back ---


@pytest.mark.parametrize(
    ("at", "hour_zero", "back"),
    [
        ("2026-11-24T18:10", "2026-11-24T16:30", "2026-11-25T16:30"),
        ("2026-11-25T16:29", "2026-11-24T16:30", "2026-11-25T16:30"),
        ("2026-11-25T16:30", "2026-11-24T16:30", "2026-11-26T16:30"),
        ("2026-11-27T09:00", "2026-11-24T16:30", "2026-11-28T09:00"),
        ("2026-11-24T18:10", None, "2026-11-25T18:10"),
        # the night of the clock change has 25 hours, and the other one 23: a day is what passed
        ("2026-10-31T18:00", "2026-10-31T16:30", "2026-11-01T15:30"),
        ("2026-03-07T18:00", "2026-03-07T16:30", "2026-03-08T17:30"),
        ("2026-10-31T18:00", None, "2026-11-01T17:00"),
    ],
)
def test_it_comes_back_a_day_after_hour_zero_or_a_day_from_now(at: str, hour_zero: str | None, back: str) -> None:
    def local(moment: str) -> datetime:
        return datetime.fromisoformat(moment).replace(tzinfo=NEW_YORK)

    assert opens_at(local(at), hour_zero=local(hour_zero) if hour_zero else None) == local(back).astimezone(UTC)


@pytest.mark.parametrize(
    ("answer", "minutes", "stage"),
    [
        ("", -1, "waiting"),
        ("kept", -1, "waiting"),
        ("", 0, "ready"),
        ("", 90, "ready"),
        ("kept", 1, "kept"),
        ("asked", 1, "asked"),
    ],
)
def test_where_it_stands(answer: str, minutes: int, stage: str) -> None:
    assert stage_of(answer, opens_at=HOUR_ZERO, at=HOUR_ZERO + timedelta(minutes=minutes)) == stage


# --- The box ---

db = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_trust() -> None:
    keys._trusted.clear()


def put_away(phone: Client, line: str = LINE, key: object = None) -> Any:
    return phone.post(reverse(BOX), {"line": line, "key": str(key or uuid4())})


def urges() -> list[ParkedUrge]:
    with as_journal():
        return list(ParkedUrge.objects.order_by("parked_at"))


def parked(patient: Patient, *, ago: timedelta = timedelta(hours=30), line: str = LINE) -> UUID:
    """Put away so long ago, for a day."""
    at = timezone.now() - ago
    urge_id = entry_id_of(patient, uuid4())
    return park_urge(patient, urge_id=urge_id, line=line, opens_at=at + timedelta(hours=24), at=at).pk


@pytest.fixture
def open_phone(phone: Client) -> Client:
    """The patient's own, with the PIN given a moment ago."""
    return give_pin(phone)


def give_pin(phone: Client) -> Client:
    session = phone.session
    session[GATE] = Gate.open(timezone.now()).kept
    session.save()
    return phone


def deeds() -> list[str]:
    with as_journal():
        return list(KeyEvent.objects.order_by("pk").values_list("deed", flat=True))


@db
def test_a_line_is_put_away_without_a_pin_and_shown_by_its_times_alone(phone: Client) -> None:
    assert put_away(phone).status_code == 303
    (urge,) = urges()
    assert urge.opens_at - urge.parked_at == timedelta(hours=24)
    assert LINE.encode() not in bytes(urge.sealed)
    page = phone.get(reverse(BOX)).content.decode()
    assert LINE not in page
    assert "Put away at" in page
    assert "It comes back at" in page


@db
def test_inside_the_day_it_comes_back_when_the_day_ends_and_a_corrected_hour_zero_moves_nothing(
    phone: Client, world: World
) -> None:
    hour_zero = timezone.now() - timedelta(hours=5)
    treatment = world.treatment(hour_zero=hour_zero)
    put_away(phone)
    assert urges()[0].opens_at == hour_zero + timedelta(hours=24)
    Treatment.objects.filter(pk=treatment.pk).update(hour_zero=hour_zero + timedelta(hours=2))
    assert urges()[0].opens_at == hour_zero + timedelta(hours=24)
    put_away(phone, "one more")
    assert urges()[1].opens_at == hour_zero + timedelta(hours=26)


@db
def test_a_second_tap_is_the_same_line_and_a_page_gone_back_to_loses_none(phone: Client) -> None:
    key = uuid4()
    for line in ("one", "one", "another"):
        put_away(phone, line, key)
    assert len(urges()) == 2


@db
@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("", "Write a line"),
        ("   ", "Write a line"),
        ("x" * 301, "a bit shorter"),
        ("a\0b", "a sign that we can not keep"),
    ],
)
def test_what_can_not_be_a_line_is_refused_with_the_text_kept(phone: Client, line: str, problem: str) -> None:
    answer = put_away(phone, line)
    assert answer.status_code == 422
    assert problem in answer.content.decode()
    assert line.strip() in answer.content.decode()
    assert urges() == []


@db
@pytest.mark.parametrize("ring", ["", "no ring", OTHER_RING])
def test_without_the_right_key_nothing_is_written_and_what_was_typed_stays(
    phone: Client, settings: Settings, ring: str
) -> None:
    put_away(phone, "before")
    keys._trusted.clear()
    settings.JOURNAL_KEYS = ring
    answer = put_away(phone, "after")
    assert answer.status_code == 503
    assert "after" in answer.content.decode()
    assert len(urges()) == 1
    assert phone.get(reverse(BOX)).status_code == 200


@db
def test_the_list_costs_the_same_for_one_and_for_three(phone: Client, world: World) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as told:
            not_today_page(world.patient, timezone.now())
        return len(told)

    parked(world.patient)
    first = count()
    for _ in range(2):
        parked(world.patient)
    assert count() == first
    assert len(not_today_page(world.patient, timezone.now()).ready) == 3


# --- Before its time ---


@db
def test_before_its_time_no_pin_and_no_address_shows_it(open_phone: Client, world: World) -> None:
    put_away(open_phone)
    (urge,) = urges()
    address = reverse("journal:urge", args=[urge.pk])
    looks = (
        open_phone.get(address),
        open_phone.post(address, {"answer": "kept"}),
        open_phone.get(reverse("journal:let_go", args=[urge.pk])),
        open_phone.get(reverse(BOX)),
    )
    assert [look.status_code for look in looks] == [200] * 4
    assert not any(LINE in look.content.decode() for look in looks)
    assert "It is still put away" in words(looks[0])
    assert urges()[0].answer == ""
    with pytest.raises(UrgeWaits):
        open_urge(world.patient, urge.pk, at=urge.opens_at - timedelta(microseconds=1))
    assert "opened" not in deeds()
    assert open_urge(world.patient, urge.pk, at=urge.opens_at) == LINE


@db
def test_before_its_time_nothing_is_answered(world: World) -> None:
    urge_id = parked(world.patient, ago=timedelta(hours=1))
    answer_urge(world.patient, urge_id, UrgeAnswer.KEPT, at=timezone.now())
    assert urges()[0].answer == ""


@db
def test_it_can_be_let_go_unread_after_a_question(open_phone: Client) -> None:
    put_away(open_phone)
    address = reverse("journal:let_go", args=[urges()[0].pk])
    assert "gone for good" in words(open_phone.get(address))
    assert len(urges()) == 1
    assert open_phone.post(address).status_code == 303
    assert urges() == []
    assert deeds() == ["made", "removed"]
    assert open_phone.post(address).status_code == 303  # a second tap
    assert deeds() == ["made", "removed"]


# --- Once it is back ---


@db
def test_it_is_handed_back_with_a_question_and_the_opening_is_logged(open_phone: Client, world: World) -> None:
    urge_id = parked(world.patient)
    with as_journal():
        assert ready_urges(world.patient, timezone.now()) == 1
    answer = open_phone.get(reverse("journal:urge", args=[urge_id]))
    assert LINE in answer.content.decode()
    assert "Still want this?" in words(answer)
    assert deeds() == ["made", "opened"]
    assert LINE not in open_phone.get(reverse(BOX)).content.decode()


@db
@pytest.mark.parametrize(("count", "told"), [(0, "Put it away for a day."), (1, "1 is back"), (2, "2 are back")])
def test_the_page_to_write_on_says_how_many_are_back_and_opens_none(
    phone: Client, world: World, count: int, told: str
) -> None:
    parked(world.patient, ago=timedelta(hours=1))
    for _ in range(count):
        parked(world.patient)
    assert told in words(phone.get(reverse("journal:write")))
    assert "opened" not in deeds()


@db
def test_it_does_not_open_without_the_pin(phone: Client, world: World) -> None:
    urge_id = parked(world.patient)
    for name in ("journal:urge", "journal:let_go"):
        for send in (phone.get, phone.post):
            answer = send(reverse(name, args=[urge_id]))
            assert answer.status_code == 303
            assert answer["Location"].startswith(reverse("journal:unlock"))
    assert len(urges()) == 1
    assert "opened" not in deeds()


@db
@pytest.mark.parametrize(("answer", "heading"), [("kept", "You kept this"), ("asked", "Ask before you do it")])
def test_what_was_kept_or_is_to_be_asked_stays_to_be_read_and_can_still_be_let_go(
    open_phone: Client, world: World, answer: str, heading: str
) -> None:
    urge_id = parked(world.patient)
    address = reverse("journal:urge", args=[urge_id])
    assert open_phone.post(address, {"answer": answer}).status_code == 303
    page = open_phone.get(address)
    assert heading in words(page)
    assert LINE in page.content.decode()
    with as_journal():
        assert ready_urges(world.patient, timezone.now()) == 0
    open_phone.post(reverse("journal:let_go", args=[urge_id]))
    assert urges() == []


@db
def test_whom_to_ask_is_who_was_named_and_the_clinic(open_phone: Client, world: World) -> None:
    world.treatment(
        hour_zero=timezone.now() - timedelta(hours=26), second_contact="Ana Silva", second_phone="+15550100177"
    )
    address = reverse("journal:urge", args=[parked(world.patient)])
    assert "Ana Silva" not in words(open_phone.get(address))
    open_phone.post(address, {"answer": "asked"})
    page = open_phone.get(address)
    assert "Call Ana Silva" in words(page)
    assert "tel:+15550100177" in page.content.decode()
    assert "You can say" in words(page)


@db
def test_an_answer_that_is_none_is_refused_and_the_line_stays_shown(open_phone: Client, world: World) -> None:
    answer = open_phone.post(reverse("journal:urge", args=[parked(world.patient)]), {"answer": "let_go"})
    assert answer.status_code == 422
    assert LINE in answer.content.decode()
    assert urges()[0].answer == ""


@db
def test_letting_go_leaves_no_sealed_byte_in_the_table(open_phone: Client, world: World) -> None:
    stays, goes = parked(world.patient, line="stays"), parked(world.patient, line="goes")
    with as_journal():
        sealed = bytes(ParkedUrge.objects.get(pk=goes).sealed)
    open_phone.post(reverse("journal:let_go", args=[goes]))
    assert [urge.pk for urge in urges()] == [stays]
    assert all(bytes(urge.sealed) != sealed for urge in urges())


@db
def test_a_damaged_line_is_kept_and_said_and_hides_no_other(open_phone: Client, world: World) -> None:
    urge_id, other = parked(world.patient), parked(world.patient, line="whole")
    with as_journal():
        row = ParkedUrge.objects.get(pk=urge_id)
        ParkedUrge.objects.filter(pk=urge_id).update(sealed=bytes(row.sealed)[:-1] + b"\0\0")
    page = open_phone.get(reverse("journal:urge", args=[urge_id]))
    assert "We have kept it as it is" in words(page)
    assert deeds()[-1] == "refused"
    assert "whole" in words(open_phone.get(reverse("journal:urge", args=[other])))
    assert len(urges()) == 2


@db
def test_without_the_right_key_it_stays_shut_and_is_kept(open_phone: Client, world: World, settings: Settings) -> None:
    urge_id = parked(world.patient)
    settings.JOURNAL_KEYS = ""
    page = open_phone.get(reverse("journal:urge", args=[urge_id]))
    assert page.status_code == 503
    assert len(urges()) == 1


# --- Who must not ---


@db
def test_another_patient_finds_none_of_it_and_takes_none_away(client: Client, world: World, other_world: World) -> None:
    with tenant(world.clinic.pk):
        urge_id = parked(world.patient)
    stranger = give_pin(bind(client, other_world))
    for name in ("journal:urge", "journal:let_go"):
        assert stranger.get(reverse(name, args=[urge_id])).status_code == 404
    stranger.post(reverse("journal:let_go", args=[urge_id]))
    with tenant(world.clinic.pk):
        assert len(urges()) == 1


@db
def test_another_patient_of_the_same_clinic_finds_none_of_it(open_phone: Client, world: World) -> None:
    second = Patient.objects.create(
        clinic=world.clinic,
        first_name="Ines",
        last_name="Vale",
        record_number="A-2",
        born_on=world.patient.born_on,
        zone=world.patient.zone,
        created_at=HOUR_ZERO,
    )
    urge_id = parked(second)
    address = reverse("journal:urge", args=[urge_id])
    assert open_phone.get(address).status_code == open_phone.post(address, {"answer": "kept"}).status_code == 404
    open_phone.post(reverse("journal:let_go", args=[urge_id]))
    assert [urge.answer for urge in urges()] == [""]
    let_urge_go(world.patient, urge_id, at=timezone.now())
    assert len(urges()) == 1
