"""Forms of anybody about themselves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from accounts.phones import read_phone
from accounts.tokens import CARD_LENGTH, DIGITS, read_code

PIN_LENGTH = 6
_TYPED = {"autocomplete": "off", "autocapitalize": "characters", "autocorrect": "off", "spellcheck": "false"}


class CodeForm(forms.Form):
    """The code that staff read out or show, when the camera won't do."""

    code = forms.CharField(
        label="Your code",
        help_text="8 letters and numbers, like ABCD-2345. Small letters and spaces are fine.",
        error_messages={"required": "Type the code from the clinic."},
        widget=forms.TextInput(attrs=_TYPED),
    )

    def clean_code(self) -> str:
        code = read_code(self.cleaned_data["code"])
        if not code:
            raise forms.ValidationError("A code has 8 letters and numbers, like ABCD-2345. Check it once more.")
        return code


def _pin_input(autocomplete: str) -> forms.PasswordInput:
    return forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": autocomplete})


def _read_pin(typed: str) -> str:
    pin = "".join(typed.split())
    if not (pin.isascii() and pin.isdigit() and len(pin) == PIN_LENGTH):
        raise forms.ValidationError("A PIN has six numbers, like the ones on a phone.")
    return pin


class PinForm(forms.Form):
    """A new PIN, typed twice. Six digits; nothing anybody would try first."""

    pin = forms.CharField(
        label="Your new PIN",
        help_text="Six numbers. You can keep them in mind, and no one else can guess them.",
        error_messages={"required": "Type six numbers."},
        widget=_pin_input("new-password"),
    )
    again = forms.CharField(
        label="Type it once more",
        error_messages={"required": "Type your PIN once more."},
        widget=_pin_input("new-password"),
    )

    def clean_pin(self) -> str:
        pin = _read_pin(self.cleaned_data["pin"])
        if len(set(pin)) == 1 or pin in "01234567890 09876543210":
            raise forms.ValidationError("This one is easy to guess. Pick six other numbers.")
        return pin

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "pin" in data and "again" in data and data["pin"] != "".join(data["again"].split()):
            self.add_error("again", "The two PINs are not the same. Type it once more.")
        return data


class KnownPinForm(forms.Form):
    """The PIN that the patient has."""

    known_pin = forms.CharField(
        label="Your PIN",
        help_text="The six numbers that you picked.",
        error_messages={"required": "Type the six numbers of your PIN."},
        widget=_pin_input("current-password"),
    )

    def clean_known_pin(self) -> str:
        return _read_pin(self.cleaned_data["known_pin"])


class CopyForm(KnownPinForm):
    """The PIN, and by the button that was pressed what the copy is to be: a page to read, or data for a machine."""

    kind = forms.ChoiceField(
        choices=[("page", "A page to read"), ("data", "Data for a machine")],
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Pick what you would like to have."),
    )


class ChangePinForm(KnownPinForm, PinForm):
    """The PIN of now, and the one that is to follow."""

    field_order = ("known_pin", "pin", "again")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["known_pin"].label = "Your PIN as it is now"


class CardForm(forms.Form):
    """The code of the printed card."""

    card_code = forms.CharField(
        label="The code on your card",
        help_text="16 letters and numbers, in groups of four. Small letters are fine.",
        error_messages={"required": "Type the code on your card."},
        widget=forms.TextInput(attrs=_TYPED),
    )

    def clean_card_code(self) -> str:
        code = read_code(self.cleaned_data["card_code"], CARD_LENGTH)
        if not code:
            raise forms.ValidationError("A card code has 16 letters and numbers. Check it once more.")
        return code


class CardAndPinForm(CardForm, KnownPinForm):
    """The card in place of a message, with the PIN that the patient has."""

    field_order = ("card_code", "known_pin")


class CardAndNewPinForm(CardForm, PinForm):
    """The card in place of a PIN that was forgotten, and a new one."""

    field_order = ("card_code", "pin", "again")


class NumberForm(forms.Form):
    """The phone number that the clinic has."""

    phone = forms.CharField(
        label="Your phone number",
        help_text="The one that your clinic has.",
        max_length=32,
        error_messages={
            "required": "Type your phone number.",
            "max_length": "This phone number is too long. Check it once more.",
        },
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
    )

    def clean_phone(self) -> str:
        return read_phone(self.cleaned_data["phone"], country=settings.DEFAULT_COUNTRY)


class SentCodeForm(forms.Form):
    """The digits that a message brought."""

    code = forms.CharField(
        label="The code in the message",
        help_text="Six numbers.",
        error_messages={"required": "Type the six numbers from the message."},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )

    def clean_code(self) -> str:
        code = "".join(str(self.cleaned_data["code"]).replace("-", "").split())
        if not (code.isascii() and code.isdigit() and len(code) == DIGITS):
            raise forms.ValidationError("The code has six numbers. Check it once more.")
        return code
