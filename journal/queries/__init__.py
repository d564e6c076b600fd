"""What the journal's pages show without opening anything."""

from journal.queries.intention import IntentionPage, intention_page
from journal.queries.waiting import NotTodayPage, UrgePage, UrgeTimes, not_today_page, ready_urges, urge_page

__all__ = [
    "IntentionPage",
    "NotTodayPage",
    "UrgePage",
    "UrgeTimes",
    "intention_page",
    "not_today_page",
    "ready_urges",
    "urge_page",
]
