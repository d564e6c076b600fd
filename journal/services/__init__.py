"""Writing, opening and destroying what a patient wrote."""

from journal.services.entries import (
    destroy_journal,
    destroy_journals,
    entry_id_of,
    is_kept,
    keep_words,
    open_entries,
    open_entry,
    open_newest,
    remove_entry,
)
from journal.services.keys import JournalClosed
from journal.words import Opened

__all__ = [
    "JournalClosed",
    "Opened",
    "destroy_journal",
    "destroy_journals",
    "entry_id_of",
    "is_kept",
    "keep_words",
    "open_entries",
    "open_entry",
    "open_newest",
    "remove_entry",
]
