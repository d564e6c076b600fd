"""What the journal's pages show."""

from journal.queries.intention import IntentionPage, intention_page
from journal.queries.morning import NightText, feelings_of, night_texts, offered_parts, opens_words, past_visit_day
from journal.queries.openings import OpeningsPage, openings_page
from journal.queries.reading import (
    EntriesPage,
    EntryPage,
    RemovePage,
    entries_page,
    entry_page,
    is_readable,
    remove_page,
)
from journal.queries.shares import SharedRow, SharesPage, shares_page
from journal.queries.waiting import NotTodayPage, UrgePage, UrgeTimes, not_today_page, ready_urges, urge_page
from journal.queries.writing import WritePage, write_page

__all__ = [
    "EntriesPage",
    "EntryPage",
    "IntentionPage",
    "NightText",
    "NotTodayPage",
    "OpeningsPage",
    "RemovePage",
    "SharedRow",
    "SharesPage",
    "UrgePage",
    "UrgeTimes",
    "WritePage",
    "entries_page",
    "entry_page",
    "feelings_of",
    "intention_page",
    "is_readable",
    "night_texts",
    "not_today_page",
    "offered_parts",
    "openings_page",
    "opens_words",
    "past_visit_day",
    "ready_urges",
    "remove_page",
    "shares_page",
    "urge_page",
    "write_page",
]
