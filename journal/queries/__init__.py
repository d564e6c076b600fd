"""What the journal's pages show."""

from journal.queries.intention import IntentionPage, intention_page
from journal.queries.openings import OpeningsPage, openings_page
from journal.queries.reading import EntriesPage, EntryPage, RemovePage, entries_page, entry_page, remove_page
from journal.queries.waiting import NotTodayPage, UrgePage, UrgeTimes, not_today_page, ready_urges, urge_page

__all__ = [
    "EntriesPage",
    "EntryPage",
    "IntentionPage",
    "NotTodayPage",
    "OpeningsPage",
    "RemovePage",
    "UrgePage",
    "UrgeTimes",
    "entries_page",
    "entry_page",
    "intention_page",
    "not_today_page",
    "openings_page",
    "ready_urges",
    "remove_page",
    "urge_page",
]
