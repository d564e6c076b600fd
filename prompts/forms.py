"""The patient's switch for texts."""

from django import forms


class TextsForm(forms.Form):
    """Texts on or off."""

    texts = forms.ChoiceField(
        choices=[("on", "On"), ("off", "Off")],
        error_messages={"required": "Pick on or off.", "invalid_choice": "Pick on or off."},
    )
