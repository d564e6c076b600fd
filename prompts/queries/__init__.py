"""What prompts shows: the patient's messages, and the demo's phone."""

from prompts.queries.foreseen import foreseen_line
from prompts.queries.lock_screen import LockScreen, lock_screen
from prompts.queries.messages import MessagesPage, messages_page
from prompts.queries.push import PushCard, push_card

__all__ = [
    "LockScreen",
    "MessagesPage",
    "PushCard",
    "foreseen_line",
    "lock_screen",
    "messages_page",
    "push_card",
]
