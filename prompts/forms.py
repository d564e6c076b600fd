"""The patient's switches for texts and e-mails."""

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
