"""What a patient types into the journal's pages."""

from journal.forms.intention import LineForm
from journal.forms.note import NoteForm

__all__ = ["LineForm", "NoteForm"]
