"""The patient's switches for texts and e-mails, and the answer that stops e-mails without the app."""

from django import forms


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


class StopEmailsForm(forms.Form):
    """The answer that a mail scanner does not give when it presses every button: none is picked for it."""

    answer = forms.ChoiceField(
        label="Do you want to stop them?",
        widget=forms.RadioSelect,
        choices=[("stop", "Yes, stop these e-mails"), ("keep", "No, keep them")],
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Pick one answer to go on."),
    )
