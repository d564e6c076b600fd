"""The shape of a protocol's lists: what is ready at home, what staff tick, what an escort does. Frozen values, no Django.

All of it is data, so that the clinician who signs can read it (docs/clinical.md, 13). In the escort's duties and on the
night's page `{name}` stands for what the page calls the patient; `named` fills it in. Nothing else can be filled in anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Literal, TypeVar, cast

Part = TypeVar("Part")
NAME = "{name}"

# What an item of the staff's stands for, besides a tick: the protocol's shortest stay, the readings of blood pressure, the
# escort at the door, the medicines of tonight, the next contact.
ItemKind = Literal["tick", "stay", "pressure", "escort", "medicines", "next_contact"]


@dataclass(frozen=True, slots=True)
class ListItem:
    """One thing to have ready, or one duty. `note` is a second line, or ""."""

    key: str
    title: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ListGroup:
    """Items under one heading. `icon` is of the sprite."""

    key: str
    name: str
    icon: str
    items: tuple[ListItem, ...]


@dataclass(frozen=True, slots=True)
class StaffItem:
    """One item that staff tick at the clinic. `asks` is the label of a line to type beside it, such as who gave it; or "".

    Only items of the discharge list can be `required`: with one of them open, a clinician decides and says why.
    """

    key: str
    title: str
    note: str = ""
    asks: str = ""
    kind: ItemKind = "tick"
    required: bool = False


@dataclass(frozen=True, slots=True)
class HomeCard:
    """For everybody at home. No drug and no diagnosis is in it; when it is quiet until is worked out."""

    helps: tuple[str, ...]
    avoid: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NightPage:
    """What the one who stays reads tonight. `answering`: how to answer a check-in for the patient."""

    usual: tuple[str, ...]
    wake: tuple[str, ...]
    call_clinic: tuple[str, ...]
    call_emergency: tuple[str, ...]
    answering: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EscortLists:
    """What an escort reads, in one language: the duties, and the night."""

    pickup: tuple[ListGroup, ...]
    night: NightPage


@dataclass(frozen=True, slots=True)
class VisitLists:
    """Everything around a visit of one route. `home_minutes`: from the door until home, after which nobody's word is late.

    `es` is what an escort reads in Spanish: the same duties by their keys; None where the protocol has no Spanish.
    """

    home: tuple[ListGroup, ...]
    during: tuple[StaffItem, ...]
    recovering: tuple[StaffItem, ...]
    discharge: tuple[StaffItem, ...]
    pickup: tuple[ListGroup, ...]
    home_card: HomeCard
    night: NightPage
    home_minutes: int = 60
    es: EscortLists | None = None


def for_escort(lists: VisitLists, language: str) -> tuple[EscortLists, str]:
    """What an escort reads, and in which language: theirs, or English where the protocol has no other."""
    if language == "es" and lists.es:
        return lists.es, "es"
    return EscortLists(lists.pickup, lists.night), "en"


def named(part: Part, name: str) -> Part:
    """The same duties or lines, with what the page calls the patient in the place of {name}."""
    return cast(Part, _named(part, name))


def _named(part: Any, name: str) -> Any:
    if isinstance(part, str):
        return part.replace(NAME, name)
    if isinstance(part, tuple):
        return tuple(_named(item, name) for item in part)
    if is_dataclass(part) and not isinstance(part, type):
        return replace(part, **{each.name: _named(getattr(part, each.name), name) for each in fields(part)})
    return part
