"""The lists around a visit as a clinician reads them who signs a version: every item, and what it asks for."""

from __future__ import annotations

from dataclasses import dataclass

from timeline.visit_lists import EscortLists, ItemKind, ListGroup, ListItem, NightPage, StaffItem, VisitLists, named

# What stands for the name that the escort's page knows.
SOMEBODY = "[name]"
_ASKED_FOR: dict[ItemKind, str] = {
    "tick": "",
    "stay": "shows how long the stay has been",
    "pressure": "shows the readings",
    "escort": "asks for the door word",
    "medicines": "asks what was said",
    "next_contact": "asks when",
}


@dataclass(frozen=True, slots=True)
class ListedLine:
    """One item or line, a second line, and what a page does with it; each of the two may be ""."""

    text: str
    note: str = ""
    asks: str = ""


@dataclass(frozen=True, slots=True)
class ListedPart:
    name: str
    lines: tuple[ListedLine, ...]


@dataclass(frozen=True, slots=True)
class ListChapter:
    """One list, and who works with it."""

    key: str
    name: str
    who: str
    parts: tuple[ListedPart, ...]
    lang: str = "en"


def list_chapters(lists: VisitLists) -> tuple[ListChapter, ...]:
    lists = named(lists, SOMEBODY)
    card = lists.home_card
    return (
        ListChapter("home", "Ready at home", "The patient ticks these before the visit", _groups(lists.home)),
        ListChapter(
            "staff",
            "At the clinic",
            "Staff tick these",
            (
                _part("While the treatment runs", lists.during),
                _part("While the patient recovers", lists.recovering),
            ),
        ),
        ListChapter(
            "leaving", "Before leaving", "Staff tick these; the app only records it", _leaving(lists.discharge)
        ),
        ListChapter("pickup", "The escort's duties", "Ticked on the escort's page", _groups(lists.pickup)),
        ListChapter(
            "home-card",
            "The household card",
            "For everybody at home",
            (_lines("What helps", card.helps), _lines("What to leave out", card.avoid)),
        ),
        ListChapter(
            "night-list",
            "The night",
            "For the one who stays",
            _night(lists.night),
        ),
        *(_in_spanish(lists.es) if lists.es else ()),
    )


def _in_spanish(lists: EscortLists) -> tuple[ListChapter, ...]:
    return (
        ListChapter("pickup-es", "The escort's duties, in Spanish", "The same ticks", _groups(lists.pickup), lang="es"),
        ListChapter("night-list-es", "The night, in Spanish", "For the one who stays", _night(lists.night), lang="es"),
    )


def _night(night: NightPage) -> tuple[ListedPart, ...]:
    return (
        _lines("Usual", night.usual),
        _lines("When to wake", night.wake),
        _lines("Call the clinic", night.call_clinic),
        _lines("Call the emergency number", night.call_emergency),
        _lines("To answer a check-in for them", night.answering),
    )


def _groups(groups: tuple[ListGroup, ...]) -> tuple[ListedPart, ...]:
    return tuple(ListedPart(group.name, tuple(map(_item, group.items))) for group in groups)


def _item(item: ListItem) -> ListedLine:
    return ListedLine(item.title, item.note)


def _part(name: str, items: tuple[StaffItem, ...]) -> ListedPart:
    return ListedPart(name, tuple(ListedLine(item.title, item.note, _asked_for(item)) for item in items))


def _leaving(items: tuple[StaffItem, ...]) -> tuple[ListedPart, ...]:
    parts = (
        _part(
            "With one of these open, a clinician decides and says why", tuple(item for item in items if item.required)
        ),
        _part("Besides", tuple(item for item in items if not item.required)),
    )
    return tuple(part for part in parts if part.lines)


def _asked_for(item: StaffItem) -> str:
    """ "asks for the door word", or "asks: By whom"."""
    return ", ".join(filter(None, (_ASKED_FOR[item.kind], f"asks: {item.asks}" if item.asks else "")))


def _lines(name: str, lines: tuple[str, ...]) -> ListedPart:
    return ListedPart(name, tuple(map(ListedLine, lines)))
