"""What an escort types and ticks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.phones import read_phone

_NAME = {"autocomplete": "off", "autocapitalize": "words", "spellcheck": "false"}
_TEL = {"type": "tel", "inputmode": "tel", "autocomplete": "tel"}


def _said_name() -> forms.CharField:
    return forms.CharField(
        label=_("Your first name"),
        max_length=60,
        error_messages={
            "required": _("Type your first name."),
            "max_length": _("This name is too long. Type your first name."),
        },
        widget=forms.TextInput(attrs=_NAME),
    )


class WhoForm(forms.Form):
    """A name typed by a person, in a browser that shows the list of somebody who said yes before."""

    said_name = _said_name()


class SwitchesForm(forms.Form):
    """What the clinic may do with the escort's number. No tick is set for them.

    `words` are those of each consent that they are asked for. `has_phone`: a number is known, and none is asked for.
    """

    texts = forms.BooleanField(required=False)
    phone = forms.CharField(
        label=_("Your mobile number"),
        help_text=_("Just for texts."),
        required=False,
        max_length=32,
        error_messages={"max_length": _("This phone number is too long. Check it once more.")},
        widget=forms.TextInput(attrs=_TEL),
    )
    asked = forms.BooleanField(required=False)

    def __init__(self, *args: Any, country: str, words: Mapping[str, str], has_phone: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country = country
        if has_phone:
            del self.fields["phone"]
        for name in ("texts", "asked"):
            if name in words:
                self.fields[name].label = words[name]
            else:
                del self.fields[name]

    def clean_phone(self) -> str:
        typed = self.cleaned_data["phone"].strip()
        return read_phone(typed, country=self.country) if typed else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("texts") and "phone" in self.fields and not data.get("phone") and "phone" not in self.errors:
            self.add_error("phone", _("Type your number, so that a text can reach you."))
        if data.get("asked") and not data.get("texts"):
            self.add_error("asked", _("For this we need to text you. Tick the box for texts too."))
        return data


class JoinForm(SwitchesForm):
    """The first yes. The name is typed by a person: nothing is filled in."""

    said_name = _said_name()
    field_order = ("said_name", "texts", "phone", "asked")


class TicksForm(forms.Form):
    """The duties that are ticked, and those that the page showed as ticked by this escort before."""

    duty = forms.MultipleChoiceField(required=False)
    shown = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, duties: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("duty", "shown"):
            field = self.fields[name]
            assert isinstance(field, forms.MultipleChoiceField)
            field.choices = [(key, key) for key in duties]
            field.error_messages["invalid_choice"] = _("The list has changed. Here it is as it is now.")
