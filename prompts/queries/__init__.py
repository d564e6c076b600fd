"""What prompts shows: the patient's messages, and the demo's phone."""

from prompts.queries.foreseen import foreseen_line
from prompts.queries.lock_screen import LockScreen, lock_screen
from prompts.queries.messages import MessagesPage, messages_page

__all__ = ["LockScreen", "MessagesPage", "foreseen_line", "lock_screen", "messages_page"]
