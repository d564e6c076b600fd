"""The guest list of a staging deployment: the numbers and addresses that may get messages, and nobody else."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from django.core.exceptions import ValidationError

from accounts.emails import read_email, same_email
from accounts.phones import read_phone


def is_guest(address: str, *, guests: tuple[str, ...], country: str) -> bool:
    """Whether `address` may get a message. Without a list everybody may; an entry that can't be read names nobody."""
    return not guests or _same(address) in _named(guests, country)


def unreadable_guests(guests: Iterable[str], *, country: str) -> list[int]:
    """Which entries are neither a phone number nor an e-mail address, counted from 1."""
    return [number for number, entry in enumerate(guests, start=1) if not _read(entry, country=country)]


@cache
def _named(guests: tuple[str, ...], country: str) -> frozenset[str]:
    return frozenset(_read(entry, country=country) for entry in guests) - {""}


def _read(entry: str, *, country: str) -> str:
    try:
        return _same(read_email(entry) if "@" in entry else read_phone(entry, country=country))
    except ValidationError:
        return ""


def _same(address: str) -> str:
    return same_email(address) if "@" in address else address
