"""What prompts shows: the patient's messages, and the demo's phone."""

from prompts.queries.clock import ClockPage, clock_page, running_visit
from prompts.queries.foreseen import foreseen_line
from prompts.queries.lock_screen import LockScreen, lock_screen
from prompts.queries.messages import NOT_THERE, MessagesPage, last_report, messages_page
from prompts.queries.prompt import PromptPage, prompt_page
from prompts.queries.push import PushCard, push_card

__all__ = [
    "NOT_THERE",
    "ClockPage",
    "LockScreen",
    "MessagesPage",
    "PromptPage",
    "PushCard",
    "clock_page",
    "foreseen_line",
    "last_report",
    "lock_screen",
    "messages_page",
    "prompt_page",
    "push_card",
    "running_visit",
]
