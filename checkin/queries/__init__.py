"""What the pages of a check-in show, in words and times that are ready to read."""

from checkin.queries.action import ActionPage, action_page, offline_page
from checkin.queries.asked import Asked, asked_now, check_in_or_none, got_worse, level_of
from checkin.queries.context import answers_of, context_of, rules_of
from checkin.queries.pages import Paths, QuestionPage, first_page, next_address, question_page
from checkin.queries.raised import alerts_of

__all__ = [
    "ActionPage",
    "Asked",
    "Paths",
    "QuestionPage",
    "action_page",
    "alerts_of",
    "answers_of",
    "asked_now",
    "check_in_or_none",
    "context_of",
    "first_page",
    "got_worse",
    "level_of",
    "next_address",
    "offline_page",
    "question_page",
    "rules_of",
]
