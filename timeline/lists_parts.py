"""Reads the lists around a visit from values that anybody may have written, with every error's path (like the Learn cards)."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import get_args

from aftercare.words import ESCORT_WORDS, NOTICE_WORDS, found_words
from timeline.places import Place
from timeline.visit_lists import (
    NAME,
    EscortLists,
    HomeCard,
    ItemKind,
    ListGroup,
    ListItem,
    NightPage,
    StaffItem,
    VisitLists,
)

MOST_GROUPS, MOST_AT_HOME, MOST_DUTIES, MOST_OF_STAFF, MOST_LINES = 6, 32, 13, 24, 8
DUTY_GROUPS = 3
LEAST_HOME_MINUTES, MOST_HOME_MINUTES = 15, 240
# What a discharge always has, once each: the pages ask for more than a tick there.
SPECIAL_KINDS = tuple(kind for kind in get_args(ItemKind) if kind != "tick")
_GAP = re.compile(r"\{[^{}]*\}|[{}]")


def read_visit_lists(place: Place | None) -> VisitLists | None:
    """The lists of a document; None where it has none."""
    return None if place is None else _lists(place)


def _lists(place: Place) -> VisitLists:
    place.has_shape(VisitLists)
    pickup = _duties(place["pickup"])
    return VisitLists(
        home=_groups(place["home"], _Reader("home item"), most_groups=MOST_GROUPS, most_items=MOST_AT_HOME),
        during=_staff_items(place["during"]),
        recovering=_staff_items(place["recovering"]),
        discharge=_discharge(place["discharge"]),
        pickup=pickup,
        home_card=_home_card(place["home_card"]),
        night=_night(place["night"]),
        home_minutes=place.get("home_minutes", 60).whole(LEAST_HOME_MINUTES, MOST_HOME_MINUTES),
        es=_in_spanish(place.optional("es"), pickup),
    )


def _duties(place: Place, *, of: str = "duty") -> tuple[ListGroup, ...]:
    reader = _Reader(of, is_for_escort=True, may_name=True)
    return _groups(place, reader, most_groups=DUTY_GROUPS, most_items=MOST_DUTIES)


def _in_spanish(place: Place | None, pickup: tuple[ListGroup, ...]) -> EscortLists | None:
    """The same duties in the same order: a tick stands for one of them, in whatever language it was read."""
    if place is None:
        return None
    place.has_shape(EscortLists)
    spanish = EscortLists(pickup=_duties(place["pickup"], of="Spanish duty"), night=_night(place["night"]))
    if _shape(spanish.pickup) != _shape(pickup):
        place["pickup"].note("this has to hold the same groups and duties as in English, in the same order")
    return spanish


def _shape(groups: tuple[ListGroup, ...]) -> list[tuple[str, str, list[str]]]:
    return [(group.key, group.icon, [item.key for item in group.items]) for group in groups]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads words for one audience. `of` is what its keys are of; an escort reads no drug and no illness."""

    of: str
    is_for_escort: bool = False
    may_name: bool = False

    def words(self, place: Place, *, most: int = 160) -> str:
        text = place.text(most=most)
        for gap in _GAP.findall(text):
            if not (self.may_name and gap == NAME):
                place.note(f"there is nothing to fill in for {gap}")
        if self.is_for_escort and (found := found_words(text, ESCORT_WORDS)):
            place.note(f"this is read by an escort or at home, and may not hold {found[0]}")
        return text

    def lines(self, place: Place) -> tuple[str, ...]:
        return tuple(self.words(item) for item in place.items(1, MOST_LINES))

    def item(self, place: Place) -> ListItem:
        place.has_shape(ListItem)
        return ListItem(
            key=self._key(place["key"]),
            title=self.words(place["title"], most=80),
            note=self.words(place["note"]) if place.get("note", "").value else "",
        )

    def _key(self, place: Place) -> str:
        """A key may stand in an address, which a browser keeps: it tells nothing (docs/clinical.md, 4)."""
        key = place.key(self.of)
        if found := found_words(key.replace("_", "-"), NOTICE_WORDS):
            place.note(f"this may stand in an address, and may not hold {found[0]}")
        return key


def _groups(place: Place, reader: _Reader, *, most_groups: int, most_items: int) -> tuple[ListGroup, ...]:
    groups = tuple(_group(item, reader, most=most_items) for item in place.items(1, most_groups))
    if (count := sum(len(group.items) for group in groups)) > most_items:
        place.note(f"this may hold {most_items} items in all, and has {count}")
    return groups


def _group(place: Place, reader: _Reader, *, most: int) -> ListGroup:
    place.has_shape(ListGroup)
    return ListGroup(
        key=place["key"].key(f"group of {reader.of}s"),
        name=reader.words(place["name"], most=40),
        icon=place["icon"].slug(),
        items=tuple(reader.item(item) for item in place["items"].items(1, most)),
    )


def _staff_items(place: Place) -> tuple[StaffItem, ...]:
    items = place.items(1, MOST_OF_STAFF)
    for item in items:
        for name, plain in (("kind", "tick"), ("required", False)):
            if item.get(name, plain).value != plain:
                item[name].note("only an item of the discharge list has this")
    return tuple(_staff_item(item) for item in items)


def _discharge(place: Place) -> tuple[StaffItem, ...]:
    """Each special kind once, and required (docs/clinical.md, 13)."""
    places = place.items(len(SPECIAL_KINDS), MOST_OF_STAFF)
    items = tuple(_staff_item(item) for item in places)
    for item, read in zip(places, items, strict=True):
        if read.kind in SPECIAL_KINDS and not read.required:
            item["required"].note(f"an item of the kind {read.kind} is always required")
    counts = Counter(item.kind for item in items)
    if wrong := [kind for kind in SPECIAL_KINDS if counts[kind] != 1]:
        place.note(f"this has to hold one item of the kind {wrong[0]}, and has {counts[wrong[0]]}")
    return items


def _staff_item(place: Place) -> StaffItem:
    place.has_shape(StaffItem)
    reader = _Reader("staff item")
    return StaffItem(
        key=place["key"].key(reader.of),
        title=reader.words(place["title"], most=100),
        note=reader.words(place["note"], most=200) if place.get("note", "").value else "",
        asks=reader.words(place["asks"], most=60) if place.get("asks", "").value else "",
        kind=place.get("kind", "tick").one_of(get_args(ItemKind)),
        required=place.get("required", False).flag(),
    )


def _home_card(place: Place) -> HomeCard:
    place.has_shape(HomeCard)
    reader = _Reader("card", is_for_escort=True)
    return HomeCard(helps=reader.lines(place["helps"]), avoid=reader.lines(place["avoid"]))


def _night(place: Place) -> NightPage:
    place.has_shape(NightPage)
    reader = _Reader("night", is_for_escort=True, may_name=True)
    return NightPage(
        usual=reader.lines(place["usual"]),
        wake=reader.lines(place["wake"]),
        call_clinic=reader.lines(place["call_clinic"]),
        call_emergency=reader.lines(place["call_emergency"]),
        answering=reader.lines(place["answering"]),
    )
