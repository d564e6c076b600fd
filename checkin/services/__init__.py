"""What changes check-ins: begun, answered, stopped; logs, and their reminders; and what follows when nobody answers."""

from checkin.services.check_ins import (
    KeyTaken,
    ask_for_call,
    begin_check_in,
    believed,
    close_left_open,
    give_answer,
    stop_check_in,
)
from checkin.services.logs import Said, choose_pace, record_log
from checkin.services.questionnaires import raise_self_harm, record_questionnaire
from checkin.services.reminders import remind_logs
from checkin.services.silence import follow_silence
from checkin.services.thresholds import set_thresholds

__all__ = [
    "KeyTaken",
    "Said",
    "ask_for_call",
    "begin_check_in",
    "believed",
    "choose_pace",
    "close_left_open",
    "follow_silence",
    "give_answer",
    "raise_self_harm",
    "record_log",
    "record_questionnaire",
    "remind_logs",
    "set_thresholds",
    "stop_check_in",
]
