"""Writing: at once, in any script, kept to the letter, saved while somebody types, and never lost for a fault of ours."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Patient
from aftercare.tenancy import as_journal
from journal.feelings import FEELINGS
from journal.models import JournalEntry, JournalKey
from journal.questions import DAY, NIGHT, question_after, questions_for
from journal.services import Opened, destroy_journal, keys, open_entries, remove_entry
from journal.words import LONGEST_TEXT
from tests.clinic.pages import words
from tests.conftest import bind
from tests.journal.writing import wrote
from tests.world import HOUR_ZERO, World

pytestmark = pytest.mark.django_db
WRITE, SAVE = "/words/", "/words/save/"
# Spaces at both ends, marks that turn the direction, emoji joined of several, letters with marks of their own.
SCRIPTS = [
    "  a space before and after  ",
    "\nan empty line first\n\n",
    "\u202bשלום, זה שלי\u202c and back\u200f",
    "👩🏽‍🚀🏳️‍🌈 e\u0301\u0323 \u1112\u1161\u11ab",
    "ما أشعر به الآن\u200c\u200d",
    "क्षत्रिय 静かな一日を。 Μια ήρεμη μέρα",
    "𐍈𠜎 \ufeff\u2028 \u00a0 \x07",
    "<b>\"&amp;'</textarea>",
]


@pytest.fixture(autouse=True)
def _no_trust() -> None:
    keys._trusted.clear()


def sent(text: str = "", **told: Any) -> dict[str, Any]:
    """What the page sends; key and writer are new unless they are given."""
    return {"text": text, "key": uuid4(), "writer": uuid4(), "number": 1, "seen": 0, "question": ""} | told


def opened(patient: Patient) -> list[Opened]:
    return open_entries(patient, at=timezone.now())


def texts(patient: Patient) -> list[str]:
    return [each.words.text for each in opened(patient) if each.words]


def row_count() -> int:
    with as_journal():
        return JournalEntry.objects.count()


def test_one_tap_opens_a_field_with_one_question(phone: Client) -> None:
    page = phone.get(WRITE).content.decode()
    assert page.count("<textarea") == 1
    assert sum(f"<p>{each}</p>" in page for each in DAY + NIGHT) == 1
    assert 'enctype="multipart/form-data"' in page


def test_what_is_written_is_kept_and_not_shown_again(phone: Client, world: World) -> None:
    answer = phone.post(WRITE, sent("Blue light through leaves.", feelings=["Tender", "Not sure"], question=DAY[1]))
    assert (answer.status_code, answer["Location"]) == (303, "/words/?kept=1")
    (entry,) = opened(world.patient)
    assert entry.words is not None
    assert (entry.words.text, entry.words.feelings) == ("Blue light through leaves.", ("Tender", "Not sure"))
    assert entry.words.prompt == DAY[1]
    page = phone.get(answer["Location"])
    assert "It is kept." in words(page)
    assert "Blue light" not in page.content.decode()


@pytest.mark.parametrize("text", SCRIPTS, ids=range(len(SCRIPTS)))
def test_any_script_comes_back_to_the_letter(phone: Client, world: World, text: str) -> None:
    assert phone.post(WRITE, sent(text.replace("\n", "\r\n"))).status_code == 303
    assert texts(world.patient) == [text]


def test_a_feeling_alone_is_enough(phone: Client, world: World) -> None:
    assert phone.post(WRITE, sent(feelings=[FEELINGS[0]])).status_code == 303
    (entry,) = opened(world.patient)
    assert entry.words is not None
    assert (entry.words.text, entry.words.feelings) == ("", (FEELINGS[0],))


@pytest.mark.parametrize("text", ["", " \n "])
def test_nothing_at_all_is_told_so(phone: Client, text: str) -> None:
    answer = phone.post(WRITE, sent(text))
    assert answer.status_code == 422
    assert "Write a line, or pick a word." in words(answer)
    assert row_count() == 0


@pytest.mark.parametrize("letter", ["x", "я", "静", "🌿"])
def test_the_longest_text_is_kept_in_any_script(phone: Client, world: World, letter: str) -> None:
    text = letter * LONGEST_TEXT
    assert phone.post(WRITE, sent(text)).status_code == 303
    assert texts(world.patient) == [text]


@pytest.mark.parametrize("letter", ["x", "静", "🌿"])
@pytest.mark.parametrize("over", [1, 1234, LONGEST_TEXT])
def test_a_text_that_is_too_long_comes_back_whole_with_how_much_does_not_fit(
    phone: Client, letter: str, over: int
) -> None:
    # What two texts of the longest take in UTF-16 fits into one request.
    text = letter * (LONGEST_TEXT + (over if letter != "🌿" else min(over, 1234)))
    answer = phone.post(WRITE, sent(text, feelings=["Calm"]))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert text in page
    assert f"This is {len(text) - LONGEST_TEXT:,} sign" in words(answer)
    assert 'value="Calm" id="id_feelings_1" checked' in page
    assert row_count() == 0


def test_the_end_of_a_line_counts_once(phone: Client, world: World) -> None:
    text = "x\n" * (LONGEST_TEXT // 2)
    assert phone.post(WRITE, sent(text.replace("\n", "\r\n"))).status_code == 303
    assert texts(world.patient) == [text]


def test_a_second_tap_is_the_same_text(phone: Client, world: World) -> None:
    told = sent("once")
    phone.post(WRITE, told)
    phone.post(WRITE, told)
    assert texts(world.patient) == ["once"]


def test_going_back_without_scripts_and_sending_again_changes_that_text(phone: Client, world: World) -> None:
    told = sent("first")
    phone.post(WRITE, told)
    phone.post(WRITE, told | {"text": "first, and a second thought"})
    assert texts(world.patient) == ["first, and a second thought"]


def test_two_pages_keep_both_texts(phone: Client, world: World) -> None:
    phone.post(WRITE, sent("one"))
    phone.post(WRITE, sent("two"))
    assert sorted(texts(world.patient)) == ["one", "two"]


def test_nobody_else_can_name_a_text_by_its_key(phone: Client, world: World) -> None:
    told = sent("mine")
    phone.post(WRITE, told)
    other = Patient.objects.create(
        clinic=world.clinic,
        first_name="Ann",
        last_name="Other",
        record_number="O-1",
        born_on=world.patient.born_on,
        zone=world.patient.zone,
        created_at=HOUR_ZERO,
    )
    stranger = bind(Client(), replace(world, patient=other))
    assert stranger.post(WRITE, told | {"text": "not yours", "number": 9}).status_code == 303
    assert texts(world.patient) == ["mine"]
    assert texts(other) == ["not yours"]


def test_words_of_whoever_had_the_phone_before_are_held_and_not_kept_as_this_patients(phone: Client) -> None:
    for address in (WRITE, SAVE):
        answer = phone.post(address, sent("of somebody else", who=uuid4()), HTTP_ORIGIN="http://testserver")
        assert answer.status_code == 401
        assert 'value="of somebody else"' in answer.content.decode()
    assert row_count() == 0


@pytest.mark.parametrize("ring", ["", "no ring"])
def test_while_the_journal_is_closed_what_was_typed_stays(phone: Client, settings: Settings, ring: str) -> None:
    settings.JOURNAL_KEYS = ring
    answer = phone.post(WRITE, sent("still here", feelings=["Sad"]))
    assert answer.status_code == 503
    page = answer.content.decode()
    assert "still here" in page
    assert "Your journal is closed for now." in words(answer)
    assert phone.post(SAVE, sent("still here")).status_code == 503


# --- while somebody types ---


def test_a_saving_says_when_by_the_patients_clock(phone: Client, world: World) -> None:
    answer = phone.post(SAVE, sent("so far"))
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert answer.content.decode().startswith("Saved ")
    assert texts(world.patient) == ["so far"]


def test_savings_of_one_page_are_one_text_whatever_order_they_come_in(phone: Client, world: World) -> None:
    told = sent("a")
    for number, text in ((1, "a"), (3, "abc"), (2, "ab"), (3, "abc")):
        assert phone.post(SAVE, told | {"number": number, "text": text}).status_code == 200
    assert texts(world.patient) == ["abc"]
    assert phone.post(WRITE, told | {"number": 4, "text": "abc."}).status_code == 303
    assert texts(world.patient) == ["abc."]


def test_a_text_that_is_taken_out_again_is_not_shown(phone: Client, world: World) -> None:
    told = sent("a thing that I do not want to keep")
    phone.post(SAVE, told)
    assert phone.post(SAVE, told | {"number": 2, "text": ""}).status_code == 200
    assert opened(world.patient) == []


def test_a_blank_page_saves_nothing(phone: Client) -> None:
    assert phone.post(SAVE, sent("")).status_code == 422
    assert row_count() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "x"},
        {"key": ""},
        {"writer": "7"},
        {"number": 0},
        {"number": 2**31},
        {"number": "many"},
        {"seen": -1},
        {"feelings": ["Rage"]},
        {"question": "x" * 201},
        {"text": "x" * (LONGEST_TEXT + 1)},
        {"text": "a\0b"},
    ],
    ids="-".join,
)
def test_what_can_not_be_a_saving_is_told_so_in_plain_words(phone: Client, wrong: dict[str, Any]) -> None:
    assert phone.post(SAVE, sent("typed") | wrong).status_code == 422
    answer = phone.post(WRITE, sent("typed") | wrong)
    assert answer.status_code == 422
    assert str(wrong.get("text", "typed")) in answer.content.decode()
    assert row_count() == 0


def test_without_a_phone_of_theirs_nobody_writes(client: Client) -> None:
    for address in (WRITE, SAVE):
        assert client.post(address, sent("x")).status_code == 302


# --- questions ---


def test_another_question_or_none_keeps_what_was_typed(phone: Client) -> None:
    told = sent("half a line", feelings=["Open"], question=DAY[0])
    for asked, shown in ((DAY[1], True), ("", False)):
        answer = phone.post(WRITE, told | {"ask": asked})
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "half a line" in page
        assert str(told["key"]) in page
        assert 'value="Open" id="id_feelings_3" checked' in page
        assert (f"<p>{DAY[1]}</p>" in page) is shown
    assert row_count() == 0


def test_no_question_is_remembered_until_one_is_wanted(phone: Client) -> None:
    phone.post(WRITE, sent("x", ask=""))
    assert not any(f"<p>{each}</p>" in phone.get(WRITE).content.decode() for each in DAY + NIGHT)
    phone.post(WRITE, sent("x", ask=DAY[2]))
    assert any(f"<p>{each}</p>" in phone.get(WRITE).content.decode() for each in DAY + NIGHT)


def test_each_day_begins_with_another_question_and_each_is_asked_in_turn() -> None:
    today = HOUR_ZERO.date()
    asked = questions_for(is_night=False, on=today)
    assert sorted(asked) == sorted(DAY)
    assert questions_for(is_night=True, on=today)[0] in NIGHT
    turn = [asked[0]]
    for _ in asked[1:]:
        turn.append(question_after(turn[-1], asked))
    assert tuple(turn) == asked
    assert question_after(asked[-1], asked) == question_after("a question of last year", asked) == asked[0]


# --- A page that is open still, once its text was deleted ---


@pytest.mark.parametrize("how", ["taken away", "all deleted"])
def test_what_was_deleted_is_not_made_anew_by_a_page_that_saves_by_itself(
    phone: Client, world: World, how: str
) -> None:
    told = sent("Half a line")
    assert phone.post(SAVE, told).status_code == 200
    with as_journal():
        (entry_id,) = JournalEntry.objects.values_list("pk", flat=True)
    if how == "taken away":
        remove_entry(world.patient, entry_id, at=timezone.now())
    else:
        destroy_journal(world.patient, at=timezone.now())
    for text in ("Half a line, and more", ""):
        answer = phone.post(SAVE, {**told, "text": text, "number": 2, "was_saved": "1"})
        assert answer.status_code == 410
        assert answer.content.decode() == "This was deleted. Copy your words if you want to keep them."
    assert row_count() == 0
    with as_journal():
        assert JournalKey.objects.count() == (1 if how == "taken away" else 0)


def test_what_was_never_saved_is_taken_after_all_was_deleted(phone: Client, world: World) -> None:
    """As a draft on the phone that comes late, whichever of its savings it is."""
    wrote(world.patient, "mine", at=timezone.now())
    destroy_journal(world.patient, at=timezone.now())
    assert phone.post(SAVE, sent("A draft", number=7)).status_code == 200
    assert texts(world.patient) == ["A draft"]


def test_what_was_saved_and_is_there_goes_on_being_saved(phone: Client, world: World) -> None:
    told = sent("Half")
    phone.post(SAVE, told)
    assert phone.post(SAVE, {**told, "text": "Half a line", "number": 2, "was_saved": "1"}).status_code == 200
    assert texts(world.patient) == ["Half a line"]
