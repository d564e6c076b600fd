"""What a patient says before a visit: consent, ways to be reached, quiet hours, the night, and facts about themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField

from accounts.phones import read_phone, show_phone
from aftercare.fields import SeenForm, WordsField, zone_choices
from timeline.facts import HISTORY_QUESTIONS, TOLD
from timeline.models import Treatment
from timeline.phases import LONGEST_QUIET_HOURS, quiet_minutes, time_words

_TAP = "Tap yes or no."
_HALF_HOURS = tuple(time(hour, minute) for hour in range(24) for minute in (0, 30))
ALONE = {"no": "No, somebody will be there", "yes": "Yes, I will be alone", "unknown": "I do not know yet"}
_IS_ALONE = {"yes": True, "no": False}


class AgreeForm(forms.Form):
    """Consent to use the app: a tick that nobody has set for the patient."""

    agreed = forms.BooleanField(
        label="Yes, I agree", error_messages={"required": "Tick the box if you agree. If not, go back to your list."}
    )


class ReachForm(forms.Form):
    """Texts and e-mails, each by a yes or a no of its own. Only ways that the clinic has an address for are asked."""

    texts = forms.ChoiceField(
        label="May we text you?",
        choices=[("yes", "Yes, text me"), ("no", "No texts")],
        widget=forms.RadioSelect,
        error_messages={"required": f"Texts: {_TAP.lower()}", "invalid_choice": f"Texts: {_TAP.lower()}"},
    )
    emails = forms.ChoiceField(
        label="May we e-mail you?",
        choices=[("yes", "Yes, e-mail me"), ("no", "No e-mails")],
        widget=forms.RadioSelect,
        error_messages={"required": f"E-mails: {_TAP.lower()}", "invalid_choice": f"E-mails: {_TAP.lower()}"},
    )

    def __init__(self, *args: Any, asks: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {"texts", "emails"} - set(asks):
            del self.fields[name]

    def says(self, name: str) -> bool | None:
        """None where it was not asked."""
        return self.cleaned_data[name] == "yes" if name in self.cleaned_data else None


class CameForm(forms.Form):
    """Whether the test came."""

    came = forms.ChoiceField(choices=[("yes", "It came"), ("no", "It did not come")])


class ClockForm(forms.Form):
    """The patient's zone, and the hours in which nothing is sent."""

    zone = forms.ChoiceField(
        label="Which place has your time?",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Pick a place from the list."),
    )
    starts = forms.TypedChoiceField(label="Quiet from", coerce=time.fromisoformat)
    ends = forms.TypedChoiceField(label="Quiet until", coerce=time.fromisoformat)

    def __init__(self, *args: Any, zone: str, starts: time, ends: time, **kwargs: Any) -> None:
        """What is on record: offered as well where it is on no half hour."""
        super().__init__(*args, **kwargs)
        times = [(f"{moment:%H:%M}", time_words(moment)) for moment in sorted({*_HALF_HOURS, starts, ends})]
        for name, choices in (("zone", zone_choices(zone)), ("starts", times), ("ends", times)):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        for name in ("starts", "ends"):
            self.fields[name].error_messages |= dict.fromkeys(("required", "invalid_choice"), "Pick a time.")
        self.initial = {"zone": zone, "starts": f"{starts:%H:%M}", "ends": f"{ends:%H:%M}", **self.initial}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "starts" in data and "ends" in data:
            minutes = quiet_minutes(data["starts"], data["ends"])
            if not minutes:
                self.add_error("ends", "Pick two times that are not the same.")
            elif minutes > LONGEST_QUIET_HOURS * 60:
                self.add_error("ends", f"Make it shorter: {LONGEST_QUIET_HOURS} hours at most.")
        return data

    @property
    def clock(self) -> dict[str, Any]:
        """What set_clock takes, once it is valid."""
        data = self.cleaned_data
        return {"zone": data["zone"], "quiet_starts_at": data["starts"], "quiet_ends_at": data["ends"]}


class NightForm(SeenForm):
    """Where the patient is that night. Who is there has to be said or left open on purpose. Staff ask with it too."""

    tonight_at = WordsField(
        label="Where will you sleep?",
        max_length=200,
        help_text="Street, number and town, so that help can find you.",
        error_messages={
            "required": "Type where you will sleep. Not sure yet? Come back later.",
            "max_length": "Make it shorter: 200 characters at most.",
        },
    )
    second_contact = WordsField(
        label="Who else may we call?",
        max_length=80,
        required=False,
        help_text="If we cannot reach you. You can leave this out.",
        error_messages={"max_length": "Make the name shorter: 80 characters at most."},
    )
    second_phone = forms.CharField(
        label="Their number",
        max_length=32,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
        error_messages={"max_length": "This phone number is too long. Check it once more."},
    )
    alone = forms.ChoiceField(
        label="Will you be alone that night?",
        choices=list(ALONE.items()),
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Alone: tap one. Not sure is fine too."),
    )
    has_cuff = forms.BooleanField(label="I have a cuff for my upper arm", required=False)

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._country = country
        for name in ("tonight_at", "second_contact", "second_phone"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def clean_second_phone(self) -> str:
        typed = self.cleaned_data["second_phone"]
        return read_phone(typed, country=self._country) if typed else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("second_phone") and "second_contact" in data and not data["second_contact"]:
            self.add_error("second_contact", "Type whose number this is.")
        return data

    @property
    def tonight(self) -> dict[str, Any]:
        """What record_tonight takes, once it is valid."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "alone"}
        return {**values, "is_alone_tonight": _IS_ALONE.get(self.cleaned_data["alone"])}

    def is_on_record(self, treatment: Treatment) -> bool:
        """Whether exactly this is there already: a second tap, once it is valid."""
        return all(getattr(treatment, name) == value for name, value in self.tonight.items() if name != "seen")


def night_on_record(treatment: Treatment, *, seen: int) -> dict[str, object]:
    """What the form opens on. Nothing is picked of who is there while nobody has said (`seen` is 0)."""
    return {
        "tonight_at": treatment.tonight_at,
        "second_contact": treatment.second_contact,
        "second_phone": show_phone(treatment.second_phone) if treatment.second_phone else "",
        "alone": alone_key(treatment.is_alone_tonight) if seen else None,
        "has_cuff": treatment.has_cuff,
        "seen": seen,
    }


def alone_key(is_alone: bool | None) -> str:
    """What is ticked for what is on record."""
    return {True: "yes", False: "no", None: "unknown"}[is_alone]


class AboutYouForm(forms.Form):
    """Yes, no or not sure to each fact that changes advice. Nothing is picked for the patient."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for flag, question in HISTORY_QUESTIONS.items():
            self.fields[flag] = forms.ChoiceField(
                label=question.label,
                help_text=question.help,
                choices=list(TOLD.items()),
                widget=forms.RadioSelect,
                error_messages=dict.fromkeys(("required", "invalid_choice"), f"{question.short}: tap one."),
            )

    @property
    def questions(self) -> Iterator[BoundField]:
        return (self[flag] for flag in HISTORY_QUESTIONS)

    @property
    def told(self) -> dict[str, str]:
        """Flag: "yes", "no" or "not_sure", once it is valid."""
        if not self.is_valid():
            raise ValidationError("Not all was answered.")
        return {flag: self.cleaned_data[flag] for flag in HISTORY_QUESTIONS}
