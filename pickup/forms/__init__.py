"""What an escort types and ticks, and whom a patient names."""

from pickup.forms.escorts import JoinForm, SwitchesForm, TicksForm, WhoForm
from pickup.forms.people import PeopleForm

__all__ = ["JoinForm", "PeopleForm", "SwitchesForm", "TicksForm", "WhoForm"]
