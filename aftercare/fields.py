"""Fields that forms of more than one app ask with: a line of words, a time zone, and what somebody was looking at."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import groupby
from typing import Any, ClassVar, cast
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

# They join letters of some scripts and the parts of some emoji; every other character of category C is refused.
_JOINERS = {"\u200c", "\u200d"}
_HIDDEN = "This holds a character that can't be shown. Type it once more."
_LOST = "This page lost its place. Open it once more."


class WordsField(forms.CharField):
    """One line of text that a person typed. Refuses what can't be seen: control characters and changes of direction."""

    default_error_messages: ClassVar = {"null_characters_not_allowed": _HIDDEN}

    def clean(self, value: Any) -> str:
        text = " ".join(str(super().clean(value)).split())
        if any(is_hidden(char) for char in text) or (text and not set(text) - _JOINERS):
            raise ValidationError(_HIDDEN)
        return text


def is_hidden(char: str) -> bool:
    """Whether a character can't be seen: control characters and changes of direction, but no joiner."""
    return unicodedata.category(char).startswith("C") and char not in _JOINERS


class SeenForm(forms.Form):
    """Remembers the change that the person was looking at, so that nobody's newer one is written over unseen."""

    seen = forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=0,
        max_value=2**63 - 1,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), _LOST),
    )

    def look_at(self, seen: int) -> None:
        """From now on the form is about this newer change; what was typed stays."""
        data = cast(QueryDict, self.data).copy()
        data["seen"] = str(seen)
        self.data = data


def zone_choices(first: str) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    """Every time zone by region, the region of `first` first."""
    names = sorted({first, *(name for name in available_timezones() if "/" in name)}, key=_region)
    groups = [
        (region, [(name, place_words(name)) for name in sorted(group)]) for region, group in groupby(names, key=_region)
    ]
    return sorted(groups, key=lambda group: group[0] != _region(first))


def _region(zone: str) -> str:
    return zone.partition("/")[0]


def place_words(zone: str) -> str:
    """ "New York" of America/New_York."""
    return (zone.partition("/")[2] or zone).replace("_", " ")
