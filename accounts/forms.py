"""Forms of anybody about themselves."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.tokens import read_code

PIN_LENGTH = 6


class CodeForm(forms.Form):
    """The code that staff read out or show, when the camera won't do."""

    code = forms.CharField(
        label="Your code",
        help_text="8 letters and numbers, like ABCD-2345. Small letters and spaces are fine.",
        error_messages={"required": "Type the code from the clinic."},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "autocorrect": "off", "spellcheck": "false"}
        ),
    )

    def clean_code(self) -> str:
        code = read_code(self.cleaned_data["code"])
        if not code:
            raise forms.ValidationError("A code has 8 letters and numbers, like ABCD-2345. Check it once more.")
        return code


def _pin_input() -> forms.PasswordInput:
    return forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "new-password"})


class PinForm(forms.Form):
    """A new PIN, typed twice. Six digits; nothing anybody would try first."""

    pin = forms.CharField(
        label="Your new PIN",
        help_text="Six numbers. You can keep them in mind, and no one else can guess them.",
        error_messages={"required": "Type six numbers."},
        widget=_pin_input(),
    )
    again = forms.CharField(
        label="Type it once more",
        error_messages={"required": "Type your PIN once more."},
        widget=_pin_input(),
    )

    def clean_pin(self) -> str:
        pin = str(self.cleaned_data["pin"])
        if not (pin.isascii() and pin.isdigit() and len(pin) == PIN_LENGTH):
            raise forms.ValidationError("A PIN has six numbers, like the ones on a phone.")
        if len(set(pin)) == 1 or pin in "01234567890 09876543210":
            raise forms.ValidationError("This one is easy to guess. Pick six other numbers.")
        return pin

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "pin" in data and "again" in data and data["pin"] != data["again"]:
            self.add_error("again", "The two PINs are not the same. Type it once more.")
        return data
