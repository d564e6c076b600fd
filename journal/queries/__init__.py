"""What the journal's pages show."""

from journal.queries.intention import IntentionPage, intention_page
from journal.queries.openings import OpeningsPage, openings_page
from journal.queries.reading import EntriesPage, EntryPage, RemovePage, entries_page, entry_page, remove_page
from journal.queries.writing import WritePage, write_page

__all__ = [
    "EntriesPage",
    "EntryPage",
    "IntentionPage",
    "OpeningsPage",
    "RemovePage",
    "WritePage",
    "entries_page",
    "entry_page",
    "intention_page",
    "openings_page",
    "remove_page",
    "write_page",
]
