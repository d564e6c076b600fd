"""Reads the Learn cards of a document, and the sources that every part of it may name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from aftercare.words import NOTICE_WORDS, found_words
from timeline.document import (
    Caution,
    GivenFlag,
    HistoryFlag,
    LearnCard,
    LearnSection,
    LearnTheme,
    Moment,
    Point,
    Source,
)
from timeline.places import Place

MOST_CARDS, MOST_SECTIONS, MOST_POINTS = 24, 6, 8
LONGEST_POINT = 200


def learn_cards(place: Place, *, phases: Sequence[str]) -> tuple[LearnCard, ...]:
    """The cards of a document whose phases have these keys; none while the phases themselves are wrong."""
    moments = (*phases, *get_args(Moment)) if phases else ()
    return tuple(_card(item, moments=moments) for item in place.items(0, MOST_CARDS))


def read_sources(place: Place, *, least: int = 0) -> tuple[Source, ...]:
    return tuple(_source(item) for item in place.items(least, 8))


def _source(place: Place) -> Source:
    place.has_shape(Source)
    address = place.get("address", "")
    if address.value == "":
        return Source(title=place["title"].text())
    source = Source(title=place["title"].text(), address=address.text(most=300))
    if "://" in source.address or " " in source.address:
        address.note("this has to be an address without https:// and without spaces")
    return source


def _card(place: Place, *, moments: tuple[str, ...]) -> LearnCard:
    """Nothing is taught without a source, or without saying what is not known (docs/clinical.md, 8)."""
    place.has_shape(LearnCard)
    return LearnCard(
        key=_address_key(place["key"]),
        icon=place["icon"].slug(),
        theme=place["theme"].one_of(get_args(LearnTheme)),
        title=place["title"].text(most=60),
        lead=place["lead"].lead(),
        sections=tuple(_section(item) for item in place["sections"].items(1, MOST_SECTIONS)),
        unknown=place["unknown"].lines(least=1, most=4),
        sources=read_sources(place["sources"], least=1),
        moments=tuple(item.one_of(moments) if moments else item.slug() for item in place["moments"].items(0, 12)),
        opens_help=place.get("opens_help", False).flag(),
    )


def _address_key(place: Place) -> str:
    """The key stands in an address, which a browser keeps: it tells nothing (docs/clinical.md, 4)."""
    key = place.key("card")
    if found := found_words(key.replace("_", "-"), NOTICE_WORDS):
        place.note(f"this stands in an address, and may not hold {found[0]}")
    return key


def _section(place: Place) -> LearnSection:
    place.has_shape(LearnSection)
    return LearnSection(
        heading=place["heading"].text(most=60),
        points=tuple(_point(item) for item in place["points"].items(1, MOST_POINTS)),
    )


def _point(place: Place) -> Point:
    if isinstance(place.value, str):
        return Point(text=place.text(most=LONGEST_POINT), cautions=())
    place.has_shape(Point)
    cautions = tuple(_caution(item) for item in place.get("cautions", []).items(0, 6))
    return Point(text=place["text"].text(most=LONGEST_POINT), cautions=cautions)


def _caution(place: Place) -> Caution:
    place.has_shape(Caution)
    return Caution(
        flag=place["flag"].one_of((*get_args(HistoryFlag), *get_args(GivenFlag))),
        text=place["text"].text(most=LONGEST_POINT),
        replaces=place.get("replaces", False).flag(),
    )
