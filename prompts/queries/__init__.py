"""What prompts shows: the patient's messages, and the demo's phone."""

from prompts.queries.clock import ClockPage, clock_page, running_visit
from prompts.queries.foreseen import foreseen_line
from prompts.queries.hand import Hand, hand_of
from prompts.queries.lock_screen import LockScreen, lock_screen
from prompts.queries.messages import MessagesPage, messages_page
from prompts.queries.prompt import PromptPage, prompt_page
from prompts.queries.push import PushCard, push_card, takes_push

__all__ = [
    "ClockPage",
    "Hand",
    "LockScreen",
    "MessagesPage",
    "PromptPage",
    "PushCard",
    "clock_page",
    "foreseen_line",
    "hand_of",
    "lock_screen",
    "messages_page",
    "prompt_page",
    "push_card",
    "running_visit",
    "takes_push",
]
