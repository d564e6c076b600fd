"""The shipped lists around a visit: the same shape for each route, easy to read, kind, and safe for who reads them."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any, get_args

import pytest

from aftercare.words import ESCORT_WORDS, found_words
from tests.reading import EASY_ES, ease_es, grade, sentences, words
from tests.timeline.test_packs import NEVER_SAID, SPRITE, UNKIND, UNKIND_PHRASES
from timeline.document import Route
from timeline.lists_parts import SPECIAL_KINDS
from timeline.packs import read_visit_lists_for
from timeline.visit_lists import NAME, EscortLists, for_escort, named

ROUTES: tuple[Route, ...] = get_args(Route)
every_route = pytest.mark.parametrize("route", ROUTES)


def lines(value: Any) -> list[str]:
    """Every text of a part that a person reads."""
    if isinstance(value, str):
        return [value] if value else []
    if isinstance(value, tuple):
        return [line for item in value for line in lines(item)]
    if not is_dataclass(value):
        return []
    names = [each.name for each in fields(value) if each.name not in {"key", "icon", "kind"}]
    return [line for name in names for line in lines(getattr(value, name))]


def shown(part: Any) -> str:
    """A part as a page shows it."""
    return "\n".join(lines(named(part, "Maya")))


def keys(items: Any) -> list[str]:
    return [item.key for item in items]


TICKS = ["breathing", "awake", "oriented", "usual_self", "walks", "stomach", "safe_in_self"]
SHAPES = {
    "iv": (
        ["quiet_room", "length", "pressure_first", "given_by", "readings", "anti_sickness"],
        ["needle"],
        [],
    ),
    "im": (["quiet_room", "pressure_first", "given_by", "readings", "anti_sickness"], ["needle"], []),
    "spravato": (
        ["quiet_room", "devices_planned", "pressure_first", "given_by", "devices_kept", "readings", "anti_sickness"],
        [],
        ["monitoring_form"],
    ),
}


@every_route
def test_staff_tick_the_same_on_every_route_but_for_what_is_its_own(route: Route) -> None:
    lists, (during, own, free) = read_visit_lists_for(route), SHAPES[route]
    assert keys(lists.during) == during
    assert keys(lists.recovering) == ["quiet_space", "asked_how", "first_sips", "sits_up", "ride_told"]
    after = ["rules", "teach_back", "medicines", "next_contact", "escort"]
    assert keys(lists.discharge) == ["stay", "pressure", *TICKS, *own, *after, *free]
    assert [item.key for item in lists.discharge if not item.required] == free
    assert sorted(item.kind for item in lists.discharge if item.kind != "tick") == sorted(SPECIAL_KINDS)


@every_route
def test_who_gave_it_is_asked_for_where_it_counts(route: Route) -> None:
    asked = {item.key: item.asks for item in read_visit_lists_for(route).during if item.asks}
    assert {"given_by", "anti_sickness"} <= set(asked)


def test_the_spray_is_supervised_stays_at_the_clinic_and_asks_for_the_reading_at_40_minutes() -> None:
    lists = read_visit_lists_for("spravato")
    text = shown((*lists.during, *lists.discharge))
    for said in ("supervise it directly", "never taken home", "40 minutes", "two hours since the first device"):
        assert said in text
    assert "REMS" not in shown(read_visit_lists_for("iv").discharge)


@every_route
def test_the_home_list_has_four_groups_and_the_drink_with_salts(route: Route) -> None:
    home = read_visit_lists_for(route).home
    assert [group.name for group in home] == ["Room", "Food and water", "Quiet", "People"]
    items = {item.key: item for group in home for item in group.items}
    assert items["electrolytes"].note == "Do you limit salt or fluids? Ask your clinic first."


@every_route
def test_an_escort_has_thirteen_duties_in_three_groups(route: Route) -> None:
    pickup = read_visit_lists_for(route).pickup
    assert [group.name for group in pickup] == ["Before you go", "At the clinic", "On the way and at home"]
    assert [len(group.items) for group in pickup] == [3, 4, 6]


@every_route
def test_every_icon_is_in_the_sprite(route: Route) -> None:
    lists = read_visit_lists_for(route)
    assert [g.icon for g in (*lists.home, *lists.pickup) if f'<symbol id="{g.icon}"' not in SPRITE] == []


# What a page shows in one go, and the hardest grade of its reader.
PARTS = {"home": 6.0, "pickup": 5.0, "home_card": 5.0, "night": 5.0}
AIM, LONGEST = 4.0, 12


@pytest.mark.parametrize("part", PARTS)
def test_every_part_is_easy_to_read(part: str) -> None:
    text = shown(getattr(read_visit_lists_for("iv"), part))
    prose = [sentence for sentence in sentences(text) if len(words(sentence)) >= 4]
    assert grade(text) <= AIM
    assert grade("\n".join(prose)) <= PARTS[part]
    assert [sentence for sentence in prose if len(sentence.split()) > LONGEST] == []


@pytest.mark.parametrize("part", PARTS)
def test_nothing_is_said_that_may_not_be_said(part: str) -> None:
    text = shown(getattr(read_visit_lists_for("iv"), part))
    found = found_words(text, UNKIND) + [
        phrase for phrase in (*UNKIND_PHRASES, *NEVER_SAID) if phrase in text.casefold()
    ]
    assert found == []
    assert not re.search(r"[!\u2600-\u27bf\U0001f300-\U0001faff]", text)
    assert not re.search(r"\b(?:911|988)\b", text), "numbers come from the country, not from the words"


@every_route
@pytest.mark.parametrize("part", ["pickup", "home_card", "night"])
def test_whoever_is_not_the_patient_reads_no_drug_and_no_illness(route: Route, part: str) -> None:
    assert found_words(shown(getattr(read_visit_lists_for(route), part)), ESCORT_WORDS) == []


@every_route
def test_nothing_tells_that_somebody_may_go(route: Route) -> None:
    lists = read_visit_lists_for(route)
    text = shown((lists.during, lists.recovering, lists.discharge)).casefold()
    assert [
        phrase for phrase in ("may go", "may leave", "can go", "fit for discharge", "cleared") if phrase in text
    ] == []


def test_the_night_names_every_emergency_of_the_first_question() -> None:
    """An escort reads here what the check-in would ask about first (timeline/packs/triage.yaml, any_now)."""
    text = shown(read_visit_lists_for("iv").night.call_emergency).casefold()
    signs = (
        "can’t wake",
        "chest pain",
        "breathe",
        "blue lips",
        "fit",
        "weak arm",
        "drooping face",
        "slurred",
        "swollen",
    )
    assert [sign for sign in (*signs, "dying") if sign not in text] == []


@every_route
def test_in_spanish_an_escort_reads_the_same_lines_as_easily(route: Route) -> None:
    lists = read_visit_lists_for(route)
    (spanish, language), (english, _) = for_escort(lists, "es"), for_escort(lists, "en")
    assert language == "es"
    for name in (each.name for each in fields(english.night)):
        assert len(getattr(spanish.night, name)) == len(getattr(english.night, name))
    assert lines(spanish) and not set(lines(spanish)) & set(lines(english))
    assert ease_es(shown(spanish)) >= EASY_ES
    assert [line for line in sentences(shown(spanish)) if len(line.split()) > LONGEST + 2] == []
    assert found_words(shown(spanish), ESCORT_WORDS) == []
    assert not re.search(r"[!¡]|\b(?:911|988)\b", shown(spanish))


def test_without_spanish_an_escort_reads_english() -> None:
    lists = replace(read_visit_lists_for("iv"), es=None)
    assert for_escort(lists, "es") == (EscortLists(lists.pickup, lists.night), "en")


def test_a_name_is_filled_in_everywhere() -> None:
    night = named(read_visit_lists_for("iv").night, "Maya")
    assert NAME not in "\n".join(lines(night))
    assert night.call_clinic[0] == "Maya gets more sleepy, not less."
