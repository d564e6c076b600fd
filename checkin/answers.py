"""Reads one answer of one page, and the numbers in stored ones."""

from __future__ import annotations

import re
from collections.abc import Mapping

from timeline.triage_document import NOT_SURE, Question

SCALE = tuple(map(str, range(11)))
# mmHg. Beyond them the cuff or the finger slipped.
LOWEST_TOP, HIGHEST_TOP = 50, 300
LOWEST_BOTTOM, HIGHEST_BOTTOM = 20, 200
_DIGITS = re.compile(r"[0-9]{1,3}")
_READING = re.compile(r"([0-9]{1,3})/([0-9]{1,3})")


class AnswerError(ValueError):
    """An answer that can't be taken. A sentence fit to show."""


def read_answer(question: Question, posted: Mapping[str, str]) -> str:
    """The answer as it is stored: a tile's key, the digits of a scale, or a blood pressure such as "150/95".

    `posted` holds "answer"; for a blood pressure "top" and "bottom" in mmHg, or "answer": "not_sure". Raises AnswerError.
    """
    answer = posted.get("answer", "").strip()
    if question.kind == "blood_pressure" and answer != NOT_SURE:
        return _reading(posted.get("top", "").strip(), posted.get("bottom", "").strip())
    if not answer:
        raise AnswerError("Pick one answer to go on.")
    if answer not in possible_answers(question):
        raise AnswerError("Pick one of the answers on this page.")
    return answer


def possible_answers(question: Question) -> tuple[str, ...]:
    """What can be picked, in the order of the page. A blood pressure is typed, and not among them."""
    scale = SCALE if question.kind == "scale" else ()
    return (*scale, *(tile.key for tile in question.tiles))


def _reading(top: str, bottom: str) -> str:
    if not top or not bottom:
        raise AnswerError("Type both numbers from your cuff.")
    if not _DIGITS.fullmatch(top) or not _DIGITS.fullmatch(bottom):
        raise AnswerError("Type each number in digits, like 120 and 80.")
    high, low = int(top), int(bottom)
    if not LOWEST_TOP <= high <= HIGHEST_TOP:
        raise AnswerError(f"The top number can be {LOWEST_TOP} to {HIGHEST_TOP}. Please look again.")
    if not LOWEST_BOTTOM <= low <= HIGHEST_BOTTOM:
        raise AnswerError(f"The bottom number can be {LOWEST_BOTTOM} to {HIGHEST_BOTTOM}. Please look again.")
    if high <= low:
        raise AnswerError("The top number is the larger one. Please look again.")
    return f"{high}/{low}"


def number_of(answer: str) -> int | None:
    """The number of a scale; None where it is none."""
    return int(answer) if answer in SCALE else None


def reading_of(answer: str) -> tuple[int, int] | None:
    """(top, bottom) in mmHg; None where it is no reading."""
    found = _READING.fullmatch(answer)
    return (int(found.group(1)), int(found.group(2))) if found else None
