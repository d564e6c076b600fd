"""Changing a text: the PIN shows it, no lock takes away what is typed, and two pages never write over each other."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Patient
from aftercare.tenancy import as_journal
from journal.models import JournalEntry
from journal.services import open_entry
from journal.states import EntryKind
from tests.clinic.pages import words
from tests.journal.test_reading import somebody_else
from tests.journal.writing import opened_phone, spoil, wrote
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def own(phone: Client, world: World) -> Client:
    """The patient's phone, with the PIN given a moment ago."""
    return opened_phone(phone, world)


@pytest.fixture
def entry(world: World) -> JournalEntry:
    return wrote(world.patient, "As it was.", at=timezone.now(), feelings=("Calm",))


def address(entry: JournalEntry | UUID, act: str = "change") -> str:
    return f"/words/read/{entry.pk if isinstance(entry, JournalEntry) else entry}/{act}/"


def form(text: str, **other: Any) -> dict[str, Any]:
    return {
        "text": text,
        "key": str(uuid4()),
        "writer": str(uuid4()),
        "number": "1",
        "seen": "1",
        "question": "",
        **other,
    }


def text_of(patient: Patient, entry_id: UUID) -> str:
    opened = open_entry(patient, entry_id, at=timezone.now())
    return opened.words.text if opened.words else ""


def count() -> int:
    with as_journal():
        return JournalEntry.objects.count()


def test_the_text_stands_in_its_field_after_the_pin_alone(own: Client, entry: JournalEntry) -> None:
    page = own.get(address(entry)).content.decode()
    assert ">\nAs it was.</textarea>" in page
    assert 'value="Calm"' in page and "checked" in page
    own.post("/words/lock/")
    assert own.get(address(entry)).status_code == 303


def test_a_change_is_kept_in_the_place_of_the_text(own: Client, world: World, entry: JournalEntry) -> None:
    answer = own.post(address(entry), form("As it is."))
    assert (answer.status_code, answer["Location"]) == (303, f"/words/read/{entry.pk}/")
    assert text_of(world.patient, entry.pk) == "As it is."
    assert "Changed: Today at" in words(own.get(f"/words/read/{entry.pk}/"))
    assert count() == 1


def test_a_lock_that_comes_meanwhile_takes_no_word_away(own: Client, world: World, entry: JournalEntry) -> None:
    own.post("/words/lock/")
    assert own.post(address(entry), form("Typed before the lock.")).status_code == 303
    assert text_of(world.patient, entry.pk) == "Typed before the lock."
    saved = own.post(address(entry, "save"), form("And after it.", seen="2"))
    assert (saved.status_code, saved.content.decode()[:6]) == (200, "Saved ")
    assert text_of(world.patient, entry.pk) == "And after it."


def test_two_pages_keep_both_texts_and_say_so(own: Client, world: World, entry: JournalEntry) -> None:
    own.post(address(entry), form("The first."))
    answer = own.post(address(entry), form("The second."))
    assert count() == 2
    assert text_of(world.patient, entry.pk) == "The first."
    page = words(own.get(answer["Location"]))
    assert "The second." in page and "Both are kept." in page


@pytest.mark.parametrize("seen", ["1", "2"])
def test_what_a_third_page_made_of_the_text_beside_stays(
    own: Client, world: World, entry: JournalEntry, seen: str
) -> None:
    """`seen` is about the first text; of the one beside it the page has seen nothing."""
    for number in range(1, int(seen) + 1):
        own.post(address(entry), form("The first.", seen=str(number)))
    second = form("The second.", seen=seen)
    beside = UUID(own.post(address(entry), second)["Location"].split("/")[3])
    own.post(address(beside), form("The third."))
    answer = own.post(address(entry), {**second, "text": "The second, longer.", "number": "2"})
    assert text_of(world.patient, beside) == "The third."
    assert "The second, longer." in words(own.get(answer["Location"]))
    assert (text_of(world.patient, entry.pk), count()) == ("The first.", 3)


@pytest.mark.parametrize(
    ("text", "said"), [("", "Write a line"), (" \n", "Write a line"), ("x" * 50_001, "1 sign too long")]
)
def test_what_can_not_be_kept_is_refused_with_the_text_in_the_page(
    own: Client, world: World, entry: JournalEntry, text: str, said: str
) -> None:
    answer = own.post(address(entry), form(text))
    assert answer.status_code == 422
    assert said in words(answer)
    assert text in answer.content.decode()
    assert text_of(world.patient, entry.pk) == "As it was."


def test_another_question_keeps_what_was_typed(own: Client, entry: JournalEntry) -> None:
    answer = own.post(address(entry), form("Half a line", ask="And then?"))
    assert answer.status_code == 200
    assert "Half a line" in answer.content.decode() and "And then?" in answer.content.decode()


def test_with_no_key_the_typed_text_stays_in_the_page(own: Client, entry: JournalEntry, settings: Settings) -> None:
    settings.JOURNAL_KEYS = ""
    answer = own.post(address(entry), form("Typed now."))
    assert answer.status_code == 503
    assert "Typed now." in answer.content.decode()
    assert own.get(address(entry)).status_code == 503


def test_a_text_that_does_not_open_is_not_changed(own: Client, entry: JournalEntry) -> None:
    spoil(entry)
    assert own.get(address(entry))["Location"] == f"/words/read/{entry.pk}/"


def test_nobody_elses_text_is_shown_or_changed(own: Client, world: World) -> None:
    other = somebody_else(world)
    theirs = wrote(other, "Not yours.", at=timezone.now())
    themes = wrote(world.patient, "a theme", at=timezone.now(), kind=EntryKind.THEMES)
    for each in (theirs.pk, themes.pk, uuid4()):
        assert own.get(address(each)).status_code == 404
        assert own.post(address(each, "save"), form("Mine.")).status_code == 404
    assert text_of(other, theirs.pk) == "Not yours."
    assert count() == 2


def test_a_change_of_what_is_gone_meanwhile_is_a_text_of_its_own(
    own: Client, world: World, entry: JournalEntry
) -> None:
    own.post(address(entry, "remove"))
    told = form("Still here.")
    for _ in range(2):
        answer = own.post(address(entry), told)
    assert count() == 1
    assert "Still here." in words(own.get(answer["Location"]))


def test_a_page_of_somebody_else_changes_nothing_here(own: Client, world: World, entry: JournalEntry) -> None:
    answer = own.post(address(entry), form("Of another.", who=str(uuid4())), headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 401
    assert text_of(world.patient, entry.pk) == "As it was."
