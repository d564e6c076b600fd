"""What the pages of a check-in show, in words and times that are ready to read."""

from checkin.queries.action import ActionPage, action_page, offline_page
from checkin.queries.asked import Asked, asked_after_log, asked_now, check_in_or_none, got_worse, level_of
from checkin.queries.context import answers_of, context_of, rules_of
from checkin.queries.logs import LogKeptPage, LogPage, log_kept_page, log_page, pace_of, standing_logs
from checkin.queries.pages import Paths, QuestionPage, first_page, next_address, question_page
from checkin.queries.raised import alerts_of
from checkin.queries.two_weeks import (
    AFTER_VISIT,
    BEFORE_VISIT,
    BaselinePage,
    HelpNowPage,
    QuestionsPage,
    TwoWeeksPage,
    Ways,
    baseline_page,
    due_now,
    help_now_act,
    help_now_page,
    next_part,
    questions_page,
    two_weeks_page,
)

__all__ = [
    "AFTER_VISIT",
    "BEFORE_VISIT",
    "ActionPage",
    "Asked",
    "BaselinePage",
    "HelpNowPage",
    "LogKeptPage",
    "LogPage",
    "Paths",
    "QuestionPage",
    "QuestionsPage",
    "TwoWeeksPage",
    "Ways",
    "action_page",
    "alerts_of",
    "answers_of",
    "asked_after_log",
    "asked_now",
    "baseline_page",
    "check_in_or_none",
    "context_of",
    "due_now",
    "first_page",
    "got_worse",
    "help_now_act",
    "help_now_page",
    "level_of",
    "log_kept_page",
    "log_page",
    "next_address",
    "next_part",
    "offline_page",
    "pace_of",
    "question_page",
    "questions_page",
    "rules_of",
    "standing_logs",
    "two_weeks_page",
]
