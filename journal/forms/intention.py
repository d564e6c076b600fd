"""What a patient types into the journal."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms

from journal.forms.private import UNREADABLE, private_area

LONGEST_LINE = 300


class LineForm(forms.Form):
    """One line, in any script. `key` makes a second tap the same line."""

    line = forms.CharField(
        label="Your line",
        max_length=LONGEST_LINE,
        error_messages={
            "required": "Write a line, or go back. Both are fine.",
            "max_length": "This is longer than one line. Make it a bit shorter.",
            "null_characters_not_allowed": UNREADABLE,
        },
        widget=private_area(rows=3),
    )
    key = forms.UUIDField(
        widget=forms.HiddenInput, error_messages=dict.fromkeys(("required", "invalid"), "Send it once more.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", uuid4())
