"""The home list, and food, drink and pills: ticked and read before a visit, with and without a script."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Patient
from tests.clinic.pages import title, words
from tests.world import World
from timeline.models import HomeTick, SetUpStep, Treatment
from timeline.queries import home_items
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
SET_UP, HOME, BEFORE = "/set-up/", "/set-up/home/", "/set-up/before/"


@pytest.fixture
def visit(world: World) -> Treatment:
    return world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now() + timedelta(days=5))


def ticked() -> set[str]:
    return set(HomeTick.objects.values_list("item", flat=True))


def parts_done() -> list[str]:
    return list(SetUpStep.objects.values_list("key", flat=True))


def test_the_whole_list_is_saved_by_one_button(set_up_phone: Client, visit: Treatment) -> None:
    response = set_up_phone.post(HOME, {"ticked": ["water", "sick_bag"]})
    assert response.status_code == 303
    assert ticked() == {"water", "sick_bag"}
    assert parts_done() == ["home"]
    page = set_up_phone.get(HOME)
    assert f"2 of {len(home_items(visit))} ready" in words(page)
    assert 'name="had" value="water"' in page.content.decode()


def test_only_what_was_changed_on_the_page_is_changed(set_up_phone: Client, visit: Treatment) -> None:
    set_up_phone.post(HOME, {"ticked": ["water", "sick_bag"]})
    # A page that was opened before: it knows of no tick, and brings one more.
    set_up_phone.post(HOME, {"ticked": ["audiobook"]})
    assert ticked() == {"water", "sick_bag", "audiobook"}
    set_up_phone.post(HOME, {"had": ["water", "audiobook"], "ticked": ["audiobook"]})
    assert ticked() == {"sick_bag", "audiobook"}


def test_a_tap_saves_its_own_item_alone_and_a_second_tap_is_the_first(set_up_phone: Client, visit: Treatment) -> None:
    tap = {"tapped": "water", "ticked": ["water", "sick_bag"]}
    response = set_up_phone.post(HOME, tap, headers=HTMX)
    assert response.status_code == 200
    assert "1 of" in words(response) and "<h1" not in response.content.decode()
    first = HomeTick.objects.get().ticked_at
    set_up_phone.post(HOME, tap, headers=HTMX)
    assert HomeTick.objects.get().ticked_at == first
    assert parts_done() == []
    set_up_phone.post(HOME, {"tapped": "water", "ticked": ["sick_bag"]}, headers=HTMX)
    assert ticked() == set()


def test_the_last_tick_finishes_the_part(set_up_phone: Client, visit: Treatment) -> None:
    for item in home_items(visit):
        assert parts_done() == []
        response = set_up_phone.post(HOME, {"tapped": item, "ticked": [item]}, headers=HTMX)
    assert "All set" in words(response)
    assert parts_done() == ["home"]


@pytest.mark.parametrize("sent", [{"ticked": ["gold"]}, {"tapped": "gold"}, {"had": ["x\0"]}])
def test_what_is_not_on_the_list_changes_nothing_and_is_told(
    set_up_phone: Client, visit: Treatment, sent: dict[str, object]
) -> None:
    response = set_up_phone.post(HOME, sent)
    if response.status_code != 400:
        assert (response.status_code, title(response)) == (422, "Error: Before your visit")
        assert "Your list has changed. Here it is now." in words(response)
    assert ticked() == set()


@pytest.mark.parametrize(
    ("known", "is_cautioned"),
    [
        ({"history": None, "history_told": None}, False),
        ({"history": [], "history_told": None}, False),
        ({"history": ["diabetes"], "history_told": {"pregnant": "yes", "limits_salt": "no"}}, False),
        ({"history": ["limits_salt"], "history_told": None}, True),
        ({"history": [], "history_told": {"limits_salt": "yes"}}, True),
        ({"history": [], "history_told": {"limits_salt": "not_sure"}}, True),
        ({"history": ["heart_or_kidney"], "history_told": None}, True),
    ],
)
def test_who_limits_salt_reads_the_caution_before_the_drink(
    set_up_phone: Client, world: World, visit: Treatment, known: dict[str, list[str] | None], is_cautioned: bool
) -> None:
    Patient.objects.update(**known)
    page = words(set_up_phone.get(HOME))
    drink, caution = page.index("A drink with salts"), page.find("Ask your clinic before you buy this.")
    assert (-1 < caution < drink) is is_cautioned
    assert ("Do you limit salt or fluids?" in page) is not is_cautioned


def test_the_clinics_own_words_stand_as_they_were_written(set_up_phone: Client, world: World, visit: Treatment) -> None:
    world.clinic.before_visit = "Eat light the day before.\n\nNothing after midnight. <b>Water</b> is fine until 6 am."
    world.clinic.save()
    page = set_up_phone.get(BEFORE)
    text = words(page)
    assert "Eat light the day before. Nothing after midnight." in text
    assert "&lt;b&gt;Water" in page.content.decode()
    assert page.content.decode().count("<p>Eat light") == 1
    assert visit.document.before.points[0] in text
    assert "Never stop a pill on your own" in text


def test_without_words_it_says_what_to_ask_and_whom(set_up_phone: Client, world: World, visit: Treatment) -> None:
    page = set_up_phone.get(BEFORE)
    assert "Your clinic has its own rules for this. Ask them." in words(page)
    assert "555-010-0142" in words(page)
    world.clinic.phone = ""
    world.clinic.save()
    assert "The number is" not in words(set_up_phone.get(BEFORE))


def test_i_have_read_it_is_kept_once_and_said(set_up_phone: Client, visit: Treatment) -> None:
    assert "I have read it" in words(set_up_phone.get(BEFORE))
    assert [set_up_phone.post(BEFORE).status_code for _ in range(2)] == [303, 303]
    assert parts_done() == ["before"]
    page = words(set_up_phone.get(BEFORE))
    assert "You read this" in page and "I have read it" not in page


@pytest.mark.parametrize("address", [HOME, BEFORE])
def test_without_a_visit_to_come_it_leads_to_the_set_up(set_up_phone: Client, address: str) -> None:
    for response in (set_up_phone.get(address), set_up_phone.post(address)):
        assert (response.status_code, response["Location"]) == (303, SET_UP)


@pytest.mark.parametrize("address", [HOME, BEFORE])
def test_a_look_changes_nothing(set_up_phone: Client, visit: Treatment, address: str) -> None:
    set_up_phone.get(address)
    assert not SetUpStep.objects.exists() and not HomeTick.objects.exists()
