"""What the journal's pages show without opening anything."""

from journal.queries.intention import IntentionPage, intention_page
from journal.queries.morning import NightText, feelings_of, night_texts, offered_parts, opens_words
from journal.queries.shares import SharedRow, SharesPage, shares_page

__all__ = [
    "IntentionPage",
    "NightText",
    "SharedRow",
    "SharesPage",
    "feelings_of",
    "intention_page",
    "night_texts",
    "offered_parts",
    "opens_words",
    "shares_page",
]
