"""What is typed to share a text, and to open what was shared."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms

from accounts.forms import CodeForm
from journal.forms.private import private_line
from journal.sharing import DAYS, USUAL_DAYS

LONGEST_NAME = 60
_ONCE_MORE = dict.fromkeys(("required", "invalid"), "Send it once more.")


class ShareForm(forms.Form):
    """For whom, and for how long. `key` makes a second tap the same copy; `seen` is the revision on the page."""

    whom = forms.CharField(
        label="Who is it for?",
        help_text="A short name, for your own list. They do not see it.",
        max_length=LONGEST_NAME,
        error_messages={
            "required": "Type who it is for, such as “My therapist”.",
            "max_length": "Make it a bit shorter.",
        },
        widget=private_line(),
    )
    days = forms.TypedChoiceField(
        label="How long can they open it?",
        coerce=int,
        choices=[(days, "1 day" if days == 1 else f"{days} days") for days in DAYS],
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Pick how long they can open it."),
        widget=forms.RadioSelect,
    )
    key = forms.UUIDField(widget=forms.HiddenInput, error_messages=_ONCE_MORE)
    seen = forms.IntegerField(widget=forms.HiddenInput, error_messages=_ONCE_MORE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", uuid4())
        self.initial.setdefault("days", USUAL_DAYS)


class SharedCodeForm(CodeForm):
    """The code that somebody read out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = "The code"
        self.fields["code"].error_messages["required"] = "Type the code that they read out to you."
