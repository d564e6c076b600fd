"""Writing, opening and destroying what a patient wrote."""

from journal.crypto import CanNotOpen
from journal.services.copying import copy_sections
from journal.services.endings import end_share, end_shares, end_what_ran_out
from journal.services.entries import (
    TextGone,
    destroy_journal,
    destroy_journals,
    entry_id_of,
    is_kept,
    keep_words,
    open_entries,
    open_entry,
    open_newest,
)
from journal.services.guests import CodeRefused, CodeRests, is_alive, open_with_code, read_copy, take_copy
from journal.services.keys import JournalClosed
from journal.services.nights import (
    ChangedElsewhere,
    Choices,
    Night,
    keep_page,
    keep_themes,
    open_choices,
    open_night,
    remove_themes,
)
from journal.services.removing import remove_entry
from journal.services.shares import MadeShare, TextChanged, make_share, names_of, open_names, page_of
from journal.services.urges import UrgeWaits, answer_urge, let_urge_go, open_urge, park_urge
from journal.words import Opened

__all__ = [
    "CanNotOpen",
    "ChangedElsewhere",
    "Choices",
    "CodeRefused",
    "CodeRests",
    "JournalClosed",
    "MadeShare",
    "Night",
    "Opened",
    "TextChanged",
    "TextGone",
    "UrgeWaits",
    "answer_urge",
    "copy_sections",
    "destroy_journal",
    "destroy_journals",
    "end_share",
    "end_shares",
    "end_what_ran_out",
    "entry_id_of",
    "is_alive",
    "is_kept",
    "keep_page",
    "keep_themes",
    "keep_words",
    "let_urge_go",
    "make_share",
    "names_of",
    "open_choices",
    "open_entries",
    "open_entry",
    "open_names",
    "open_newest",
    "open_night",
    "open_urge",
    "open_with_code",
    "page_of",
    "park_urge",
    "read_copy",
    "remove_entry",
    "remove_themes",
    "take_copy",
]
