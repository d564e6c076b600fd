"""What staff type about every visit of their clinic: the words before it, the reminders, and the shortest stay."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Clinic
from aftercare.fields import SeenForm
from clinic.alert_forms import ProseField

SOONEST, EARLIEST = 2, 168
SHORTEST_STAY, LONGEST_STAY = 30, 480
_HOURS = f"reminder: type hours from {SOONEST} to {EARLIEST}, or leave it empty."
_STAY = f"Type minutes from {SHORTEST_STAY} to {LONGEST_STAY}, or leave it empty."


def _number(label: str, least: int, most: int, said: str, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=least,
        max_value=most,
        help_text=help_text,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 3}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), said),
    )


class VisitSettingsForm(SeenForm):
    """All of it can be empty: then patients are told to ask, nobody is reminded, and the protocol's stay holds."""

    before_visit = ProseField(
        label="Food, drink and pills before a visit",
        rows=7,
        required=False,
        help_text="Patients read it as you write it. An empty line begins a new paragraph.",
    )
    first = _number("First reminder, hours before", SOONEST, EARLIEST, f"First {_HOURS}")
    second = _number("Second reminder, hours before", SOONEST, EARLIEST, f"Second {_HOURS}")
    third = _number("Third reminder, hours before", SOONEST, EARLIEST, f"Third {_HOURS}")
    stay = _number(
        "Shortest stay after hour 0, in minutes",
        SHORTEST_STAY,
        LONGEST_STAY,
        _STAY,
        "For routes whose protocol names none. A longer stay of a protocol always holds.",
    )

    def __init__(self, *args: Any, clinic: Clinic, seen: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hours = dict(zip(("first", "second", "third"), clinic.reminder_hours, strict=False))
        known = {"before_visit": clinic.before_visit, "stay": clinic.minimum_stay_minutes, "seen": seen, **hours}
        self.initial = {**known, **self.initial}

    @property
    def settings(self) -> dict[str, Any]:
        """What write_visit_settings takes, once it is valid: the hours without the empty ones, the earliest first."""
        hours = {self.cleaned_data[name] for name in ("first", "second", "third")} - {None}
        return {
            "before_visit": self.cleaned_data["before_visit"],
            "reminder_hours": sorted(hours, reverse=True),
            "minimum_stay_minutes": self.cleaned_data["stay"],
        }

    def is_written(self, clinic: Clinic) -> bool:
        """Whether this is what is on record."""
        return all(getattr(clinic, name) == value for name, value in self.settings.items())
