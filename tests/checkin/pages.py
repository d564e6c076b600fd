"""Walking through a check-in as a phone does."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.test import Client

from checkin.path import question_path
from checkin.queries import QuestionPage
from checkin.triage import Context, triage
from timeline.levels import Level
from timeline.packs import read_triage

START = "/check-in/"
MOST_PAGES = 30


def shown(response: Any) -> QuestionPage:
    """The question page of an answer."""
    page = response.context["page"]
    assert isinstance(page, QuestionPage), page
    return page


def place(page: QuestionPage) -> int:
    """What names its question in an address."""
    return read_triage().place_of(page.question.key)


def where(response: Any) -> str:
    """Where an answer leads."""
    assert response.status_code == 303, response.status_code
    return str(response.url)


def begin(phone: Client, answer: str, **values: Any) -> Any:
    """Answers the first question with a key of its own."""
    return phone.post(START, {"key": str(uuid4()), "answer": answer, **values})


def red_tile(page: QuestionPage, level: Level = Level.EMERGENCY) -> str:
    """An answer of this page that is a red flag."""
    return next(tile.key for tile in page.tiles if tile.flag == level)


def calm_tile(page: QuestionPage) -> str:
    """An answer of this page that asks for nothing, and opens the fewest questions."""
    rules, context, key = read_triage(), Context(route="iv", hours=4), page.question.key
    calm = [
        tile.key for tile in page.tiles if triage({key: tile.key}, context=context, rules=rules).level is Level.ROUTINE
    ]
    return min(calm, key=lambda answer: len(question_path({key: answer}, context=context, rules=rules)))


def walk_calmly(phone: Client) -> tuple[Any, int]:
    """The page that comes after only calm answers, and how many taps it took, the one that opens it included."""
    response, taps = phone.get(START), 1
    answer = begin(phone, calm_tile(shown(response)))
    taps += 1
    while "/q/" in answer.url and taps < MOST_PAGES:
        page = shown(phone.get(answer.url))
        answer, taps = phone.post(answer.url, {"answer": calm_tile(page)}), taps + 1
    return phone.get(answer.url), taps
