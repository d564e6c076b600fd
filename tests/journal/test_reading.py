"""Old writing: the PIN opens it for some minutes, it stands as it was typed, and it is nobody else's."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Patient
from accounts.services import set_pin
from aftercare.processes import ROOT
from aftercare.tenancy import as_journal
from journal.access import GATE
from journal.gate import Gate
from journal.models import JournalEntry, KeyEvent
from journal.one_page import OnePage, Part
from journal.states import EntryKind
from tests.clinic.pages import words
from tests.journal.writing import PIN, opened_phone, spoil, wrote
from tests.world import HOUR_ZERO, World

pytestmark = pytest.mark.django_db
LIST = "/words/read/"
TEXT = "  Two spaces before.\n\nΜια ήρεμη μέρα. שלום <b>&</b> 静かな一日を 👩🏽‍⚕️\ttab"


@pytest.fixture
def own(phone: Client, world: World) -> Client:
    """The patient's phone, with the PIN given a moment ago."""
    return opened_phone(phone, world)


def deeds() -> list[str]:
    with as_journal():
        return list(KeyEvent.objects.order_by("pk").exclude(deed="made").values_list("deed", flat=True))


def somebody_else(world: World) -> Patient:
    return Patient.objects.create(
        clinic=world.clinic,
        first_name="Ines",
        last_name="Vale",
        record_number="A-2",
        born_on=world.patient.born_on,
        zone=world.patient.zone,
        created_at=HOUR_ZERO,
    )


def put_gate(phone: Client, gate: Gate) -> None:
    session = phone.session
    session[GATE] = gate.kept
    session.save()


# --- The PIN ---


def test_without_the_pin_nothing_opens_and_the_page_is_asked_for_again_after_it(phone: Client, world: World) -> None:
    set_pin(world.patient, PIN)
    entry = wrote(world.patient, "Only mine.", at=timezone.now())
    for path in (LIST, f"{LIST}{entry.pk}/", f"{LIST}{entry.pk}/remove/"):
        answer = phone.get(path)
        assert (answer.status_code, answer["Location"]) == (303, f"/words/open/?next={path.replace('/', '%2F')}")
        answer = phone.post("/words/open/", {"known_pin": PIN, "next": path})
        assert (answer.status_code, answer["Location"]) == (303, path)
        phone.post("/words/lock/")
    assert deeds() == []


def test_a_wrong_pin_opens_nothing_and_counts(phone: Client, world: World) -> None:
    set_pin(world.patient, PIN)
    answer = phone.post("/words/open/", {"known_pin": "111222", "next": LIST})
    assert answer.status_code == 422
    assert "You can try 4 times more." in words(answer)
    assert phone.get(LIST).status_code == 303
    world.patient.refresh_from_db()
    assert world.patient.pin_misses == 1


@pytest.mark.parametrize(
    "wanted",
    ["", "https://evil.example/", "//evil.example/words/", "/staff/", "/\\evil.example", "words/read/", "/words"],
)
def test_the_pin_leads_on_to_pages_of_its_own_alone(own: Client, wanted: str) -> None:
    answer = own.post("/words/open/", {"known_pin": PIN, "next": wanted})
    assert (answer.status_code, answer["Location"]) == (303, LIST)


def test_what_is_open_needs_no_second_pin(own: Client) -> None:
    answer = own.get("/words/open/", {"next": "/words/read/"})
    assert (answer.status_code, answer["Location"]) == (303, "/words/read/")


@pytest.mark.parametrize("how", ["", "111222333444"])
def test_who_has_no_pin_reads_how_to_get_one(phone: Client, world: World, how: str) -> None:
    if how:
        set_pin(world.patient, PIN)
        Patient.objects.update(pin_misses=10)
    page = phone.get("/words/open/")
    assert page.status_code == 200
    assert 'href="/phone-and-pin/forgot/"' in page.content.decode()
    assert "known_pin" not in page.content.decode()
    assert phone.post("/words/open/", {"known_pin": PIN}).status_code == 429


def test_a_lock_closes_at_once_also_without_an_answer(own: Client) -> None:
    assert own.get(LIST).status_code == 200
    assert own.post("/words/lock/", {"quiet": "1"}).status_code == 204
    assert own.get(LIST).status_code == 303
    assert own.get("/words/lock/").status_code == 405


@pytest.mark.parametrize(
    ("opened", "seen", "status"),
    [(14, 4, 200), (14, 6, 303), (16, 1, 303), (-1, -1, 200)],
)
def test_reading_closes_after_five_minutes_without_a_look_and_after_fifteen_in_all(
    own: Client, opened: int, seen: int, status: int
) -> None:
    at = timezone.now()
    put_gate(own, Gate(at - timedelta(minutes=opened), at - timedelta(minutes=seen)))
    assert own.get(LIST).status_code == status


def test_each_look_begins_the_five_minutes_anew(own: Client) -> None:
    at = timezone.now()
    put_gate(own, Gate(at - timedelta(minutes=8), at - timedelta(minutes=4)))
    own.get(LIST)
    gate = Gate.read(own.session[GATE])
    assert gate and gate.seen_at >= at and gate.opened_at == at - timedelta(minutes=8)


def test_a_look_of_the_same_minute_writes_nothing_that_could_take_a_lock_back(own: Client) -> None:
    before = own.session[GATE]
    own.get(LIST)
    assert own.session[GATE] == before


# --- The list ---


def test_the_list_shows_all_texts_the_newest_first_under_their_days(own: Client, world: World) -> None:
    at = timezone.now()
    wrote(world.patient, "Of long ago.", at=at - timedelta(days=400))
    wrote(world.patient, "\n\nThe night was kind.\nMore of it.", at=at - timedelta(days=1))
    wrote(world.patient, "", at=at, feelings=("Calm", "Tender"))
    wrote(world.patient, "Let it be soft.", at=at - timedelta(days=2), kind=EntryKind.INTENTION)
    wrote(world.patient, "A note.", at=at - timedelta(days=3), kind=EntryKind.NOTE)
    page = words(own.get(LIST))
    told = (
        "Today",
        "Calm, Tender",
        "Yesterday",
        "The night was kind.",
        "Let it be soft.",
        "Before your visit",
        "A note.",
        "Of long ago.",
    )
    places = [page.index(each) for each in told]
    assert places == sorted(places)
    assert "More of it." not in page
    assert deeds() == ["listed"]


def test_an_empty_list_is_kind_and_no_opening(own: Client) -> None:
    assert "Nothing here yet" in words(own.get(LIST))
    assert deeds() == []


def test_a_long_first_line_is_cut_at_a_word(own: Client, world: World) -> None:
    wrote(world.patient, "word " * 60, at=timezone.now())
    assert "word word\N{HORIZONTAL ELLIPSIS}" in words(own.get(LIST))


def test_a_text_that_does_not_open_stands_in_its_place_and_hides_no_other(own: Client, world: World) -> None:
    at = timezone.now()
    wrote(world.patient, "The first.", at=at - timedelta(minutes=3))
    spoilt = wrote(world.patient, "The second.", at=at - timedelta(minutes=2))
    wrote(world.patient, "The third.", at=at - timedelta(minutes=1))
    spoil(spoilt)
    page = words(own.get(LIST))
    assert (
        page.index("The third.") < page.index("We can not open this one. We have kept it.") < page.index("The first.")
    )
    assert "The second." not in page
    one = own.get(f"{LIST}{spoilt.pk}/")
    assert (one.status_code, "We have kept it as it is." in words(one)) == (200, True)
    assert deeds() == ["listed", "refused"]
    with as_journal():
        assert JournalEntry.objects.filter(pk=spoilt.pk).exists()


def test_the_list_asks_the_database_as_often_for_one_text_as_for_many(own: Client, world: World) -> None:
    own.get(LIST)  # the first look of the day keeps the phone signed in
    counts = []
    for more in (1, 2, 20):
        for _ in range(more):
            wrote(world.patient, "again", at=timezone.now(), feelings=("Calm",))
        with CaptureQueriesContext(connection) as queries:
            own.get(LIST)
        counts.append(len(queries))
    assert len(set(counts)) == 1


@pytest.mark.parametrize("path", ["", "entry"])
def test_with_no_key_the_page_is_closed_and_all_is_kept(
    own: Client, world: World, settings: Settings, path: str
) -> None:
    entry = wrote(world.patient, "Kept.", at=timezone.now())
    path = LIST + (f"{entry.pk}/" if path else "")
    kept, settings.JOURNAL_KEYS = settings.JOURNAL_KEYS, ""
    answer = own.get(path)
    assert answer.status_code == 503
    assert "Nothing that you wrote before is lost." in words(answer)
    settings.JOURNAL_KEYS = kept
    assert "Kept." in words(own.get(path))


# --- One text ---


def test_a_text_stands_as_it_was_typed(own: Client, world: World) -> None:
    entry = wrote(world.patient, TEXT, at=timezone.now(), feelings=("Calm",))
    page = own.get(f"{LIST}{entry.pk}/").content.decode()
    escaped = TEXT.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert f'<p class="as-typed" dir="auto">{escaped}</p>' in page
    assert "Calm" in page
    assert deeds() == ["opened"]


def test_a_text_says_when_it_was_written_and_changed(own: Client, world: World) -> None:
    entry = wrote(world.patient, "Once.", at=timezone.now() - timedelta(days=1))
    assert "Changed" not in words(own.get(f"{LIST}{entry.pk}/"))
    with as_journal():
        JournalEntry.objects.update(edited_at=timezone.now())
    page = words(own.get(f"{LIST}{entry.pk}/"))
    assert "Yesterday at" in page and "Changed: Today at" in page


def test_nobody_elses_text_is_there(own: Client, world: World) -> None:
    theirs = wrote(somebody_else(world), "Not yours.", at=timezone.now())
    for act in ("", "remove/"):
        answer, gone = (own.get(f"{LIST}{entry_id}/{act}") for entry_id in (theirs.pk, uuid4()))
        assert answer.status_code == gone.status_code == 404
        assert without_names(answer) == without_names(gone)
    assert "Not yours." not in words(own.get(LIST))
    own.post(f"{LIST}{theirs.pk}/remove/")
    with as_journal():
        assert JournalEntry.objects.filter(pk=theirs.pk).exists()


def without_names(answer: Any) -> str:
    """The page without its token and the id that it was asked for."""
    return re.sub(r"value=\"\w{64}\"|[0-9a-f-]{36}", "", answer.content.decode())


def made_at_noon(world: World, kind: EntryKind, text: str) -> JournalEntry:
    """On Nov 16, by the patient's clock."""
    return wrote(world.patient, text, at=datetime(2026, 11, 16, 12, tzinfo=ZoneInfo(world.patient.zone)), kind=kind)


PAGE = OnePage(
    (Part("entry", "Only its end counts.", heading="Words from Monday"), Part("question", "Why blue?")), "", "UTC"
)


@pytest.mark.parametrize(
    ("kind", "text", "shows"),
    [
        (EntryKind.THEMES, "Home\nRest", ["What stood out, Nov 16", "Home", "Rest"]),
        (EntryKind.SUMMARY, PAGE.dump(), ["Page for a talk, Nov 16", "Words from Monday", "Only its end", "Why blue?"]),
    ],
    ids=["themes", "page"],
)
def test_what_stood_out_and_the_page_for_a_talk_stay_in_the_list(
    own: Client, world: World, kind: EntryKind, text: str, shows: list[str]
) -> None:
    row, name, is_page = made_at_noon(world, kind, text), shows[0], kind == EntryKind.SUMMARY
    assert name in plain(own.get(LIST))
    page = plain(own.get(f"{LIST}{row.pk}/"))
    assert all(each in page for each in shows) and "is_whole" not in page
    assert f"{row.pk}/change/" not in page and own.get(f"{LIST}{row.pk}/change/").status_code == 404
    assert (f"{row.pk}/share/" in page) == is_page
    assert own.get(f"{LIST}{row.pk}/share/").status_code == (200 if is_page else 404)
    assert name in plain(own.get(f"{LIST}{row.pk}/remove/"))
    own.post(f"{LIST}{row.pk}/remove/")
    assert name not in plain(own.get(LIST))
    assert own.get(f"{LIST}{row.pk}/").status_code == 404


def test_a_damaged_page_says_what_it_is(own: Client, world: World) -> None:
    row = made_at_noon(world, EntryKind.SUMMARY, PAGE.dump())
    spoil(row)
    for path in (LIST, f"{LIST}{row.pk}/"):
        page = plain(own.get(path))
        assert "We can not open this one" in page and "Page for a talk, Nov 16" in page
    assert f"{row.pk}/share/" not in page


def plain(answer: Any) -> str:
    """What a page holds, with usual spaces in its dates."""
    return str(answer.content.decode()).replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


def test_a_text_is_taken_away_after_a_question_and_once(own: Client, world: World) -> None:
    entry, other = (wrote(world.patient, text, at=timezone.now()) for text in ("Go.", "Stay."))
    path = f"{LIST}{entry.pk}/remove/"
    page = own.get(path)
    assert "Go." not in words(page)
    with as_journal():
        assert JournalEntry.objects.count() == 2
    for _ in range(2):
        answer = own.post(path)
        assert (answer.status_code, answer["Location"]) == (303, LIST)
    with as_journal():
        assert list(JournalEntry.objects.values_list("pk", flat=True)) == [other.pk]
    assert deeds() == ["removed"]


def test_nothing_that_was_opened_is_kept_by_a_browser(own: Client, world: World) -> None:
    entry = wrote(world.patient, "Only mine.", at=timezone.now())
    for path in (LIST, f"{LIST}{entry.pk}/"):
        page = own.get(path)
        assert page["Cache-Control"] == "no-store"
        assert "js/lock.js" in page.content.decode()


def test_each_page_with_the_script_that_locks_has_what_it_needs() -> None:
    """A form to lock with, and words that are marked: what is not marked stays on the page."""
    pages = {path.name: path.read_text("utf-8") for path in (ROOT / "templates/journal").glob("*.html")}
    locked = {name: text for name, text in pages.items() if "parts/lock_script.html" in text}
    assert {"entries.html", "entry.html", "change.html"} <= set(locked)
    assert {name for name, text in locked.items() if "data-private" not in text} == set()
    assert {name for name, text in locked.items() if "parts/lock.html" not in text} == set()


# --- The log of openings ---


def test_the_log_says_what_was_done_the_newest_first_and_needs_no_pin(own: Client, world: World) -> None:
    entry = wrote(world.patient, "Only mine.", at=timezone.now())
    own.get(LIST)
    own.get(f"{LIST}{entry.pk}/")
    own.post(f"{LIST}{entry.pk}/remove/")
    own.post("/words/lock/")
    page = own.get("/words/openings/")
    said = words(page)
    told = ["taken away", "One text was opened.", "The list was opened, with 1 text.", "Your key was made"]
    places = [said.index(each) for each in told]
    assert places == sorted(places)
    assert "Only mine." not in said


def test_the_log_shows_who_it_was(own: Client, world: World) -> None:
    at = timezone.now()
    with as_journal():
        for deed, actor in (("share_opened", "guest"), ("rewrapped", "service")):
            KeyEvent.objects.create(clinic=world.clinic, patient=world.patient, deed=deed, actor=actor, at=at)
    said = words(own.get("/words/openings/"))
    assert "Someone with your link and code. A shared copy was opened." in said
    assert "The people who run this service. Your key got a new lock." in said


def test_the_log_holds_nothing_of_anybody_else(own: Client, world: World) -> None:
    wrote(somebody_else(world), "Not yours.", at=timezone.now())
    assert "Nothing was opened yet" in words(own.get("/words/openings/"))


def test_a_long_log_comes_in_pages_and_any_number_is_one(own: Client, world: World) -> None:
    at = timezone.now()
    with as_journal():
        KeyEvent.objects.bulk_create(
            KeyEvent(clinic=world.clinic, patient=world.patient, deed="opened", at=at - timedelta(minutes=number))
            for number in range(120)
        )
    counts = [
        own.get("/words/openings/", {"page": page}).content.decode().count("One text was opened.")
        for page in (1, 2, 3, 4)
    ]
    assert counts == [50, 50, 20, 0]
    first, last = own.get("/words/openings/"), own.get("/words/openings/?page=3")
    assert ("Older" in words(first), "Newer" in words(first)) == (True, False)
    assert ("Older" in words(last), "Newer" in words(last)) == (False, True)
    for odd in ("0", "-1", "x", "9" * 30, "٣", ""):
        assert own.get("/words/openings/", {"page": odd}).status_code == 200
