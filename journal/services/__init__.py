"""Writing, opening and destroying what a patient wrote."""

from journal.services.entries import (
    destroy_journal,
    destroy_journals,
    entry_id_of,
    keep_words,
    open_entries,
    open_entry,
    open_newest,
    remove_entry,
)
from journal.services.keys import JournalClosed
from journal.services.urges import UrgeWaits, answer_urge, let_urge_go, open_urge, park_urge
from journal.words import Opened

__all__ = [
    "JournalClosed",
    "Opened",
    "UrgeWaits",
    "answer_urge",
    "destroy_journal",
    "destroy_journals",
    "entry_id_of",
    "keep_words",
    "let_urge_go",
    "open_entries",
    "open_entry",
    "open_newest",
    "open_urge",
    "park_urge",
    "remove_entry",
]
