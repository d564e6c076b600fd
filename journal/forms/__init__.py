"""What a patient types into the journal's pages."""

from journal.forms.intention import LineForm

__all__ = ["LineForm"]
