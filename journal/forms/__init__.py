"""What a patient types into the journal's pages."""

from journal.forms.intention import LineForm
from journal.forms.morning import SummaryForm, ThemesForm
from journal.forms.sharing import SharedCodeForm, ShareForm

__all__ = ["LineForm", "ShareForm", "SharedCodeForm", "SummaryForm", "ThemesForm"]
