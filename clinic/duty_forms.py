"""What staff type about who is on duty, where they are reached, and what the clinic does at each level."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField

from accounts.models import Clinic, StaffMember
from accounts.phones import read_phone, show_phone
from aftercare.fields import SeenForm
from clinic.alert_forms import ProseField
from clinic.forms import LocalMomentField, next_quarter
from clinic.queries.alert_words import LEVELS, LevelWords
from clinic.queries.duty import who_may_be_on_duty

PLANS_AHEAD = timedelta(days=100)
SEATS = {0: "First: told at once", 1: "Second: told beside the first, or after"}
USUAL = timedelta(hours=12)


class ShiftForm(forms.Form):
    """Who is on duty from when until when, on the clinic's clock."""

    person = forms.ChoiceField(
        label="Who", error_messages={"required": "Pick a person.", "invalid_choice": "Pick a person from the list."}
    )
    seat = forms.TypedChoiceField(
        label="In which place",
        choices=[(str(seat), words) for seat, words in SEATS.items()],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Pick first or second."),
    )
    starts_at = LocalMomentField(label="From", error_messages={"required": "Pick when it starts."})
    ends_at = LocalMomentField(label="Until", error_messages={"required": "Pick when it ends."})

    def __init__(self, *args: Any, clinic: Clinic, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._at = at
        members, self.without_number = who_may_be_on_duty(clinic)
        self._members = {str(member.pk): member for member in members}
        names = [(key, str(member)) for key, member in self._members.items()]
        self.fields["person"].choices = [("", "Pick one"), *names]  # type: ignore[attr-defined]
        for name in ("starts_at", "ends_at"):
            self.fields[name].zone = ZoneInfo(clinic.zone)  # type: ignore[attr-defined]
        begins = next_quarter(at)
        self.initial = {"seat": 0, "starts_at": begins, "ends_at": begins + USUAL, **self.initial}

    def clean_person(self) -> StaffMember:
        return self._members[self.cleaned_data["person"]]

    def clean_starts_at(self) -> datetime:
        return self._near(self.cleaned_data["starts_at"])

    def clean_ends_at(self) -> datetime:
        return self._near(self.cleaned_data["ends_at"])

    def _near(self, moment: datetime) -> datetime:
        if not self._at - timedelta(days=1) <= moment <= self._at + PLANS_AHEAD:
            raise ValidationError("Pick a time in the next 100 days.")
        return moment


class MyPhoneForm(forms.Form):
    """Where alerts reach somebody. Empty for nowhere."""

    phone = forms.CharField(
        label="Your mobile number",
        max_length=32,
        required=False,
        help_text="Empty it, and no alert comes to you.",
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
        error_messages={"max_length": "This phone number is too long. Check it once more."},
    )

    def __init__(self, *args: Any, member: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._country = member.clinic.country_id
        self.initial.setdefault("phone", show_phone(member.phone) if member.phone else "")

    def clean_phone(self) -> str:
        typed = self.cleaned_data["phone"]
        return read_phone(typed, country=self._country) if typed else ""


class ProceduresForm(SeenForm):
    """What the clinic's staff do at each level, in its own words."""

    def __init__(self, *args: Any, clinic: Clinic, seen: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = seen
        for level, words in LEVELS.items():
            self.fields[str(level)] = ProseField(label=words.name, rows=4, required=False)
            self.initial.setdefault(str(level), clinic.procedures.get(level, ""))

    @property
    def levels(self) -> Iterator[tuple[BoundField, LevelWords]]:
        for level, words in LEVELS.items():
            yield self[str(level)], words

    @property
    def words(self) -> dict[str, str]:
        return {name: text for name, text in self.cleaned_data.items() if name != "seen"}

    def is_written(self, clinic: Clinic) -> bool:
        """Whether this is what is on record."""
        return bool(clinic.procedures == {name: text for name, text in self.words.items() if text})
