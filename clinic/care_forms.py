"""What staff type at the clinic: an item's line, a reading, when a patient is ready, and who stands at the door."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Clinic
from accounts.phones import read_phone
from aftercare.fields import WordsField
from clinic.queries.readings import MOMENTS
from timeline.states import VitalMoment

BACK, AHEAD = timedelta(hours=12), timedelta(hours=12)
_SHORTER = "Make it shorter: 200 characters at most."


class ClockField(forms.CharField):
    """A time of day as a browser sends it, or as people type it: 16:30, 4:30 pm. Cleans to a `time`, or None."""

    widget = forms.TimeInput(attrs={"type": "time"})

    def clean(self, value: Any) -> Any:
        typed = " ".join(str(super().clean(value)).lower().replace(".", "").split())
        if not typed:
            return None
        for shape in ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M%p", "%I %p", "%I%p"):
            try:
                return datetime.strptime(typed, shape).time()  # noqa: DTZ007 (a time of day has no zone)
            except ValueError:
                continue
        raise ValidationError("Type a time, like 4:30 pm.")


def moment_at(clock: time, *, zone: ZoneInfo, first: datetime, last: datetime) -> datetime | None:
    """The moment between the two at which the clock of `zone` shows this; None where there is none."""
    days = (first.astimezone(zone).date() + timedelta(days=number) for number in range(3))
    moments = (datetime.combine(day, clock, tzinfo=zone) for day in days)
    return next((moment for moment in moments if first <= moment <= last), None)


def whole(label: str, least: int, most: int, *, missing: str = "", **kwargs: Any) -> forms.IntegerField:
    """A whole number with its bounds in the words of its error. Without `missing` it may stay empty."""
    wrong = f"{label.removesuffix(', %')} can be {least} to {most}. Look again."
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        required=bool(missing),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "3"}),
        error_messages={"required": missing, **dict.fromkeys(("invalid", "min_value", "max_value"), wrong)},
        **kwargs,
    )


class TickForm(forms.Form):
    """One item; with `asks` it wants a line beside it, such as who gave a medicine."""

    note = WordsField(required=False, max_length=200, error_messages={"max_length": _SHORTER})

    def __init__(self, *args: Any, asks: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["note"]
        field.label, field.required = asks, bool(asks)
        field.error_messages["required"] = f"Type it first: {asks[:1].lower()}{asks[1:]}."
        field.widget.attrs["autocomplete"] = "off"


class VitalSignsForm(forms.Form):
    """One reading. Wrong by a slip of the finger is told; whether it is high or low is not."""

    moment = forms.TypedChoiceField(
        label="When",
        choices=[(str(moment), words) for moment, words in MOMENTS.items()],
        coerce=VitalMoment,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Pick when it was taken."),
    )
    systolic = whole("Top number", 50, 300, missing="Type the top number.")
    diastolic = whole("Bottom number", 20, 200, missing="Type the bottom number.")
    pulse = whole("Pulse", 20, 250)
    oxygen = whole("Oxygen, %", 50, 100)
    taken = ClockField(label="Taken earlier, at", required=False, max_length=16)

    def __init__(self, *args: Any, clinic: Clinic, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._at, self._zone = at, ZoneInfo(clinic.zone)

    def clean_taken(self) -> datetime:
        """Now, where no time was typed."""
        clock = self.cleaned_data["taken"]
        if clock is None:
            return self._at
        moment = moment_at(clock, zone=self._zone, first=self._at - BACK, last=self._at)
        if moment is None:
            raise ValidationError("Type a time of the last 12 hours.")
        return moment

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "systolic" in data and "diastolic" in data and data["systolic"] <= data["diastolic"]:
            self.add_error("systolic", "The top number is the larger one. Look again.")
        return data

    @property
    def reading(self) -> dict[str, Any]:
        """What add_vital_signs takes, once it is valid."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "taken"}
        return {**values, "taken_at": self.cleaned_data["taken"]}


class ReadyForm(forms.Form):
    """About when the patient is ready: one of the quarters of an hour that the page offers, a typed time, or not known."""

    ready = forms.CharField(required=False, max_length=32)
    clock = ClockField(label="Another time", required=False, max_length=16)

    def __init__(self, *args: Any, clinic: Clinic, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._at, self._zone = at, ZoneInfo(clinic.zone)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        clock = data.get("clock")
        if "clock" in self.errors:
            return data
        if data.get("ready") == "unknown":
            data["ready_at"] = None
        elif clock:
            data["ready_at"] = self._in_time(moment_at(clock, zone=self._zone, first=self._at, last=self._at + AHEAD))
        else:
            data["ready_at"] = self._in_time(_moment(data.get("ready", "")))
        return data

    def _in_time(self, moment: datetime | None) -> datetime | None:
        if moment is None or not self._at - timedelta(minutes=15) <= moment <= self._at + AHEAD:
            self.add_error("clock", "Pick a time, or type one within the next 12 hours.")
        return moment


def _moment(typed: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


class DoorForm(forms.Form):
    """The word that the person at the door said."""

    word = WordsField(
        label="Door word",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={
            "required": "Type the word that they said.",
            "max_length": "The door word is one short word. Type it once more.",
        },
    )


class DriverForm(forms.Form):
    """Who picks the patient up now."""

    name = WordsField(
        label="Name",
        max_length=60,
        error_messages={"required": "Type who drives.", "max_length": "Make the name shorter: 60 characters at most."},
    )
    phone = forms.CharField(
        label="Their number, if you have it",
        max_length=32,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
        error_messages={"max_length": "This phone number is too long. Check it once more."},
    )
    stays_too = forms.BooleanField(label="They also stay with the patient tonight", required=False)

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._country = clinic.country_id
        for name in ("name", "phone"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def clean_phone(self) -> str:
        typed = self.cleaned_data["phone"]
        return read_phone(typed, country=self._country) if typed else ""
