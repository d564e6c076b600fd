"""What a patient types into the journal's pages."""

from journal.forms.intention import LineForm
from journal.forms.waiting import UrgeAnswerForm, UrgeForm

__all__ = ["LineForm", "UrgeAnswerForm", "UrgeForm"]
