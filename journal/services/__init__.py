"""Writing, opening and destroying what a patient wrote."""

from journal.services.entries import JournalClosed, destroy_journals, open_intention, write_intention

__all__ = ["JournalClosed", "destroy_journals", "open_intention", "write_intention"]
