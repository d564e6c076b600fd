"""The morning after: last night's words, what stands out of them, and one page of it for a talk."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from aftercare.sheet import Sheet
from aftercare.tenancy import as_journal, tenant
from journal.models import JournalEntry, KeyEvent
from journal.one_page import OnePage, Part
from journal.papers import draw_page, is_printable
from journal.queries import opens_words
from journal.services import keys, open_choices, remove_entry
from journal.states import EntryKind
from tests.journal.pages import Hidden
from tests.journal.writing import opened_phone, spoil, wrote
from tests.world import World
from timeline.document import QuietHours
from timeline.models import Treatment
from timeline.phases import looks_back_from
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
NEW_YORK = ZoneInfo("America/New_York")
MORNING, PAGE = "/words/morning/", "/words/page/"
OTHER_RING = "tests:YW5vdGhlciBrZXkgb2YgdGhpcnR5LXR3byBieXRlcyE="


def words(response: Any) -> str:
    return str(response.content.decode())


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=NEW_YORK)


# --- From when on ---


@pytest.mark.parametrize(
    ("hour_zero", "opens_at"),
    [
        (local(24, 16, 30), local(25, 8)),  # the night was over before hour 18
        (local(24, 11), local(25, 5)),  # hour 18 comes first
        (local(24, 23), local(25, 8)),
        (local(25, 2), local(25, 8)),  # six hours before the end of the night
        (local(25, 4), local(25, 22)),  # four hours are no night: hour 18
    ],
)
def test_the_night_can_be_looked_back_at_from_hour_18_or_when_it_is_over(
    hour_zero: datetime, opens_at: datetime
) -> None:
    quiet = QuietHours(time(21), time(8))
    assert looks_back_from(hour_zero, zone=NEW_YORK, quiet=quiet) == opens_at


def test_hour_18_counts_hours_that_passed_when_the_clocks_change() -> None:
    hour_zero = datetime(2026, 10, 31, 11, tzinfo=NEW_YORK)  # summer time ends that night
    opens_at = looks_back_from(hour_zero, zone=NEW_YORK, quiet=QuietHours(time(23), time(9)))
    assert opens_at.timestamp() - hour_zero.timestamp() == 18 * 3600


@pytest.mark.parametrize(
    ("hour_zero", "told"),
    [(local(24, 16, 30), "8 am tomorrow"), (local(24, 11), "8 am tomorrow"), (local(25, 4), "8 am on Thu, Nov 26")],
)
def test_nobody_is_told_of_an_hour_in_the_middle_of_the_night(world: World, hour_zero: datetime, told: str) -> None:
    visit = world.treatment(TreatmentState.DISCHARGED, hour_zero=hour_zero)
    assert opens_words(world.patient, visit, local(24, 20)) == told


# --- The page of the morning ---


@pytest.fixture
def visit(world: World) -> Treatment:
    """Hour 0 was 20 hours ago."""
    return world.treatment(TreatmentState.CLOSED, hour_zero=timezone.now() - timedelta(hours=20))


@pytest.fixture
def reader(visit: Treatment, phone: Client, world: World) -> Client:
    """The patient on the morning after, with the PIN given."""
    return opened_phone(phone, world)


def a_night(world: World, *, hours: float, text: str, **more: Any) -> JournalEntry:
    """Written so many hours ago."""
    return wrote(world.patient, text, at=timezone.now() - timedelta(hours=hours), **more)


def test_last_nights_words_come_back_oldest_first_and_no_others(world: World, reader: Client) -> None:
    a_night(world, hours=30, text="Before the visit.")
    a_night(world, hours=3, text="Near the morning.")
    a_night(world, hours=15, text="In the evening. 静かな夜。", feelings=("Tender",))
    page = words(reader.get(MORNING))
    assert page.index("静かな夜。") < page.index("Near the morning.")
    assert "Before the visit." not in page


def test_a_later_visit_looks_back_at_its_own_night(world: World, reader: Client) -> None:
    a_night(world, hours=15, text="The first night.")
    with tenant(world.clinic.pk):
        world.treatment(TreatmentState.CLOSED, hour_zero=timezone.now() - timedelta(hours=19))
    a_night(world, hours=18, text="The second night.")
    page = words(reader.get(MORNING))
    assert "The second night." in page
    assert page.count("The first night.") == 1  # written after both hours 0


def test_before_the_morning_it_says_when_it_opens_and_asks_for_no_pin(world: World, phone: Client) -> None:
    visit = world.treatment(TreatmentState.DISCHARGED, hour_zero=timezone.now() - timedelta(hours=1))
    a_night(world, hours=0.5, text="Not yet.")
    page = phone.get(MORNING)
    assert page.status_code == 200
    opens = opens_words(world.patient, visit, timezone.now())
    assert f"It opens by {opens}" in words(page).replace("\N{NO-BREAK SPACE}", " ")
    assert "Not yet." not in words(opened_phone(phone, world).get(MORNING))


def test_without_a_visit_there_is_nothing_to_look_back_at(phone: Client) -> None:
    assert "morning after your next visit" in words(phone.get(MORNING))


def test_the_words_need_the_pin(visit: Treatment, phone: Client, world: World) -> None:
    a_night(world, hours=10, text="Mine alone.")
    for page in (MORNING, PAGE, "/words/page/file/"):
        assert phone.get(page)["Location"].startswith("/words/open/")
    for page in (MORNING, PAGE):
        assert "Mine alone." not in words(phone.post(page, {}, follow=True))


def test_a_night_without_words_is_fine(reader: Client) -> None:
    assert "That is fine" in words(reader.get(MORNING))


def test_a_damaged_text_stands_in_its_place_beside_the_others(world: World, reader: Client) -> None:
    spoil(a_night(world, hours=12, text="Lost."))
    a_night(world, hours=11, text="Found.")
    page = words(reader.get(MORNING))
    assert "We can not open this one" in page
    assert "Found." in page


def test_the_feelings_of_the_night_are_offered_first(world: World, reader: Client) -> None:
    a_night(world, hours=12, text="A", feelings=("Tender", "Light"))
    a_night(world, hours=11, text="B", feelings=("Light", "Sad"))
    offered = re.findall(r'name="picked" value="([^"]+)"', words(reader.get(MORNING)))
    assert offered[:4] == ["Tender", "Light", "Sad", "Family"]
    assert len(offered) == len(set(offered))


# --- What stands out ---


def themes(**own: str) -> dict[str, Any]:
    return {"key": str(uuid4()), "seen": "0", **own}


def kept_themes(world: World) -> list[str]:
    with as_journal():
        rows = JournalEntry.objects.filter(kind=EntryKind.THEMES)
        assert rows.count() <= 1
    choices = open_choices(world.patient, Treatment.objects.get(), at=timezone.now())
    return choices.themes.words.text.split("\n") if choices.themes and choices.themes.words else []


def test_up_to_three_are_kept_sealed_and_can_be_changed(world: World, reader: Client) -> None:
    sent = {**themes(own_1="The blue  door"), "picked": ["Family", "Rest"]}
    assert reader.post(MORNING, sent).status_code == 303
    assert kept_themes(world) == ["Family", "Rest", "The blue door"]
    with as_journal():
        assert b"blue door" not in bytes(JournalEntry.objects.get().sealed)
    page = words(reader.get(MORNING))
    assert page.count("checked") == 2 and 'value="The blue door"' in page
    assert reader.post(MORNING, {**themes(), "seen": "1", "picked": ["Home"]}).status_code == 303
    assert kept_themes(world) == ["Home"]
    reader.post(MORNING, {**themes(), "seen": "2"})
    assert kept_themes(world) == []


def test_a_fourth_is_one_too_many_and_what_was_picked_stays(world: World, reader: Client) -> None:
    answer = reader.post(MORNING, {**themes(own_1="A door", own_2="A wave"), "picked": ["Family", "Rest"]})
    assert answer.status_code == 422
    assert "Three at most" in words(answer) and words(answer).count("checked") == 2 and "A wave" in words(answer)
    assert kept_themes(world) == []


@pytest.mark.parametrize(
    "bad", [{"own_1": "x" * 61}, {"picked": ["y" * 61]}, {"key": "?"}, {"seen": "-1"}, {"seen": "x"}]
)
def test_what_can_not_be_kept_is_said(world: World, reader: Client, bad: dict[str, Any]) -> None:
    assert reader.post(MORNING, {**themes(own_2="A wave"), **bad}).status_code == 422
    assert kept_themes(world) == []


def test_a_page_that_was_opened_before_the_last_change_writes_nothing_over(world: World, reader: Client) -> None:
    reader.post(MORNING, {**themes(), "picked": ["Home"]})
    answer = reader.post(MORNING, {**themes(own_1="Typed here"), "picked": ["Love"]})
    assert answer.status_code == 409
    assert "Typed here" in words(answer)
    assert kept_themes(world) == ["Home"]


def test_an_empty_page_that_has_not_seen_the_themes_takes_none_away(world: World, reader: Client) -> None:
    reader.post(MORNING, {**themes(), "picked": ["Home"]})
    answer = reader.post(MORNING, themes())
    assert answer.status_code == 409
    assert "on another page" in words(answer)
    assert kept_themes(world) == ["Home"]
    assert reader.post(MORNING, {**themes(), "seen": "1"}).status_code == 303
    assert kept_themes(world) == []
    assert reader.post(MORNING, themes()).status_code == 303  # a second tap finds nothing


@pytest.mark.parametrize(
    ("address", "sent", "later"),
    [(MORNING, {"own_1": "The blue door"}, {"own_1": "A wave"}), (PAGE, {"question": "Why?"}, {"question": "Who?"})],
)
def test_what_is_damaged_is_kept_and_said_and_what_comes_after_it_stands(
    reader: Client, address: str, sent: dict[str, str], later: dict[str, str]
) -> None:
    assert reader.post(address, {**themes(), **sent}).status_code == 303
    with as_journal():
        damaged = JournalEntry.objects.get()
    spoil(damaged)
    page = words(reader.get(address))
    assert "We have kept it as it is" in page and "You can" in page
    assert Hidden(page).forms[address]["seen"] == "0"
    for seen, told in (("0", sent), ("1", later)):
        assert reader.post(address, {**themes(), "seen": seen, **told}).status_code == 303
    page = words(reader.get(address))
    assert "We have kept it as it is" not in page
    assert next(iter(later.values())) in page
    with as_journal():
        assert JournalEntry.objects.count() == 2
        assert JournalEntry.objects.get(pk=damaged.pk).revision == 1
    assert reader.post(address, {**themes(), "seen": "0", **sent}).status_code == 409


def test_a_page_of_before_kept_while_the_journal_is_closed_loses_no_theme(reader: Client, settings: Settings) -> None:
    reader.post(MORNING, {**themes(), "picked": ["Home"]})
    settings.JOURNAL_KEYS = OTHER_RING
    for trusted in (set(keys._trusted), set()):
        keys._trusted.clear()
        keys._trusted.update(trusted)
        answer = reader.post(MORNING, {**themes(own_1="Typed here"), "picked": ["Love"]})
        assert answer.status_code == 503
        assert "Typed here" in words(answer)
    settings.JOURNAL_KEYS = ""
    answer = reader.post(MORNING, {**themes(own_1="Typed here"), "picked": ["Love"]})
    assert answer.status_code == 503
    assert "Typed here" in words(answer)


def test_without_the_ring_nothing_is_kept_and_what_was_typed_stays(
    world: World, reader: Client, settings: Settings
) -> None:
    wrote(world.patient, "Before.", at=timezone.now())
    settings.JOURNAL_KEYS = OTHER_RING
    keys._trusted.clear()
    answer = reader.post(MORNING, {**themes(own_1="The blue door"), "picked": ["Family"]})
    assert answer.status_code == 503
    assert "The blue door" in words(answer) and "checked" in words(answer)
    answer = reader.post(PAGE, {**themes(), "question": "What now?", f"lines_{uuid4()}": "Some lines of mine."})
    assert answer.status_code == 503
    assert "What now?" in words(answer) and "Some lines of mine." in words(answer)


# --- The page for a talk ---


def test_the_page_holds_what_was_chosen_and_nothing_else(world: World, reader: Client) -> None:
    reader.post(MORNING, {**themes(), "picked": ["Home"]})
    whole = a_night(world, hours=12, text="All of this.")
    part = a_night(world, hours=11, text="A long one. Only its end counts.")
    a_night(world, hours=10, text="Not this.")
    a_night(world, hours=40, text="Let it be light.", kind=EntryKind.INTENTION)
    form = words(reader.get(PAGE))
    assert all(text in form for text in ("All of this.", "Not this.", "Let it be light.", "Home"))
    sent = {
        **themes(),
        "all_themes": "on",
        f"all_entry_{whole.pk}": "on",
        f"lines_{part.pk}": "Only its end counts.",
        "all_line": "on",
        "question": "Why the door?\r\nAnd why blue?",
    }
    assert reader.post(PAGE, sent)["Location"] == PAGE
    page = words(reader.get(PAGE))
    shown = [
        page.index(text)
        for text in ("Home", "All of this.", "Only its end counts.", "Let it be light.", "Why the door?\nAnd")
    ]
    assert shown == sorted(shown)
    assert "Not this." not in page and "A long one." not in page
    changed = words(reader.get(f"{PAGE}?change=1"))
    assert changed.count("checked") == 3 and "Only its end counts.</textarea>" in changed


def filled(reader: Client, *, change: bool = False) -> dict[str, Any]:
    """The hidden fields of the form for the page, with a new key."""
    page = words(reader.get(f"{PAGE}?change=1" if change else PAGE))
    return {**themes(), "seen": Hidden(page).forms[PAGE]["seen"]}


def test_lines_of_a_text_that_is_none_of_the_newest_any_more_go_on_the_page(world: World, reader: Client) -> None:
    early = a_night(world, hours=15, text="The first one. It was long.")
    form = filled(reader)
    for hours in range(12):
        a_night(world, hours=14 - hours, text="A later one.")
    assert reader.post(PAGE, {**form, f"lines_{early.pk}": "It was long.", "question": "Why?"}).status_code == 303
    assert "It was long." in words(reader.get(PAGE))
    changed = words(reader.get(f"{PAGE}?change=1"))
    assert "It was long.</textarea>" in changed and "The first one." in changed
    again = {**filled(reader, change=True), f"all_entry_{early.pk}": "on", "question": "Who?"}
    assert reader.post(PAGE, again).status_code == 303
    page = words(reader.get(PAGE))
    assert "The first one." in page and "Who?" in page


def test_what_is_on_the_page_stays_there_when_its_text_is_damaged(world: World, reader: Client) -> None:
    whole, part = (a_night(world, hours=hours, text=text) for hours, text in ((12, "All of it."), (11, "A bit of it.")))
    sent = {f"all_entry_{whole.pk}": "on", f"lines_{part.pk}": "A bit"}
    assert reader.post(PAGE, {**themes(), **sent}).status_code == 303
    for entry in (whole, part):
        spoil(entry)
    changed = words(reader.get(f"{PAGE}?change=1"))
    assert changed.count("checked") == 1 and "All of it." in changed and "A bit</textarea>" in changed
    again = {**filled(reader, change=True), **sent, "question": "Why?"}
    assert reader.post(PAGE, again).status_code == 303
    page = words(reader.get(PAGE))
    assert all(text in page for text in ("All of it.", "A bit", "Why?"))


@pytest.mark.parametrize("how", ["removed", "damaged"])
def test_lines_of_a_text_that_can_not_be_found_stay_on_the_form(world: World, reader: Client, how: str) -> None:
    entry, form = a_night(world, hours=12, text="Go."), filled(reader)
    if how == "removed":
        remove_entry(world.patient, entry.pk, at=timezone.now())
    else:
        spoil(entry)
    answer = reader.post(PAGE, {**form, f"lines_{entry.pk}": "Typed of it.", "question": "Why?"})
    assert answer.status_code == 422
    assert "Typed of it.</textarea>" in words(answer) and "We can not find this text now" in words(answer)
    with as_journal():
        assert not JournalEntry.objects.filter(kind=EntryKind.SUMMARY).exists()
    assert reader.post(PAGE, {**form, f"lines_{entry.pk}": " ", "question": "Why?"}).status_code == 303


def test_a_text_of_feelings_alone_can_go_on_the_page(world: World, reader: Client) -> None:
    entry = a_night(world, hours=12, text="", feelings=("Tender", "Light"))
    assert reader.post(PAGE, {**themes(), f"all_entry_{entry.pk}": "on"}).status_code == 303
    assert "Tender, Light" in words(reader.get(PAGE))


@pytest.mark.parametrize("name", ["lines_", "lines_x", "all_entry_%s" % ("0" * 36), "lines_../x", "all_entry_"])
def test_a_field_that_names_no_text_is_none(reader: Client, name: str) -> None:
    assert reader.post(PAGE, {**themes(), name: "x", "question": "Why?"}).status_code == 303


def test_the_page_of_a_patient_without_a_visit_is_made_of_all_that_is_there(world: World, phone: Client) -> None:
    entry = wrote(world.patient, "Early words.", at=timezone.now())
    reader = opened_phone(phone, world)
    assert reader.post(PAGE, {**themes(), f"all_entry_{entry.pk}": "on"}).status_code == 303
    assert "Early words." in words(reader.get(PAGE))


@pytest.mark.parametrize(
    ("sent", "says"),
    [({}, "Tick one"), ({"question": "  \n "}, "Tick one"), ({"question": "x" * 501}, "a bit shorter")],
)
def test_an_empty_page_is_none(reader: Client, sent: dict[str, str], says: str) -> None:
    answer = reader.post(PAGE, {**themes(), **sent})
    assert answer.status_code == 422
    assert says in words(answer)
    with as_journal():
        assert not JournalEntry.objects.filter(kind=EntryKind.SUMMARY).exists()


def test_more_than_one_sheet_is_refused_with_all_that_was_picked(world: World, reader: Client) -> None:
    long = a_night(world, hours=10, text="A line.\n" * 60)
    answer = reader.post(PAGE, {**themes(), f"all_entry_{long.pk}": "on", "question": "Why?"})
    assert answer.status_code == 422
    assert "more than one page" in words(answer) and "checked" in words(answer) and "Why?" in words(answer)


def test_nobody_puts_somebody_elses_words_on_a_page(world: World, other_world: World, phone: Client) -> None:
    with tenant(other_world.clinic.pk):
        theirs = wrote(other_world.patient, "Theirs.", at=timezone.now())
    with tenant(world.clinic.pk):
        reader = opened_phone(phone, world)
    answer = reader.post(PAGE, {**themes(), f"all_entry_{theirs.pk}": "on", "question": "Mine?"})
    assert answer.status_code == 422
    assert "can not find this text" in words(answer)
    assert "Mine?" in words(answer) and "Theirs." not in words(answer)


def test_the_page_comes_as_a_pdf_whose_name_tells_nothing(reader: Client) -> None:
    assert reader.get("/words/page/file/")["Location"] == PAGE
    reader.post(PAGE, {**themes(), "question": "Why?"})
    answer = reader.get("/words/page/file/")
    assert answer.content.startswith(b"%PDF")
    assert answer["Content-Disposition"] == 'attachment; filename="page.pdf"'
    assert answer["Cache-Control"] == "no-store"


def test_the_same_page_makes_the_same_pdf() -> None:
    page, at = OnePage((Part("themes", "Home\nRest", heading="What stands out"),), "Friday", "UTC"), timezone.now()
    assert draw_page(page, title="A page", paper="a4", made_at=at) == draw_page(
        page, title="A page", paper="a4", made_at=at
    )


@pytest.mark.parametrize(
    ("text", "is_whole"),
    [
        ("Étude, Ω, Привет\n\u201cyes\u201d", True),
        ("静か", False),
        ("שלום", False),
        ("سلام", False),
        ("\U0001f33f", False),
    ],
)
def test_a_pdf_that_can_not_hold_every_sign_says_so(text: str, is_whole: bool) -> None:
    sheet = Sheet(paper="a4", title="", note="", foot="", made_at=timezone.now())
    assert is_printable(sheet, text) == is_whole
    sheet.finished()


def test_each_look_is_one_line_in_the_log_with_how_many(world: World, reader: Client) -> None:
    for hours in (12, 11):
        a_night(world, hours=hours, text="A")
    reader.get(MORNING)
    with as_journal():
        event = KeyEvent.objects.order_by("pk").last()
    assert event is not None
    assert (event.deed, event.count) == ("listed", 2)


# --- The way there ---


@pytest.mark.parametrize(("hours", "is_there"), [(1, False), (18.1, True), (30, True), (40, False)])
def test_the_day_page_leads_there_in_the_morning(world: World, phone: Client, hours: float, is_there: bool) -> None:
    world.treatment(TreatmentState.DISCHARGED, hour_zero=timezone.now() - timedelta(hours=hours))
    assert ('href="/words/morning/"' in words(phone.get("/"))) == is_there


def test_what_comes_after_the_minutes_of_the_pin_is_held_to_be_sent_again(visit: Treatment, phone: Client) -> None:
    ours = {"Sec-Fetch-Site": "same-origin"}
    answer = phone.post(PAGE, {**themes(), "question": "Why the door?"}, headers=ours)
    assert answer.status_code == 401
    assert "It is locked again" in words(answer) and "Why the door?" in words(answer)
    assert "/words/open/?next=%2Fwords%2Fpage%2F" in words(answer)


@pytest.mark.parametrize("address", [MORNING, PAGE])
def test_what_a_page_brings_along_the_first_time_is_taken(world: World, reader: Client, address: str) -> None:
    """As a browser sends it: the fields that the page itself fills in, and one that is typed."""
    a_night(world, hours=12, text="A")
    form = Hidden(reader.get(address).content.decode()).forms[address]
    assert form["seen"] == "0"
    assert reader.post(address, {**form, "own_1": "The blue door", "question": "Why blue?"}).status_code == 303


@pytest.mark.parametrize(
    ("wrote_at", "hours", "says"),
    [
        (15, 20, "Last night’s words"),
        (2, 3, ""),  # not before the morning
        (None, 20, ""),
        (24 * 13 - 2, 24 * 13, "After your visit on"),
        (24 * 13 - 40, 24 * 13, ""),  # later words are none of that night
    ],
)
def test_the_shelf_offers_a_night_only_with_words_of_it_and_by_its_true_name(
    world: World, phone: Client, wrote_at: float | None, hours: float, says: str
) -> None:
    zero = timezone.now() - timedelta(hours=hours)
    world.treatment(TreatmentState.CLOSED, hour_zero=zero)
    if wrote_at is not None:
        a_night(world, hours=wrote_at, text="Soft rain.")
    page = words(phone.get("/words/"))
    day = zero.astimezone(ZoneInfo(world.patient.zone))
    assert ('href="/words/morning/"' in page) is bool(says)
    assert ("Last night" in page) is says.startswith("Last night")
    assert (f"After your visit on {day:%b}\N{NO-BREAK SPACE}{day.day}" in page) is says.startswith("After")


def test_a_night_of_long_ago_is_not_called_the_last_one(world: World, phone: Client) -> None:
    world.treatment(TreatmentState.CLOSED, hour_zero=timezone.now() - timedelta(days=13))
    a_night(world, hours=24 * 13 - 2, text="Soft rain.")
    page = words(opened_phone(phone, world).get(MORNING))
    assert "Soft rain." in page and "Last night" not in page and "<h1>After your visit on" in page


@pytest.mark.parametrize("address", [MORNING, "/words/shared/"])
def test_one_finds_back_to_where_one_writes(world: World, reader: Client, address: str) -> None:
    assert '<a class="back" href="/words/">' in words(reader.get(address))


def test_before_the_morning_one_finds_back_too(phone: Client) -> None:
    assert '<a class="back" href="/words/">' in words(phone.get(MORNING))


def test_the_way_to_the_breathing_says_what_counts(world: World, phone: Client) -> None:
    world.treatment(TreatmentState.CLOSED, hour_zero=timezone.now() - timedelta(days=3))
    for address in ("/", "/words/"):
        page = words(phone.get(address))
        assert "It counts while you breathe." in page and "counts for you" not in page
