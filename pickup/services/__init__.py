"""What changes a pickup: its links, how far an escort is, and what they tick."""

from pickup.services.links import follow_hour_zero, make_link, withdraw_links
from pickup.services.steps import WrongDoorWord, meet

__all__ = ["WrongDoorWord", "follow_hour_zero", "make_link", "meet", "withdraw_links"]
