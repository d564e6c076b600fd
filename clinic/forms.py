"""What staff type: a new patient, a visit, a corrected time, a protocol."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from accounts.emails import read_email
from accounts.models import Clinic, Patient
from accounts.phones import read_phone
from aftercare.fields import WordsField, zone_choices
from timeline.document import ProtocolDocument
from timeline.models import ProtocolVersion
from timeline.protocol import ProtocolErrors, load
from timeline.states import BAD_ENDINGS, VersionState

OLDEST = 120
BOOKS_AHEAD = timedelta(days=400)
QUARTER = timedelta(minutes=15)
# What a browser sends for a time, and what people type without its help. No zone: times are on the clinic's clock.
_MOMENT = re.compile(r"2[0-9]{3}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?")


class LocalMomentField(forms.DateTimeField):
    """A date and time on one clock; `zone` is set by the form. Refuses a time that the clocks skip."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    zone: ZoneInfo = ZoneInfo("UTC")

    def to_python(self, value: Any) -> datetime | None:
        if not value:
            return None
        typed = str(value).strip()
        try:
            if not _MOMENT.fullmatch(typed):
                raise ValueError("Not a time on the clinic's own clock.")
            naive = datetime.fromisoformat(typed)
            moment = naive.replace(tzinfo=self.zone)
            back = moment.astimezone(ZoneInfo("UTC")).astimezone(self.zone).replace(tzinfo=None)
        except (ValueError, OverflowError):
            raise ValidationError("Type a date and a time, like 2027-03-13 16:30.") from None
        if back != naive:
            raise ValidationError("The clocks skip this time. Pick one an hour later.")
        return moment

    def prepare_value(self, value: Any) -> Any:
        """A moment as it is typed: on the clock of `zone`."""
        return value.astimezone(self.zone).replace(tzinfo=None) if isinstance(value, datetime) else value


class VisitForm(forms.Form):
    """A protocol and a time. Only versions that this clinic may use are offered."""

    version = forms.ChoiceField(
        label="Protocol",
        error_messages={"required": "Pick a protocol.", "invalid_choice": "Pick a protocol that is in use."},
    )
    planned_for = LocalMomentField(label="Visit begins", error_messages={"required": "Pick a date and a time."})

    def __init__(self, *args: Any, clinic: Clinic, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._at, self._zone = at, ZoneInfo(clinic.zone)
        self._versions = {str(version.pk): version for version in usable_versions(clinic)}
        names = [(key, version.protocol.name) for key, version in self._versions.items()]
        self.fields["version"].choices = [("", "Pick one"), *names]  # type: ignore[attr-defined]
        self.fields["planned_for"].zone = self._zone  # type: ignore[attr-defined]
        self.initial = {
            "planned_for": next_quarter(at),
            "version": names[0][0] if len(names) == 1 else "",
            **self.initial,
        }

    @property
    def has_protocols(self) -> bool:
        return bool(self._versions)

    @property
    def visit(self) -> dict[str, Any]:
        """The protocol version and the time, once they are valid."""
        return {name: self.cleaned_data[name] for name in ("version", "planned_for")}

    def clean_version(self) -> ProtocolVersion:
        return self._versions[self.cleaned_data["version"]]

    def clean_planned_for(self) -> datetime:
        moment: datetime = self.cleaned_data["planned_for"]
        if not self._at - timedelta(days=1) <= moment <= self._at + BOOKS_AHEAD:
            raise ValidationError("Pick a time from today to a year ahead.")
        return moment


class PatientForm(VisitForm):
    """A new patient and the first visit, on one page."""

    first_name = WordsField(label="First name", max_length=60)
    last_name = WordsField(label="Last name", max_length=60)
    record_number = WordsField(label="Record number", max_length=32)
    born_on = forms.DateField(
        label="Date of birth",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Type a date, like 1985-04-30."},
    )
    phone = forms.CharField(label="Mobile number", max_length=32, required=False)
    texts_agreed = forms.BooleanField(label="The patient agreed to text messages", required=False)
    email = forms.CharField(label="E-mail", required=False, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    emails_agreed = forms.BooleanField(label="The patient agreed to e-mails", required=False)
    zone = forms.ChoiceField(
        label="The patient's time zone",
        error_messages={"required": "Pick a time zone.", "invalid_choice": "Pick a time zone from the list."},
    )

    def __init__(self, *args: Any, clinic: Clinic, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, clinic=clinic, at=at, **kwargs)
        self._country = clinic.country_id
        self.order_fields(["first_name", "last_name", "record_number", "born_on", "phone", "texts_agreed", "email"])
        self.fields["zone"].choices = zone_choices(clinic.zone)  # type: ignore[attr-defined]
        self.initial.setdefault("zone", clinic.zone)
        for name in ("first_name", "last_name", "record_number", "born_on"):
            self.fields[name].error_messages["required"] = f"Type the {str(self.fields[name].label).lower()}."
            self.fields[name].widget.attrs["autocomplete"] = "off"
        self.fields["phone"].widget.attrs |= {"autocomplete": "off", "inputmode": "tel"}

    def is_about(self, patient: Patient) -> bool:
        """Whether the form names this very person: the same form came twice."""
        return all(getattr(patient, name) == self.cleaned_data[name] for name in ("first_name", "last_name", "born_on"))

    def clean_born_on(self) -> date:
        born: date = self.cleaned_data["born_on"]
        today = self._at.astimezone(self._zone).date()
        if born.year < today.year - OLDEST or born > today:
            raise ValidationError("Check the year of birth.")
        return born

    def clean_phone(self) -> str:
        typed = self.cleaned_data["phone"]
        return read_phone(typed, country=self._country) if typed else ""

    def clean_email(self) -> str:
        typed = self.cleaned_data["email"]
        return read_email(typed) if typed else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("texts_agreed") and "phone" in data and not data["phone"]:
            self.add_error("phone", "Type the number that texts go to, or take the tick away.")
        if data.get("emails_agreed") and "email" in data and not data["email"]:
            self.add_error("email", "Type the address that e-mails go to, or take the tick away.")
        return data


class NumberForm(forms.Form):
    """A patient's new number; texts to it are agreed anew. `sure` comes with the page that shows old and new."""

    phone = forms.CharField(
        label="New mobile number",
        max_length=32,
        error_messages={
            "required": "Type the new number.",
            "max_length": "This phone number is too long. Check it once more.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )
    texts_agreed = forms.BooleanField(label="The patient agreed to texts to this number", required=False)
    sure = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, clinic: Clinic, known: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._country, self._known = clinic.country_id, known

    def clean_phone(self) -> str:
        number = read_phone(self.cleaned_data["phone"], country=self._country)
        if number == self._known and "sure" not in self.data:
            raise ValidationError("This is the number that we have. Type the new one.")
        return number


class CorrectionForm(forms.Form):
    """The true moment of hour 0, and the plan that the person was looking at."""

    hour_zero = LocalMomentField(label="The true time", error_messages={"required": "Type the true time."})
    seen_plan = forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=0,
        max_value=100_000,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), "This page lost its place. Open it once more."
        ),
    )

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hour_zero"].zone = ZoneInfo(clinic.zone)  # type: ignore[attr-defined]


class BadEndingForm(forms.Form):
    """Why the visit ended badly."""

    reason = forms.ChoiceField(
        label="What happened?",
        choices=[(str(reason), words) for reason, words in BAD_ENDINGS.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Pick what happened.", "invalid_choice": "Pick what happened."},
    )


class ProtocolForm(forms.Form):
    """A protocol document, pasted as YAML. Every error is named at its path."""

    text = forms.CharField(
        label="The document, as YAML",
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "autocomplete": "off"}),
        error_messages={"required": "Paste a document, or begin with a shipped one."},
        strip=False,
    )
    document: ProtocolDocument

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        try:
            self.document = load(text)
        except ProtocolErrors as errors:
            raise ValidationError([ValidationError(str(error)) for error in errors.errors]) from None
        return text


class SearchForm(forms.Form):
    """A part of a name, or a record number."""

    q = WordsField(label="Find a patient", required=False, max_length=60)


def usable_versions(clinic: Clinic) -> list[ProtocolVersion]:
    """Published versions that this clinic may give: signed ones, or any at the demo clinic."""
    versions = ProtocolVersion.objects.filter(state=VersionState.PUBLISHED).select_related("protocol").defer("content")
    return [version for version in versions.order_by("protocol__name") if version.is_signed or clinic.is_demo]


def next_quarter(at: datetime) -> datetime:
    """The quarter of an hour that comes next; a visit is rarely planned for 4:17."""
    return at + (QUARTER - timedelta(minutes=at.minute % 15, seconds=at.second, microseconds=at.microsecond)) % QUARTER
