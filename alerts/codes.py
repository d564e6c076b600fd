"""The short code of an open alert, like 7K2: what a person on duty texts back to take it. No database, no Django."""

from __future__ import annotations

import re
import secrets

from accounts.tokens import ALPHABET, read_code

_DIGITS = ALPHABET[:10]
# Always a digit, a letter, a digit: no word of a person's own says one by chance.
_PATTERN = (_DIGITS, ALPHABET[10:], _DIGITS, ALPHABET[10:])
SHORT, LONG = 3, 4


def make_alert_code(length: int = SHORT) -> str:
    """One of 2,200, or of 48,400 with four characters, for a clinic that has as many alerts open."""
    return "".join(secrets.choice(characters) for characters in _PATTERN[:length])


def codes_in(body: str) -> tuple[str, ...]:
    """Each code that a text may mean, in order: whatever the case, with spaces or dots inside, I, L and O forgiven."""
    words = re.findall(r"[A-Za-z0-9]+", body)
    found: dict[str, None] = {}
    for start in range(len(words)):
        for end in range(start + 1, min(start + LONG, len(words)) + 1):
            joined = "".join(words[start:end])
            # "on it" would be 0N1T: what was typed apart is a code only with a real digit.
            is_one = end == start + 1 or any(char in _DIGITS for char in joined)
            if is_one and (code := _as_code(joined)):
                found.setdefault(code)
    return tuple(found)


def _as_code(word: str) -> str:
    code = read_code(word, len(word)) if len(word) in (SHORT, LONG) else ""
    fits = bool(code) and all(char in characters for char, characters in zip(code, _PATTERN, strict=False))
    return code if fits else ""
