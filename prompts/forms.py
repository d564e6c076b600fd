"""What a patient taps and types about messages, what a browser subscribes with, and the answer that stops e-mails."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.validators import validate_sender_name
from aftercare.fields import WordsField
from prompts.endpoints import LONGEST
from prompts.words import fits_a_text

_LOST = "This page lost its place. Open it once more."


def _switch() -> forms.ChoiceField:
    words = "Pick on or off."
    return forms.ChoiceField(
        choices=[("on", "On"), ("off", "Off")], error_messages={"required": words, "invalid_choice": words}
    )


class TextsForm(forms.Form):
    """Texts on or off."""

    texts = _switch()


class EmailsForm(forms.Form):
    """E-mails on or off."""

    emails = _switch()


def _row_id() -> forms.IntegerField:
    return forms.IntegerField(
        required=False,
        min_value=1,
        max_value=2**63 - 1,
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _LOST),
    )


class _OnAPage(forms.Form):
    """`prompt` is the message whose page the button was on, if any."""

    prompt = _row_id()

    @property
    def prompt_id(self) -> int:
        """0 for the page of all messages, and where it can't be read."""
        return self.cleaned_data.get("prompt") or 0


_NO_BUTTON = dict.fromkeys(("required", "invalid_choice"), "Tap one of the buttons.")
# A tap and what takes it back, by their place on the page.
_PLACES = {"fewer": "fewer", "usual": "fewer", "pause": "pause", "go_on": "pause", "stop": "stop", "start": "stop"}


# Pages of other apps that have the hand at their foot, as messages lead there.
BACK = {"log": "checkin:log", "set_up": "timeline:set_up"}


class TapForm(_OnAPage):
    """One tap of the patient's hand on messages. `back` is one of BACK, where the button was there."""

    say = forms.ChoiceField(choices=list(_PLACES.items()), error_messages=_NO_BUTTON)
    back = forms.ChoiceField(
        required=False,
        choices=list(BACK.items()),
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": _LOST},
    )

    @property
    def place(self) -> str:
        """Where on the page the button is, once it is valid."""
        return _PLACES[self.cleaned_data["say"]]


class DoneForm(_OnAPage):
    """A drink or a rest, and the tip that it leaves out, where one comes soon."""

    say = forms.ChoiceField(choices=[("done", "Done"), ("undo", "Undo")], error_messages=_NO_BUTTON)
    tip = _row_id()


class FirstWayForm(forms.Form):
    """Which way comes first, of those that are offered."""

    first_way = forms.ChoiceField(
        label="How should we reach you first?",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Pick one way from the list."),
    )

    def __init__(self, *args: Any, ways: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_way"].choices = [(way, way) for way in ways]  # type: ignore[attr-defined]


# Anything that a phone would turn into a link.
_LINK = re.compile(r"[/:@]|www|\w\.\w", re.IGNORECASE)


class AliasForm(forms.Form):
    """The name that messages say they are from; empty for the clinic's own."""

    alias = WordsField(
        label="What should the name be?",
        required=False,
        max_length=24,
        error_messages={"max_length": "Make it shorter: 24 letters at most."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_alias(self) -> str:
        alias: str = self.cleaned_data["alias"]
        if not fits_a_text(alias):
            raise ValidationError("Use plain letters and signs. A text can’t show all of these.")
        if _LINK.search(alias):
            raise ValidationError("Pick a name that is no link.")
        if alias and not any(char.isalpha() for char in alias):
            raise ValidationError("Pick a name with letters in it.")
        validate_sender_name(alias)
        return alias


class SubscriptionForm(forms.Form):
    """What a browser tells of itself, in its own names. `renew`: it says so by itself, and nobody tapped."""

    endpoint = forms.CharField(max_length=LONGEST)
    p256dh = forms.CharField(max_length=120)
    auth = forms.CharField(max_length=60)
    renew = forms.BooleanField(required=False)


class StopEmailsForm(forms.Form):
    """The answer that a mail scanner does not give when it presses every button: none is picked for it."""

    answer = forms.ChoiceField(
        label="Do you want to stop them?",
        widget=forms.RadioSelect,
        choices=[("stop", "Yes, stop these e-mails"), ("keep", "No, keep them")],
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Pick one answer to go on."),
    )
