"""The patient's own data: a copy of everything that is kept, for its patient alone, and the wish that the rest be deleted."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from html import unescape
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import AuditEvent, Device, Escort, Patient
from accounts.services import name_escort, record_consent, set_pin
from accounts.states import ConsentKind, ConsentWay
from aftercare.tenancy import as_journal
from alerts.models import Alert
from alerts.services import AlertCause, close_alert, raise_alert, take_alert
from alerts.states import AlertState, Cause, Closing
from checkin.models import DailyLog
from checkin.queries import log_day
from checkin.services import record_questionnaire
from journal.crypto import seal
from journal.models import JournalEntry, KeyEvent, ParkedUrge
from journal.one_page import OnePage, Part
from journal.services.entries import record_place
from journal.services.keys import key_to_write
from journal.services.urges import URGE
from journal.states import EntryKind
from prompts.models import MessageChoice, PushSubscription, Reply
from tests.accounts.ways import give_number
from tests.checkin.rows import make_check_in
from tests.clinic.pages import words
from tests.journal.writing import PIN, spoil, wrote
from tests.world import HOUR_ZERO, World
from timeline.levels import Level

pytestmark = pytest.mark.django_db
COPY, ASK = "/your-data/copy/", "/your-data/delete/"


@pytest.fixture
def own(phone: Client, world: World) -> Client:
    """The patient's phone; a PIN is set."""
    set_pin(world.patient, PIN)
    return phone


def copied(phone: Client, kind: str) -> Any:
    answer = phone.post(COPY, {"known_pin": PIN, "kind": kind})
    assert answer.status_code == 200
    return answer


def read(answer: Any) -> str:
    """What stands in a file, whichever of the two it is."""
    return str(unescape(answer.content.decode()))


def sections(phone: Client) -> dict[str, Any]:
    return dict(json.loads(copied(phone, "data").content)["sections"])


# --- Whose it is, and who gets it ---


@pytest.mark.parametrize("pin", ["", "12", "111222"])
def test_a_wrong_pin_gives_nothing(own: Client, world: World, pin: str) -> None:
    answer = own.post(COPY, {"known_pin": pin, "kind": "data"})
    assert answer.status_code == 422
    assert "Content-Disposition" not in answer
    assert world.patient.record_number not in read(answer)
    assert not AuditEvent.objects.filter(action="copy_made").exists()


def test_the_files_are_saved_and_their_names_tell_the_day_alone(own: Client) -> None:
    for kind, ending, type_ in (("page", "html", "text/html"), ("data", "json", "application/json")):
        answer = copied(own, kind)
        assert re.fullmatch(
            rf'attachment; filename="my-copy-\d{{4}}-\d\d-\d\d\.{ending}"', answer["Content-Disposition"]
        )
        assert answer["Content-Type"].startswith(type_)
        assert answer["Cache-Control"] == "no-store"
    assert AuditEvent.objects.filter(action="copy_made").count() == 2


def test_the_page_asks_for_the_pin_and_gives_nothing_away(own: Client, world: World) -> None:
    page = own.get(COPY)
    assert page.status_code == 200
    assert world.patient.record_number not in read(page)
    assert own.post(COPY, {"known_pin": PIN}).status_code == 422
    assert own.post(COPY, {"known_pin": PIN, "kind": "zip"}).status_code == 422


def test_who_has_no_pin_reads_how_to_get_one(phone: Client) -> None:
    assert 'href="/phone-and-pin/forgot/"' in read(phone.get(COPY))


def test_nothing_of_anybody_else_is_in_it(own: Client, world: World) -> None:
    other = Patient.objects.create(
        clinic=world.clinic,
        first_name="Ines",
        last_name="Strangeworth",
        record_number="STRANGE-2",
        born_on=date(1971, 1, 1),
        zone=world.patient.zone,
        created_at=HOUR_ZERO,
    )
    fill(world, other, "STRANGE")
    fill(world, world.patient, "MINE")
    for kind in ("page", "data"):
        said = read(copied(own, kind))
        assert "MINE" in said
        assert "strange" not in said.casefold()


# --- What is in it ---


def fill(world: World, patient: Patient, mark: str) -> list[str]:
    """One of each kind of row; returns what has to stand in the copy."""
    at = timezone.now()
    patient.first_name = f"{mark}-first"
    patient.history_told, patient.history_told_at = {"diabetes": "no"}, at
    patient.save()
    mine, world.patient = world.patient, patient
    visit = world.treatment(tonight_at=f"{mark} lane", second_contact=f"{mark}-contact")
    world.patient = mine
    world_of = World(world.clinic, world.nurse, patient, world.version)
    give_number(world_of, "+12125550142" if mark == "MINE" else "+12125550143")
    record_consent(ConsentKind.APP, given=True, patient=patient, way=ConsentWay.APP, by=patient, at=at)
    name_escort(patient, task=Escort.Task.DRIVES, name=f"{mark}-helper", phone="", at=at, by=patient)
    world_of.prompt(visit, step=f"{mark}-step", due_at=at, state=1, sent_at=at)
    MessageChoice.objects.create(clinic=world.clinic, patient=patient, first_way="email", alias=f"{mark}-alias")
    PushSubscription.objects.create(
        clinic=world.clinic, patient=patient, endpoint=f"https://{mark}.push.apple.com/x", public_key="", auth_secret="",
        device=Device.objects.create(clinic=world.clinic, patient=patient, bound_at=at), made_at=at,
    )  # fmt: skip
    Reply.objects.create(clinic=world.clinic, patient=patient, kind="other", words=f"{mark}-words", at=at)
    make_check_in(patient)
    record_questionnaire(patient, key=uuid4(), kind="gad7", answers=[1] * 7, treatment=visit, at=at)
    DailyLog.objects.create(
        clinic=world.clinic, patient=patient, key=uuid4(), day=at.date(), mood=3, sleep=4, worry=5,
        for_clinic=f"{mark}-line", logged_at=at,
    )  # fmt: skip
    for kind in (EntryKind.ENTRY, EntryKind.INTENTION, EntryKind.NOTE, EntryKind.THEMES):
        wrote(patient, f"{mark} {kind}\n<b>& more", at=at, kind=kind, feelings=("Calm",))
    return [
        f"{mark}-first", f"{mark} lane", f"{mark}-contact", f"{mark}-helper", f"{mark} step", f"{mark}-line",
        f"{mark}-alias", f"{mark.lower()}.push.apple.com", f"{mark}-words",
        "Do you have diabetes? No", "Feeling nervous, anxious or on edge", "Several days", "Calm",
        *(f"{mark} {kind}" for kind in ("entry", "intention", "note", "themes")),
    ]  # fmt: skip


def test_everything_that_is_kept_is_in_both_files(own: Client, world: World) -> None:
    told = fill(world, world.patient, "MINE")
    page, data = read(copied(own, "page")), copied(own, "data").content.decode()
    everything = json.dumps(json.loads(data), ensure_ascii=False)
    assert [each for each in told if each not in page] == []
    assert [each for each in told if each not in everything] == []


def test_everything_that_was_written_through_the_pages_is_in_both_files(own: Client, world: World) -> None:
    """As a patient does it, page by page; what was put away has come back by then."""
    own.post("/words/open/", {"known_pin": PIN})
    paper = {"writer": uuid4(), "number": "1", "seen": "0", "question": "What came up?"}
    sent = {
        reverse("journal:write"): {"text": "A wide river.", "feelings": ["Calm"], "key": uuid4(), **paper},
        reverse("journal:save"): {"text": "Half a line", "key": uuid4(), **paper},
        reverse("journal:intention"): {"line": "Let the quiet last.", "key": uuid4()},
        reverse("journal:note"): {"note": "Slept well for once.", "key": uuid4()},
        reverse("journal:not_today"): {"line": "Buy the boat.", "key": uuid4()},
        reverse("checkin:log"): {
            "mood": "6", "sleep": "7", "worry": "3", "for_clinic": "Please change my time.", "key": uuid4(),
            "day": log_day(Patient.objects.get(), timezone.now()),
        },
    }  # fmt: skip
    for path, fields in sent.items():
        assert own.post(path, fields).status_code in {200, 303}, path
    with as_journal():
        text = JournalEntry.objects.filter(kind=EntryKind.ENTRY).first()
        ParkedUrge.objects.update(opens_at=timezone.now() - timedelta(minutes=1))
    assert text
    share = {"whom": "My sister Ada", "days": "7", "key": uuid4(), "seen": text.revision}
    assert own.post(reverse("journal:share", args=[text.pk]), share).status_code == 200
    written = ("A wide river.", "What came up?", "Calm", "Half a line", "Let the quiet last.", "Slept well for once.")
    told = (*written, "Buy the boat.", "Please change my time.", "My sister Ada")
    for kind in ("page", "data"):
        said = read(copied(own, kind))
        assert [each for each in told if each not in said] == []


def test_a_page_for_a_talk_is_in_the_copy_in_words(own: Client, world: World) -> None:
    page = OnePage(parts=(Part("question", "What next?", "To ask"),), written="", zone=world.patient.zone)
    wrote(world.patient, page.dump(), at=timezone.now(), kind=EntryKind.SUMMARY)
    (row,) = sections(own)["texts"]["rows"]
    assert (row["Kind"], row["Text"]) == ("A page to share", "To ask\nWhat next?")


def test_each_app_has_its_part_in_the_copy(own: Client) -> None:
    assert list(sections(own)) == [
        *("you", "ways", "consents", "phones", "people", "history", "visits", "readings", "steps", "set_up"),
        *("check_ins", "questions", "logs", "alerts", "rides", "leaving", "messages", "message_choices"),
        *("phones_with_notes", "replies"),
        *("texts", "not_today", "shares", "openings", "deeds"),
    ]


def test_a_text_stands_in_the_copy_as_it_was_typed(own: Client, world: World) -> None:
    typed = "  One <b>line</b> & \n\n静かな一日を 🌿"
    wrote(world.patient, typed, at=timezone.now())
    (row,) = sections(own)["texts"]["rows"]
    assert row["Text"] == typed
    assert typed in read(copied(own, "page"))
    assert "<b>line</b>" not in copied(own, "page").content.decode()


def test_an_answer_stands_under_the_words_of_its_question(own: Client, world: World) -> None:
    make_check_in(world.patient)
    (row,) = sections(own)["check_ins"]["rows"]
    (answer,) = row["Answers"]
    assert answer["Question"] == "Is any of these going on now?"
    assert answer["Answer"] == "None of these"


def test_a_copy_is_on_the_log_of_openings(own: Client, world: World) -> None:
    for text in ("one", "two"):
        wrote(world.patient, text, at=timezone.now())
    copied(own, "data")
    with as_journal():
        event = KeyEvent.objects.get(deed="copied")
    assert (event.count, event.actor) == (2, "patient")
    assert "A copy of your data was made, with 2 texts." in words(own.get("/words/openings/"))


def test_all_that_a_copy_opens_is_one_line_on_the_log(own: Client, world: World) -> None:
    wrote(world.patient, "", at=timezone.now())
    put_away(world, "Buy the boat.", hours=-1)
    put_away(world, "Write to the boss.", hours=1)
    copied(own, "data")
    with as_journal():
        assert KeyEvent.objects.get(deed="copied").count == 1


def test_a_text_that_does_not_open_is_named_and_breaks_nothing(own: Client, world: World) -> None:
    wrote(world.patient, "Whole.", at=timezone.now())
    spoil(wrote(world.patient, "Broken.", at=timezone.now()))
    texts = [row["Text"] for row in sections(own)["texts"]["rows"]]
    assert sorted(texts) == ["We can not open this one. We have kept it as it is.", "Whole."]


def test_without_a_key_the_rest_still_comes_and_says_what_is_missing(
    own: Client, world: World, settings: Settings
) -> None:
    wrote(world.patient, "Only mine.", at=timezone.now())
    settings.JOURNAL_KEYS = ""
    told = sections(own)
    assert told["texts"]["is_missing"] is True
    assert [set(row) for row in told["texts"]["rows"]] == [{"Written"}]
    assert told["you"]["rows"]
    page = read(copied(own, "page"))
    assert "Missing: Your own words." in page
    assert "Only mine." not in page


def test_without_a_key_who_never_wrote_has_a_whole_copy(own: Client, settings: Settings) -> None:
    settings.JOURNAL_KEYS = ""
    told = sections(own)
    assert [told[name]["rows"] for name in ("texts", "not_today", "shares")] == [[], [], []]
    assert "is_missing" not in told["texts"] or not told["texts"]["is_missing"]
    assert "Missing:" not in read(copied(own, "page"))


def test_without_a_key_what_was_put_away_is_missing_too(own: Client, world: World, settings: Settings) -> None:
    put_away(world, "Buy the boat.", hours=-1)
    settings.JOURNAL_KEYS = ""
    assert sections(own)["texts"]["is_missing"] is True


def test_what_waits_for_a_day_is_in_the_copy_once_the_day_is_over(own: Client, world: World) -> None:
    put_away(world, "Buy the boat.", hours=-1)
    put_away(world, "Write to the boss.", hours=1)
    rows = sections(own)["not_today"]["rows"]
    assert sorted(row["Words"] or "" for row in rows) == ["", "Buy the boat."]


def put_away(world: World, line: str, *, hours: int) -> None:
    at, urge_id = timezone.now(), uuid4()
    with as_journal():
        key, version = key_to_write(world.patient, at=at)
        sealed = seal(line, key=key, version=version, place=record_place(world.patient, urge_id, URGE))
        ParkedUrge.objects.create(
            id=urge_id,
            clinic=world.clinic,
            patient=world.patient,
            sealed=sealed,
            parked_at=at - timedelta(days=1),
            opens_at=at + timedelta(hours=hours),
        )


# --- Asking for the rest to go ---


def test_asking_tells_the_clinic_once(own: Client, world: World) -> None:
    assert "You asked" not in words(own.get(ASK))
    assert not Alert.objects.exists()
    for _ in range(2):
        answer = own.post(ASK)
        assert (answer.status_code, answer["Location"]) == (303, ASK)
    alert = Alert.objects.get()
    assert (alert.cause, alert.level, alert.state) == (Cause.DATA, "call_today", AlertState.OPEN)
    assert alert.source == f"data:{world.patient.pk}:1"
    assert AuditEvent.objects.filter(action="deletion_asked").count() == 1


def test_once_the_clinic_is_done_with_it_the_pages_say_so_and_it_can_be_asked_again(own: Client, world: World) -> None:
    own.post(ASK)
    at = timezone.now()
    day = at.astimezone(ZoneInfo(world.patient.zone)).date()
    seen = f"The clinic looked at it on {day:%b} {day.day}, {day.year}."
    take_alert(Alert.objects.get(), by=world.nurse, at=at)
    assert seen not in words(own.get("/your-data/"))
    close_alert(
        Alert.objects.get(), closing=Closing.NOT_NEEDED, done="We spoke.", is_reported=None, by=world.nurse, at=at
    )
    for path in (ASK, "/your-data/"):
        assert seen in words(own.get(path))
    assert "Ask once more" in words(own.get(ASK))
    for _ in range(2):
        own.post(ASK)
    assert "Ask once more" not in words(own.get(ASK))
    assert seen not in words(own.get("/your-data/"))
    sources = Alert.objects.order_by("pk").values_list("source", "state")
    assert set(sources) == {
        (f"data:{world.patient.pk}:1", AlertState.CLOSED),
        (f"data:{world.patient.pk}:2", AlertState.OPEN),
    }


def test_an_alert_of_something_else_does_not_answer_the_wish(own: Client, world: World) -> None:
    own.post(ASK)
    other = raise_alert(
        AlertCause(
            patient=world.patient,
            treatment=None,
            kind=Cause.TREND,
            source=f"trend:{world.patient.pk}",
            level=Level.CALL_TODAY,
            reasons=("Asked for.",),
            rules=(),
        ),
        at=timezone.now(),
    )
    close_alert(other, closing=Closing.NOT_NEEDED, done="Seen.", is_reported=None, by=world.nurse, at=timezone.now())
    own.post(ASK)
    assert "Ask once more" not in words(own.get(ASK))
    assert Alert.objects.filter(cause=Cause.DATA).count() == 1


def test_once_asked_the_pages_say_since_when(own: Client, world: World) -> None:
    own.post(ASK)
    at = timezone.now()
    day = at.astimezone(ZoneInfo(world.patient.zone)).date()
    since = f"{day:%b} {day.day}, {day.year}"
    assert f"It has been on the clinic’s list since {since}." in words(own.get(ASK))
    assert f"You asked on {since}." in words(own.get("/your-data/"))


def test_staff_read_what_the_patient_asks_for(own: Client, staff: Any) -> None:
    own.post(ASK)
    nurse = staff()
    board = words(nurse.get("/staff/alerts/"))
    assert "Asked to delete what the clinic keeps." in board
    alert = words(nurse.get(f"/staff/alerts/{Alert.objects.get().pk}/"))
    assert "Asks for their data to be deleted" in alert


def test_the_way_to_it_is_on_the_page_of_phone_and_pin(own: Client) -> None:
    assert 'href="/your-data/"' in read(own.get("/phone-and-pin/"))
    page = read(own.get("/your-data/"))
    assert all(f'href="{path}"' in page for path in (COPY, ASK, "/words/delete/"))
