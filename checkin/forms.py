"""What comes with an answer. The answer itself is read by the question's own rules (checkin.answers)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware

from checkin.questionnaires import ANSWERS, Instrument
from checkin.states import AnsweredBy

_ON_OR_OFF = "Pick yes or no."
WHO = (AnsweredBy.PATIENT, AnsweredBy.ESCORT)
_ONCE_MORE = "Please tap your answer once more."


class AnswerForm(forms.Form):
    """`answered_at` is when it was tapped, where the phone kept it for a while. One that can't be read counts as none."""

    answered_at = forms.CharField(required=False, max_length=40)

    def clean_answered_at(self) -> Any:
        try:
            moment = parse_datetime(self.cleaned_data["answered_at"])
        except ValueError:
            return None
        return moment if moment and is_aware(moment) else None


class BeginForm(AnswerForm):
    """The first answer: it makes the check-in. `key` keeps a second tap from making another."""

    key = forms.UUIDField(error_messages={"required": _ONCE_MORE, "invalid": _ONCE_MORE})
    by = forms.ChoiceField(choices=[(who, who) for who in WHO], required=False)
    step = forms.CharField(max_length=40, required=False)


class SharingForm(forms.Form):
    """The charts for the clinic, on or off."""

    charts = forms.ChoiceField(
        choices=[("on", "Yes"), ("off", "No")],
        error_messages=dict.fromkeys(("required", "invalid_choice"), _ON_OR_OFF),
    )


class QuestionnaireForm(forms.Form):
    """One answer to each item; none is picked before. `key` comes with the page, so that a second tap is the first."""

    key = forms.UUIDField(
        widget=forms.HiddenInput, error_messages=dict.fromkeys(("required", "invalid"), "Please send it once more.")
    )

    def __init__(self, *args: Any, instrument: Instrument, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, item in enumerate(instrument.items, start=1):
            self.fields[f"q{number}"] = forms.TypedChoiceField(
                label=item,
                choices=[(str(value), words) for value, words in enumerate(ANSWERS)],
                coerce=int,
                widget=forms.RadioSelect,
                error_messages=dict.fromkeys(
                    ("required", "invalid_choice"), f"Question {number}: pick one answer to go on."
                ),
            )

    @property
    def items(self) -> list[BoundField]:
        return [field for field in self if not field.is_hidden]

    @property
    def given(self) -> list[int | None]:
        """In the order of the items, also while it is not valid: None where an answer is missing or can't be."""
        return [self.cleaned_data.get(field.name) for field in self.items]

    @property
    def answers(self) -> list[int]:
        """In the order of the items, once it is valid."""
        return [self.cleaned_data[field.name] for field in self.items]
