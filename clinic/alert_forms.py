"""What staff type who answer an alert, and where a patient is tonight."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Clinic
from aftercare.fields import WordsField, is_hidden
from alerts.states import Closing, Tried
from clinic.queries.alert_words import CLOSINGS, TRIED
from timeline.forms import NightForm
from timeline.levels import RED, Level

WORDS_AT_MOST = 1000
_SHORTER = f"Make it shorter: {WORDS_AT_MOST} characters at most."
PROMISES = {5: "Within 5 min", 15: "Within 15 min", 30: "Within 30 min", 60: "Within 1 hour"}
_REPORTED = {"yes": "Yes", "no": "Not yet", "none": "Does not apply"}
_IS_REPORTED = {"yes": True, "no": False}
ALONE = {"no": "No, somebody is there", "yes": "Yes, alone", "unknown": "Not known yet"}
_PICK_ONE = "Pick one: alone, not alone, or not known yet."
# Field: its label and its hint on the staff's page.
_STAFF_ASK = {
    "tonight_at": ("Where they are tonight", "An address that an ambulance finds."),
    "second_contact": ("Whom to ask there", ""),
    "second_phone": ("Their number", ""),
    "alone": ("Is the patient alone tonight?", ""),
    "has_cuff": ("Has an upper-arm cuff at home", ""),
}


class ProseField(forms.CharField):
    """Some lines of text that a person typed. Refuses what can't be seen, but for the end of a line."""

    widget = forms.Textarea(attrs={"rows": 3, "maxlength": WORDS_AT_MOST, "autocomplete": "off"})

    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        kwargs.setdefault("error_messages", {}).setdefault("max_length", _SHORTER)
        super().__init__(max_length=WORDS_AT_MOST, **kwargs)
        self.widget.attrs |= {"rows": rows, "maxlength": WORDS_AT_MOST}

    def to_python(self, value: Any) -> str:
        """A browser ends its lines with two characters, and counts one."""
        text = str(super().to_python(value) or "")
        return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")).strip()

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        if any(is_hidden(char) for char in text.replace("\n", "")):
            raise ValidationError("This holds a character that can't be shown. Type it once more.")
        return text


class PromiseForm(forms.Form):
    """By when somebody calls: minutes from now."""

    promise = forms.TypedChoiceField(
        label="I will call",
        choices=[(str(minutes), words) for minutes, words in PROMISES.items()],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Pick by when you will call.", "invalid_choice": "Pick one of these times."},
    )

    def promised_for(self, at: datetime) -> datetime | None:
        """None where no time was picked. Whole minutes: the patient reads it as a time of day."""
        minutes = self.cleaned_data["promise"]
        return (at + timedelta(minutes=minutes)).replace(second=0, microsecond=0) if minutes else None


class TakeForm(PromiseForm):
    """Taking an alert; a time may be promised with it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["promise"]
        field.label, field.required, field.empty_value = "And I will call", False, None  # type: ignore[attr-defined]
        field.choices = [("", "No time yet"), *field.choices]  # type: ignore[attr-defined]
        self.initial.setdefault("promise", "")


class CallForm(forms.Form):
    """What came of a call. `key` comes with the page, so that a second tap is the same call."""

    tried = forms.ChoiceField(
        label="What came of it?",
        choices=[(str(tried), words) for tried, words in TRIED.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Pick what came of the call.", "invalid_choice": "Pick what came of the call."},
    )
    said = ProseField(label="What was said", required=False)
    key = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("required", "invalid"), "This page lost its place. Open it once more."),
    )

    @property
    def call(self) -> dict[str, Any]:
        """What log_call takes, once it is valid."""
        key: UUID = self.cleaned_data["key"]
        return {"tried": Tried(self.cleaned_data["tried"]), "said": self.cleaned_data["said"], "key": key}


class ContactForm(CallForm):
    """What came of the call after a visit, with a line of what was said."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["said"] = WordsField(
            label="A line about it",
            max_length=300,
            required=False,
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
            error_messages={"max_length": "Make it shorter: 300 characters at most."},
        )


class CloseForm(forms.Form):
    """Why an alert is over, and what was done. Of a red one it is also asked whether it was reported."""

    closing = forms.ChoiceField(
        label="How did it end?",
        choices=[(str(closing), words) for closing, words in CLOSINGS.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Pick how it ended.", "invalid_choice": "Pick how it ended."},
    )
    done = ProseField(
        label="What was done",
        error_messages={"required": "Write what was done, in a line or two.", "max_length": _SHORTER},
    )
    reported = forms.ChoiceField(
        label="Reported to MedWatch or REMS?",
        choices=list(_REPORTED.items()),
        widget=forms.RadioSelect,
        error_messages={
            "required": "Say whether it was reported, or that this does not apply.",
            "invalid_choice": "Pick one of these answers.",
        },
    )

    seen = forms.CharField(
        max_length=40,
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("required", "max_length"), "This page lost its place. Open it once more."),
    )

    def __init__(self, *args: Any, level: Level, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reported"].required = level in RED

    @property
    def close(self) -> dict[str, Any]:
        """What close_alert takes, once it is valid."""
        return {
            "closing": Closing(self.cleaned_data["closing"]),
            "done": self.cleaned_data["done"],
            "is_reported": _IS_REPORTED.get(self.cleaned_data["reported"]),
        }


class TonightForm(NightForm):
    """Where a patient is tonight, as staff ask it: nothing has to be known but who is there, or that nobody knows."""

    field_order = ("tonight_at", "second_contact", "second_phone", "alone", "has_cuff")

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, country=clinic.country_id, **kwargs)
        for name, (label, hint) in _STAFF_ASK.items():
            self.fields[name].label, self.fields[name].help_text = label, hint
        self.fields["tonight_at"].required = False
        self.fields["alone"].choices = list(ALONE.items())  # type: ignore[attr-defined]
        self.fields["alone"].error_messages |= dict.fromkeys(("required", "invalid_choice"), _PICK_ONE)
