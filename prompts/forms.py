"""The patient's switches, what a browser subscribes with, and the answer that stops e-mails without the app."""

from typing import Any

from django import forms

from prompts.endpoints import LONGEST


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


class PushForm(forms.Form):
    """Notices on or off. On takes a phone that takes them: that is turned on by its own button."""

    push = _switch()

    def __init__(self, *args: Any, takes_push: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self._takes_push = takes_push

    def clean_push(self) -> str:
        picked: str = self.cleaned_data["push"]
        if picked == "on" and not self._takes_push:
            raise forms.ValidationError("Your phone has to say yes first. Use its own button.")
        return picked


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
