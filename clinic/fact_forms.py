"""What staff know and note: a patient's past, the assessment, and what was given at a visit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundWidget

from accounts.models import Clinic
from aftercare.fields import SeenForm, WordsField
from clinic.forms import LocalMomentField
from timeline.facts import GIVEN_FLAGS, HISTORY_FLAGS, Flag

NONE_OF_THESE = "none"
ASSESSMENT_HOLDS_YEARS = 2


class FlagsField(forms.MultipleChoiceField):
    """Flags in order. An empty list has to be said on purpose, by "None of these"; where nothing is ticked it is None."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, flags: Mapping[Any, Flag], **kwargs: Any) -> None:
        labels = [(key, flag.label) for key, flag in flags.items()]
        kwargs.setdefault("error_messages", {})["invalid_choice"] = "Tick only what stands here."
        super().__init__(choices=[*labels, (NONE_OF_THESE, "None of these")], **kwargs)

    def clean(self, value: Any) -> list[str] | None:
        ticked = super().clean(value)
        if NONE_OF_THESE in ticked and len(ticked) > 1:
            raise ValidationError("You ticked “None of these” and something else. Take one of them away.")
        return [] if NONE_OF_THESE in ticked else sorted(set(ticked)) or None


def ticks(flags: Iterable[str] | None) -> list[str]:
    """What is ticked when a form opens on what is on record."""
    return [] if flags is None else list(flags) or [NONE_OF_THESE]


class HistoryForm(SeenForm):
    """What we should know of a patient's past."""

    flags = FlagsField(
        HISTORY_FLAGS,
        label="What is true of this patient?",
        error_messages={"required": "Tick what is true, or “None of these”."},
    )

    @property
    def boxes(self) -> Iterator[tuple[BoundWidget, str]]:
        """Each tick box, with the line that says who or what counts."""
        helps: Mapping[Any, Flag] = HISTORY_FLAGS
        for box in self["flags"]:
            flag = helps.get(box.data["value"])
            yield box, flag.help if flag else ""


class ConfirmForm(SeenForm):
    """That what the patient said at the set-up is right. `told_at` names the very answer that the person saw."""

    told_at = forms.DateTimeField(
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("required", "invalid"), "This page lost its place. Open it once more."),
    )


class GivenForm(SeenForm):
    """What was given at a visit besides the treatment."""

    given = FlagsField(GIVEN_FLAGS, label="What else was given?", required=False)


class EndForm(SeenForm):
    """When the treatment ended; empty means now. What was given is asked while nobody has said it: `asks_given`.

    `seen` stays empty until a colleague has said meanwhile what was given.
    """

    ended_at = LocalMomentField(
        label="It ended earlier? The true time", required=False, help_text="Leave this empty if it ends now."
    )
    given = FlagsField(GIVEN_FLAGS, label="What else was given?", required=False)

    def __init__(
        self, *args: Any, clinic: Clinic, started_at: datetime | None, asks_given: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._started_at = started_at
        self.fields["seen"].required = False
        self.fields["ended_at"].zone = ZoneInfo(clinic.zone)  # type: ignore[attr-defined]
        if not asks_given:
            del self.fields["given"]

    def clean_seen(self) -> int:
        return self.cleaned_data["seen"] or 0

    def clean_ended_at(self) -> datetime | None:
        """A minute is typed: the one of the start means the moment of the start."""
        typed: datetime | None = self.cleaned_data["ended_at"]
        if typed and self._started_at and timedelta(0) < self._started_at - typed < timedelta(minutes=1):
            return self._started_at
        return typed


class AssessmentForm(forms.Form):
    """On which day the patient was assessed, by the clinic's calendar, and by whom."""

    assessed_on = forms.DateField(
        label="Assessed on",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "Type the day of the assessment.",
            "invalid": "Type a date, like 2027-03-13.",
        },
    )
    assessed_by = WordsField(
        label="Assessed by",
        min_length=2,
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Type who did the assessment.",
            "min_length": "Type the name of who did the assessment.",
            "max_length": "Make the name shorter: 80 characters at most.",
        },
    )

    def __init__(self, *args: Any, clinic: Clinic, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._today = at.astimezone(ZoneInfo(clinic.zone)).date()
        self.fields["assessed_on"].widget.attrs |= {"min": f"{self._oldest}", "max": f"{self._today}"}

    @property
    def _oldest(self) -> date:
        """The same day two years ago; of February 29, the day before."""
        day = 28 if (self._today.month, self._today.day) == (2, 29) else self._today.day
        return self._today.replace(year=self._today.year - ASSESSMENT_HOLDS_YEARS, day=day)

    def clean_assessed_on(self) -> date:
        day: date = self.cleaned_data["assessed_on"]
        if day > self._today:
            raise ValidationError("This day is still to come. Type the day on which it was done.")
        if day < self._oldest:
            raise ValidationError("This is more than 2 years ago. Type a newer assessment.")
        return day

    def clean_assessed_by(self) -> str:
        name: str = self.cleaned_data["assessed_by"]
        if sum(char.isalpha() for char in name) < 2:
            raise ValidationError("Type the name of who did the assessment.")
        return name


class PatientAssessmentForm(SeenForm, AssessmentForm):
    """The assessment on a page of its own, where it can also be corrected."""
