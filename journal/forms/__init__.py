"""What a patient types into the journal's pages."""

from journal.forms.intention import LineForm
from journal.forms.morning import SummaryForm, ThemesForm, sent_parts
from journal.forms.sharing import SharedCodeForm, ShareForm
from journal.forms.waiting import UrgeAnswerForm, UrgeForm
from journal.forms.writing import NOTHING, WordsForm, too_long_words

__all__ = [
    "NOTHING",
    "LineForm",
    "ShareForm",
    "SharedCodeForm",
    "SummaryForm",
    "ThemesForm",
    "UrgeAnswerForm",
    "UrgeForm",
    "WordsForm",
    "sent_parts",
    "too_long_words",
]
