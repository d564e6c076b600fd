"""What a patient types into the journal's pages."""

from journal.forms.intention import LineForm
from journal.forms.writing import NOTHING, WordsForm, too_long_words

__all__ = ["NOTHING", "LineForm", "WordsForm", "too_long_words"]
