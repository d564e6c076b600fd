"""What staff type when a visit is left: with everything on record, with something open, or badly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Clinic, StaffMember
from aftercare.fields import WordsField
from clinic.forms import BadEndingForm, LocalMomentField
from clinic.models import Discharge
from timeline.states import BadEnding

CONTACT_AHEAD = timedelta(days=14)
LOST = "This page lost its place. Open it once more."
_SHORTER = "Make it shorter: 200 characters at most."


def _to_come(moment: datetime | None, *, at: datetime) -> datetime | None:
    if moment and not at < moment <= at + CONTACT_AHEAD:
        raise ValidationError("Pick a time to come, at most two weeks ahead.")
    return moment


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

    def clean_next_contact_at(self) -> datetime | None:
        return _to_come(self.cleaned_data["next_contact_at"], at=self._at)

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
        error_messages={
            "required": "Pick the clinician who decides.",
            "invalid_choice": "Pick a clinician of this clinic.",
        },
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
        if not names:
            self.fields["clinician"].help_text = "No clinician is on the team. Ask a manager to add one first."
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


_TOLD = {"yes": "Yes", "no": "Not yet"}
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
        return _to_come(self.cleaned_data["next_contact_at"], at=self._at)

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
