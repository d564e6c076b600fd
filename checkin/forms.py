"""What comes with an answer, the two-week questions, and the log of a day.

An answer of a check-in is itself read by its question's own rules (checkin.answers).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundField
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware

from aftercare.fields import WordsField
from checkin.questionnaires import ANSWERS, Instrument
from checkin.states import PACES, AnsweredBy, LogPace
from checkin.trends import LOW_MOOD, opens_help
from timeline.phases import time_words

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


_OF_TEN = [(str(number), str(number)) for number in range(11)]
LONGEST_LINE = 500


def _of_ten(label: str, least: str, most: str) -> forms.TypedChoiceField:
    """Eleven buttons, none of them picked before."""
    field = forms.TypedChoiceField(
        label=label,
        choices=_OF_TEN,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), f"{label}: pick a number."),
    )
    field.least, field.most = least, most  # type: ignore[attr-defined]
    return field


def _slept_choices() -> list[tuple[str, str]]:
    """From none to 14 hours, by halves, as minutes."""
    halves = range(14 * 2 + 1)
    return [("", "Leave it open"), *((str(half * 30), _hours_words(half)) for half in halves)]


def _hours_words(halves: int) -> str:
    whole, half = divmod(halves, 2)
    if not halves:
        return "Not at all"
    words = f"{whole or ''}{'½' if half else ''}"
    return f"{words} {'hour' if halves <= 2 else 'hours'}"


class LogForm(forms.Form):
    """One day: three numbers, and what somebody wants to add. `key` comes with the page, so that a second tap is the first.

    So does `day`, the day that the page named: a page may be sent when that day is over, by the clock or in another zone.
    """

    lowest: ClassVar = LOW_MOOD

    mood = _of_ten("Mood today", "the worst", "the best")
    sleep = _of_ten("Sleep last night", "very bad", "very good")
    worry = _of_ten("Worry or fear today", "none", "the worst")
    slept_minutes = forms.TypedChoiceField(
        label="Hours of sleep",
        choices=_slept_choices,
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": "Pick the hours from the list, or leave it open."},
    )
    for_clinic = WordsField(
        label="A line for your clinic",
        max_length=LONGEST_LINE,
        required=False,
        error_messages={"max_length": "This is longer than 500 characters. Make it a bit shorter."},
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )
    key = forms.UUIDField(
        widget=forms.HiddenInput, error_messages=dict.fromkeys(("required", "invalid"), "Please send it once more.")
    )

    day = forms.DateField(input_formats=["%Y-%m-%d"], widget=forms.HiddenInput)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        lost = f"This page was for another day. Now it is for {today:%A}. Look at your picks. Then save once more."
        self.fields["day"].error_messages |= dict.fromkeys(("required", "invalid"), lost)

    def clean_day(self) -> date:
        """Today, or the day before, which somebody remembers as well."""
        day: date = self.cleaned_data["day"]
        if day not in {self.today, self.today - timedelta(days=1)}:
            raise forms.ValidationError(self.fields["day"].error_messages["invalid"])
        return day

    @property
    def on(self) -> date:
        """The day that the page is of: what was sent with it, where that may be, else today."""
        day: date = self.cleaned_data.get("day", self.today) if self.is_bound else self.today
        return day

    @property
    def is_low(self) -> bool:
        """Whether so low a mood was picked that help comes first, also while the rest can't be kept."""
        mood = self.cleaned_data.get("mood") if self.is_bound else None
        return mood is not None and opens_help(mood)

    @property
    def numbers(self) -> list[BoundField]:
        return [self["mood"], self["sleep"], self["worry"]]

    @property
    def has_more(self) -> bool:
        """Whether something is said, or wrong, beyond the three numbers."""
        return any(self[name].errors or self[name].value() for name in ("slept_minutes", "for_clinic"))


class PaceForm(forms.Form):
    """How often to ask for the log; and at which hour a message may say so, none before the person picks one."""

    pace = forms.ChoiceField(
        label="How often",
        choices=list(PACES.items()),
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Pick one of the four."),
    )
    remind = forms.TypedChoiceField(
        label="Do you want a reminder?",
        help_text="One short note on days with a log to do. None once you have done it.",
        coerce=time.fromisoformat,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Pick one of the hours, or no reminder."},
    )

    def __init__(self, *args: Any, hours: Iterable[time], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        picks = [(f"{hour:%H:%M}", f"At {time_words(hour)}") for hour in hours]
        self.fields["remind"].choices = [("", "No reminder"), *picks]  # type: ignore[attr-defined]

    def clean(self) -> None:
        if self.cleaned_data.get("pace") == LogPace.OFF and self.cleaned_data.get("remind"):
            self.add_error("remind", "For a reminder, pick how often first. Or pick no reminder.")
