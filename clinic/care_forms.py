"""What staff type at the clinic: an item's line, a reading, when a patient is ready, who stands at the door, how they left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Clinic, StaffMember
from accounts.phones import read_phone
from clinic.forms import BadEndingForm, LocalMomentField, WordsField
from clinic.models import Discharge
from clinic.queries.readings import MOMENTS
from timeline.states import BadEnding, VitalMoment

BACK, AHEAD = timedelta(hours=12), timedelta(hours=12)
LOST = "This page lost its place. Open it once more."
_SHORTER = "Make it shorter: 200 characters at most."
CONTACT_AHEAD = timedelta(days=14)


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
    wrong = f"{label} can be {least} to {most}. Look again."
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


class DischargeForm(forms.Form):
    """What the last page asks: the medicines for tonight, and when somebody calls."""

    medicines = WordsField(
        label="Medicines for tonight, as you reviewed them",
        max_length=200,
        help_text="Sedatives, opioids, pills for blood pressure. Type “none” if there are none.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Type what was said of the medicines, or “none”.", "max_length": _SHORTER},
    )
    next_contact_at = LocalMomentField(
        label="Next contact: the call after 24 hours",
        error_messages={"required": "Type when somebody calls the patient."},
    )

    def __init__(self, *args: Any, clinic: Clinic, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._at = at
        self.fields["next_contact_at"].zone = ZoneInfo(clinic.zone)  # type: ignore[attr-defined]

    def clean_next_contact_at(self) -> datetime:
        moment: datetime = self.cleaned_data["next_contact_at"]
        if not self._at < moment <= self._at + CONTACT_AHEAD:
            raise ValidationError("Pick a time to come, at most two weeks ahead.")
        return moment

    @property
    def said(self) -> dict[str, Any]:
        """What complete_discharge takes of these, once they are valid."""
        return {name: self.cleaned_data[name] for name in ("medicines", "next_contact_at")}


class AnywayForm(DischargeForm):
    """With something open: who decides and why; and without the door word, with whom the patient left.

    `seen` holds the keys of the open items that stood on the page, one space between.
    """

    door = forms.ChoiceField(
        label="With whom did the patient leave?",
        choices=[("other", "With somebody, known another way"), ("nobody", "With nobody")],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Pick with whom the patient left."),
    )
    with_whom = WordsField(
        label="Their name, and how you know them",
        max_length=80,
        required=False,
        error_messages={"max_length": "Make it shorter: 80 characters at most."},
    )
    clinician = forms.ChoiceField(
        label="The clinician who decides",
        error_messages={"required": "Pick the clinician who decides.", "invalid_choice": "Pick a clinician of this clinic."},
    )
    reason = WordsField(
        label="Why, in a line or two",
        max_length=300,
        min_length=4,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "maxlength": 300}),
        error_messages={
            "required": "Type the reason.",
            "min_length": "Type the reason in words.",
            "max_length": "Make it shorter: 300 characters at most.",
        },
    )
    seen = forms.CharField(
        required=False, max_length=2000, widget=forms.HiddenInput, error_messages={"max_length": LOST}
    )

    def __init__(self, *args: Any, clinicians: Sequence[StaffMember], is_met: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clinicians = {str(clinician.pk): clinician for clinician in clinicians}
        names = [(key, str(clinician)) for key, clinician in self._clinicians.items()]
        self.fields["clinician"].choices = [("", "Pick one"), *names]  # type: ignore[attr-defined]
        medicines = self.fields["medicines"]
        medicines.required, medicines.help_text = False, "Empty: they were not reviewed."
        self.fields["with_whom"].widget.attrs["autocomplete"] = "off"
        if is_met:
            del self.fields["door"], self.fields["with_whom"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("door") == "other" and not data.get("with_whom") and "with_whom" not in self.errors:
            self.add_error("with_whom", "Type with whom the patient left.")
        return data

    @property
    def decided(self) -> dict[str, Any]:
        """The parts of a Decision, once they are valid."""
        door = Discharge.Door(self.cleaned_data.get("door", Discharge.Door.WORD))
        return {
            "clinician": self._clinicians[self.cleaned_data["clinician"]],
            "reason": self.cleaned_data["reason"],
            "door": door,
            "with_whom": self.cleaned_data["with_whom"] if door == Discharge.Door.OTHER else "",
            "seen": frozenset(self.cleaned_data["seen"].split()),
        }


_TOLD = {"yes": "Yes", "no": "Not yet", "none": "Nobody is named"}
_IS_TOLD = {"yes": True, "no": False}


class BadEndForm(BadEndingForm):
    """Why a visit ended badly, and what was said and done. Only the reason has to be there: it may be in a hurry."""

    said = WordsField(
        label="What you tried, or what was said",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "maxlength": 300}),
        error_messages={"max_length": "Make it shorter: 300 characters at most."},
    )
    went_to = WordsField(
        label="Where they went",
        max_length=80,
        required=False,
        help_text="The name of the hospital, or home.",
        error_messages={"max_length": "Make it shorter: 80 characters at most."},
    )
    escort = forms.ChoiceField(
        label="Did you call the escort?",
        choices=list(_TOLD.items()),
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Pick one of these answers."},
    )
    next_contact_at = LocalMomentField(label="Next contact, if one is set", required=False)

    def __init__(self, *args: Any, clinic: Clinic, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._at = at
        self.fields["next_contact_at"].zone = ZoneInfo(clinic.zone)  # type: ignore[attr-defined]
        self.fields["went_to"].widget.attrs["autocomplete"] = "off"

    def clean_next_contact_at(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["next_contact_at"]
        if moment and not self._at < moment <= self._at + CONTACT_AHEAD:
            raise ValidationError("Pick a time to come, at most two weeks ahead.")
        return moment

    @property
    def ending(self) -> dict[str, Any]:
        """What end_visit_badly takes, once it is valid."""
        return {
            "reason": BadEnding(self.cleaned_data["reason"]),
            "said": self.cleaned_data["said"],
            "went_to": self.cleaned_data["went_to"],
            "is_escort_told": _IS_TOLD.get(self.cleaned_data["escort"]),
            "next_contact_at": self.cleaned_data["next_contact_at"],
        }


def typed_words(data: Mapping[str, str], labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What somebody typed into a form that has no place any more: (label, words), for the page to show once."""
    return tuple((label, data[name]) for name, label in labels.items() if data.get(name, "").strip())


KEPT = {"medicines": "Medicines for tonight", "with_whom": "With whom", "reason": "Reason", "said": "What was said",
    "went_to": "Where they went"}  # fmt: skip
