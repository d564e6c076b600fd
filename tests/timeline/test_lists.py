"""The lists around a visit: read whole or refused with every path, and kept by a version."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.world import World, iv_document
from timeline.lists_parts import read_visit_lists
from timeline.models import _parsed
from timeline.packs import pack_keys, read_pack, read_visit_lists_for
from timeline.places import Notes, Place, ProtocolErrors
from timeline.protocol import digest, dump, parse
from timeline.services import draft_version
from timeline.triage_parts import plain_part
from timeline.visit_lists import VisitLists

CONTENT: dict[str, Any] = plain_part(read_visit_lists_for("iv"))
GONE = object()


def read(content: Any) -> VisitLists | None:
    notes = Notes()
    lists = read_visit_lists(Place(content, "lists", notes))
    notes.raise_any()
    return lists


def changed(path: str, value: Any) -> dict[str, Any]:
    """The lists of an infusion with one value in another's place, or taken away: discharge.0.kind."""
    content = copy.deepcopy(CONTENT)
    *way, last = path.split(".")
    inside: Any = content
    for name in way:
        inside = inside[int(name)] if name.isdigit() else inside[name]
    if value is GONE:
        del inside[int(last) if last.isdigit() else last]
    else:
        inside[int(last) if last.isdigit() else last] = value
    return content


def test_they_read_the_same_after_they_were_written_down() -> None:
    assert read(json.loads(json.dumps(CONTENT))) == read_visit_lists_for("iv")


def test_without_spanish_they_are_written_down_as_before_there_was_any() -> None:
    """A version that was stored then keeps its digest."""
    lists = read({name: part for name, part in CONTENT.items() if name != "es"})
    assert lists and lists.es is None
    assert "es" not in plain_part(lists)


def test_there_may_be_none() -> None:
    assert read_visit_lists(None) is None


def test_what_is_as_usual_is_left_out_when_written_down() -> None:
    assert "home_minutes" not in CONTENT
    assert CONTENT["during"][0] == {"key": "quiet_room", "title": "Quiet room, low light"}
    longer = read(changed("home_minutes", 90))
    assert longer
    assert plain_part(longer)["home_minutes"] == 90


STAY = next(at for at, item in enumerate(CONTENT["discharge"]) if item.get("kind") == "stay")
ITEM = {"key": "more", "title": "One thing more"}
WRONG = [
    # what is set, to what, where it is told, and what is said
    ("dinner", [], "lists.dinner", "this section is not known"),
    ("night", GONE, "lists.night", "this is missing"),
    ("home", [], "lists.home", "this has to hold 1 to 6 items"),
    ("home.0.items", [], "lists.home[0].items", "this has to hold 1 to 32 items"),
    (
        "home.0.items.0.key",
        "soft place",
        "lists.home[0].items[0].key",
        "this has to be a short name of small letters, digits, - and _",
    ),
    (
        "home.1.items.0.key",
        "soft_place",
        "lists.home[1].items[0].key",
        "this key is already used at lists.home[0].items[0].key",
    ),
    (
        "home.0.items.0.key",
        "journal",
        "lists.home[0].items[0].key",
        "this may stand in an address, and may not hold journal",
    ),
    ("home.0.items.0.title", "", "lists.home[0].items[0].title", "this is empty"),
    ("home.0.items.0.title", "For {name}", "lists.home[0].items[0].title", "there is nothing to fill in for {name}"),
    ("home.0.items.0.note", 7, "lists.home[0].items[0].note", "this has to be text"),
    ("home.0.items.0.tick", True, "lists.home[0].items[0].tick", "this section is not known"),
    ("home.0.icon", "", "lists.home[0].icon", "this is empty"),
    ("pickup", [CONTENT["pickup"][0]] * 4, "lists.pickup", "this has to hold 1 to 3 items"),
    (
        "pickup.2.items",
        [{**ITEM, "key": f"more-{n}"} for n in range(7)],
        "lists.pickup",
        "this may hold 13 items in all, and has 14",
    ),
    ("pickup.0.items.0.title", "Help {who}", "lists.pickup[0].items[0].title", "there is nothing to fill in for {who}"),
    ("pickup.0.items.0.title", "Help {name", "lists.pickup[0].items[0].title", "there is nothing to fill in for {"),
    (
        "pickup.0.items.0.note",
        "After the drip.",
        "lists.pickup[0].items[0].note",
        "this is read by an escort or at home, and may not hold drip",
    ),
    ("home_card.helps.0", "Quiet for {name}.", "lists.home_card.helps[0]", "there is nothing to fill in for {name}"),
    ("home_card.avoid", [], "lists.home_card.avoid", "this has to hold 1 to 8 items"),
    (
        "home_card.avoid.0",
        "Talk of their depression.",
        "lists.home_card.avoid[0]",
        "this is read by an escort or at home, and may not hold depression",
    ),
    ("night.wake", GONE, "lists.night.wake", "this is missing"),
    (
        "night.usual.0",
        "Ketamine makes {name} slow.",
        "lists.night.usual[0]",
        "this is read by an escort or at home, and may not hold ketamine",
    ),
    ("es.night", GONE, "lists.es.night", "this is missing"),
    (
        "es.pickup.0.items.0.title",
        "Lleve la dosis",
        "lists.es.pickup[0].items[0].title",
        "this is read by an escort or at home, and may not hold dosis",
    ),
    (
        "es.pickup.0.items.0.key",
        "other",
        "lists.es.pickup",
        "this has to hold the same groups and duties as in English, in the same order",
    ),
    ("during.0.kind", "pressure", "lists.during[0].kind", "only an item of the discharge list has this"),
    ("recovering.0.required", True, "lists.recovering[0].required", "only an item of the discharge list has this"),
    ("recovering.0.key", "quiet_room", "lists.recovering[0].key", "this key is already used at lists.during[0].key"),
    ("discharge.0.key", "first_sips", "lists.discharge[0].key", "this key is already used at lists.recovering[2].key"),
    ("discharge.0.required", "yes", "lists.discharge[0].required", "this has to be true or false"),
    (
        f"discharge.{STAY}.kind",
        "wait",
        f"lists.discharge[{STAY}].kind",
        "this has to be tick or stay or pressure or escort or medicines or next_contact",
    ),
    (
        f"discharge.{STAY}.required",
        False,
        f"lists.discharge[{STAY}].required",
        "an item of the kind stay is always required",
    ),
    (f"discharge.{STAY}.kind", "pressure", "lists.discharge", "this has to hold one item of the kind stay, and has 0"),
    (f"discharge.{STAY}", GONE, "lists.discharge", "this has to hold one item of the kind stay, and has 0"),
    ("discharge", [ITEM], "lists.discharge", "this has to hold 5 to 24 items"),
    ("home_minutes", 14, "lists.home_minutes", "this has to be a whole number from 15 to 240"),
    ("home_minutes", 241, "lists.home_minutes", "this has to be a whole number from 15 to 240"),
]


@pytest.mark.parametrize(("path", "value", "told_at", "message"), WRONG)
def test_what_is_wrong_is_told_with_its_path(path: str, value: Any, told_at: str, message: str) -> None:
    with pytest.raises(ProtocolErrors) as raised:
        read(changed(path, value))
    assert (told_at, message) in [(each.path, each.message) for each in raised.value.errors]


ANY_JSON = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.lists(st.text(), max_size=2)
)


def _paths(value: Any, path: str = "") -> list[str]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for name, item in items for found in (f"{path}{name}", *_paths(item, f"{path}{name}."))]


@settings(max_examples=150, deadline=None)
@given(path=st.sampled_from(_paths(CONTENT)), value=ANY_JSON)
def test_any_value_anywhere_is_read_or_refused(path: str, value: Any) -> None:
    try:
        lists = read(changed(path, value))
    except ProtocolErrors:
        return
    assert read(plain_part(lists)) == lists


@pytest.mark.parametrize("key", pack_keys())
def test_a_shipped_protocol_holds_the_lists_of_its_route(key: str) -> None:
    pack = read_pack(key)
    assert pack.lists == read_visit_lists_for(pack.route)
    assert parse(json.loads(json.dumps(dump(pack)))) == pack


def test_a_version_from_before_the_lists_keeps_its_digest() -> None:
    old = replace(iv_document(), lists=None)
    assert "lists" not in dump(old)
    assert parse(dump(old)) == old
    assert digest(old) != digest(iv_document())


@pytest.mark.django_db
def test_a_draft_gets_its_own_copy_so_that_what_is_signed_is_all_there_is(world: World) -> None:
    bare = replace(iv_document(), lists=None)
    version = draft_version(bare, by=world.nurse, at=world.patient.created_at, clinic_id=world.clinic.pk)
    assert version.document.lists == read_visit_lists_for("iv")


@pytest.mark.django_db
def test_a_visit_goes_by_its_versions_lists_or_by_the_shipped_ones(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    treatment = world.treatment()
    ours = replace(read_visit_lists_for("iv"), home_minutes=90)
    monkeypatch.setitem(_parsed, treatment.protocol_version.digest, replace(iv_document(), lists=ours))
    assert treatment.lists.home_minutes == 90
    monkeypatch.setitem(_parsed, treatment.protocol_version.digest, replace(iv_document(), lists=None))
    assert treatment.lists == read_visit_lists_for("iv")
