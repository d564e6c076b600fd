"""The visit as a calendar file: right by RFC 5545, and without a word of what it is for."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from accounts.services import record
from aftercare.words import NOTICE_WORDS, found_words
from tests.world import World
from timeline.calendar import visit_calendar
from timeline.models import Treatment
from timeline.states import TreatmentState

NEW_YORK = ZoneInfo("America/New_York")
VISIT = UUID("7b1e3c40-8a53-4d8c-9f2f-000000000001")
NAME = re.compile(r"[A-Z-]+(;VALUE=DATE-TIME)?")


def read(text: str) -> dict[str, str]:
    """Strictly: lines end with CR LF, are at most 75 bytes, and each block that begins also ends. Unfolded, unescaped."""
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    found, blocks = {}, []
    for line in re.sub(r"\r\n ", "", text).strip().split("\r\n"):
        name, _, value = line.partition(":")
        assert NAME.fullmatch(name) and value, line
        if name == "BEGIN":
            blocks.append(value)
        elif name == "END":
            assert blocks.pop() == value
        else:
            key = f"{blocks[-1]}.{name}"
            assert key not in found, f"{key} stands twice"
            found[key] = re.sub(r"\\(.)", r"\1", value)
    assert blocks == []
    return found


def made(**other: object) -> dict[str, str]:
    values: dict[str, object] = {
        "visit_id": VISIT,
        "begins_at": datetime(2026, 12, 3, 9, 30, tzinfo=NEW_YORK),
        "changed_at": datetime(2026, 11, 28, 12, 0, 1, tzinfo=UTC),
        "sequence": 0,
        "place": "18 Cedar Street, 2nd floor; ring twice \\ here",
        "sender": "Cedar Street",
        "zone": NEW_YORK,
        "at": datetime(2026, 11, 28, 12, tzinfo=UTC),
        **other,
    }
    return read(visit_calendar(**values))  # type: ignore[arg-type]


def test_it_says_when_in_utc_and_where_with_every_sign_escaped() -> None:
    found = made()
    assert found["VCALENDAR.VERSION"] == "2.0" and found["VCALENDAR.PRODID"]
    assert found["VEVENT.DTSTART"] == "20261203T143000Z"
    assert found["VEVENT.DTSTAMP"] == "20261128T120001Z"
    assert found["VEVENT.SUMMARY"] == "Appointment, Cedar Street"
    assert found["VEVENT.LOCATION"] == "18 Cedar Street, 2nd floor; ring twice \\ here"
    assert found["VEVENT.UID"] == str(VISIT)


@pytest.mark.parametrize(
    ("begins_at", "rings_at"),
    [
        (datetime(2026, 12, 3, 9, 30, tzinfo=NEW_YORK), "20261202T230000Z"),
        # By the patient's clock, also over the night when the clocks change.
        (datetime(2027, 3, 14, 9, 30, tzinfo=NEW_YORK), "20270313T230000Z"),
        (datetime(2027, 3, 15, 9, 30, tzinfo=NEW_YORK), "20270314T220000Z"),
        # That evening is over.
        (datetime(2026, 11, 28, 9, 30, tzinfo=NEW_YORK), None),
    ],
)
def test_the_alarm_comes_the_evening_before(begins_at: datetime, rings_at: str | None) -> None:
    assert made(begins_at=begins_at).get("VALARM.TRIGGER;VALUE=DATE-TIME") == rings_at


@pytest.mark.parametrize("place", ["", "x" * 200, "Łódź, ulica Żółta 7 " * 9, "a\r\nBEGIN:VEVENT\r\nb"])
def test_any_place_is_folded_and_stays_one_value(place: str) -> None:
    assert made(place=place).get("VEVENT.LOCATION", "") == " ".join(place.split())


@pytest.fixture
def visit(world: World) -> Treatment:
    return world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now() + timedelta(days=5))


@pytest.mark.django_db
def test_the_file_is_of_the_planned_visit_and_its_name_and_words_tell_nothing(
    set_up_phone: Client, visit: Treatment
) -> None:
    response = set_up_phone.get("/set-up/visit.ics")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="appointment.ics"'
    text = response.content.decode()
    assert read(text)["VEVENT.DTSTART"] == f"{visit.planned_for.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    assert found_words(text, NOTICE_WORDS) == []


@pytest.mark.django_db
def test_a_name_that_tells_is_left_out(set_up_phone: Client, world: World, visit: Treatment) -> None:
    world.clinic.sender_name = "Ketamine House"
    world.clinic.save()
    assert read(set_up_phone.get("/set-up/visit.ics").content.decode())["VEVENT.SUMMARY"] == "Appointment"


@pytest.mark.django_db
def test_after_a_change_the_same_event_has_a_higher_number(
    set_up_phone: Client, world: World, visit: Treatment
) -> None:
    before = read(set_up_phone.get("/set-up/visit.ics").content.decode())
    record("visit_moved", on=visit, at=timezone.now(), by=world.nurse)
    Treatment.objects.filter(pk=visit.pk).update(planned_for=visit.planned_for + timedelta(hours=1))
    after = read(set_up_phone.get("/set-up/visit.ics").content.decode())
    assert after["VEVENT.UID"] == before["VEVENT.UID"]
    assert int(after["VEVENT.SEQUENCE"]) > int(before["VEVENT.SEQUENCE"])


@pytest.mark.django_db
@pytest.mark.parametrize("state", [None, TreatmentState.CANCELLED])
def test_without_a_planned_visit_there_is_no_file(
    set_up_phone: Client, world: World, state: TreatmentState | None
) -> None:
    if state:
        world.treatment(state, hour_zero=None, cancelled_at=timezone.now(), cancelled_by=world.nurse)
    response = set_up_phone.get("/set-up/visit.ics")
    assert (response.status_code, response["Location"]) == (303, "/set-up/")
