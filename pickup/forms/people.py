"""The patient's form of who drives and who stays."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.phones import read_phone
from pickup.services import People

SAME, OTHER, NOBODY = "same", "other", "nobody"
_NAME = {"autocomplete": "off", "autocapitalize": "words", "spellcheck": "false"}
_TEL = {"type": "tel", "inputmode": "tel", "autocomplete": "off"}
_LONG_NAME = {"max_length": "This name is too long. Type the first name."}
_LONG_PHONE = {"max_length": "This phone number is too long. Check it once more."}


def _name(label: str) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=60, error_messages=_LONG_NAME, widget=forms.TextInput(attrs=_NAME)
    )


def _phone() -> forms.CharField:
    return forms.CharField(
        label="Their mobile number",
        required=False,
        max_length=32,
        error_messages=_LONG_PHONE,
        widget=forms.TextInput(attrs=_TEL),
    )


class PeopleForm(forms.Form):
    """Names, numbers where the patient wants to give them, and what an escort's page may say. No consent is picked.

    `ask_words` are the words of the one that is asked for.
    """

    driver = _name("Their first name")
    driver_phone = _phone()
    nobody = forms.BooleanField(required=False, label="I have nobody who can")
    stayer = forms.ChoiceField(
        label="Who stays with you that night?",
        choices=[(SAME, "The same person"), (OTHER, "Somebody else"), (NOBODY, "Nobody")],
        widget=forms.RadioSelect,
        error_messages={"required": "Pick who stays with you that night."},
    )
    stayer_name = _name("Their first name")
    stayer_phone = _phone()
    ask_stayer = forms.ChoiceField(
        label="May the clinic ask them?",
        choices=[("yes", "Yes, it may"), ("no", "No")],
        required=False,
        widget=forms.RadioSelect,
    )
    naming = forms.ChoiceField(
        label="What do their pages call you?",
        choices=[("name", "My first name"), ("initial", "The first letter of it")],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, country: str, ask_words: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country = country
        self.fields["ask_stayer"].help_text = ask_words

    def clean_driver_phone(self) -> str:
        return self._read(self.cleaned_data["driver_phone"])

    def clean_stayer_phone(self) -> str:
        return self._read(self.cleaned_data["stayer_phone"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        driver, stayer = data.get("driver", ""), data.get("stayer")
        if not driver and not data.get("nobody") and "driver" not in self.errors:
            self.add_error("driver", "Type who drives you, or tick that you have nobody.")
        if driver and data.get("nobody"):
            self.add_error("nobody", "You typed a name and ticked nobody. Keep just one of them.")
        if stayer == SAME and data.get("nobody"):
            self.add_error("stayer", "Nobody drives you, so it can’t be the same person.")
        if stayer == OTHER and not data.get("stayer_name") and "stayer_name" not in self.errors:
            self.add_error("stayer_name", "Type the first name of who stays.")
        if stayer in {SAME, OTHER} and not data.get("ask_stayer"):
            self.add_error("ask_stayer", "Pick yes or no. Both are fine.")
        return data

    def people(self) -> People:
        data = self.cleaned_data
        stays = data["stayer"] in {SAME, OTHER}
        return People(
            driver="" if data["nobody"] else data["driver"],
            driver_phone=data["driver_phone"],
            stayer=data["stayer"],
            stayer_name=data["stayer_name"],
            stayer_phone=data["stayer_phone"],
            is_initial=data["naming"] == "initial",
            may_ask=data["ask_stayer"] == "yes" if stays else None,
        )

    def _read(self, typed: str) -> str:
        return read_phone(typed, country=self.country) if typed.strip() else ""
