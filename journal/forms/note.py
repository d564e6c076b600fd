"""The private note of a day."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms

from journal.words import LONGEST_TEXT


class NoteForm(forms.Form):
    """A note, in any script. `key` makes a second tap the same note."""

    note = forms.CharField(
        label="A note for you alone",
        max_length=LONGEST_TEXT,
        error_messages={
            "required": "Write a note, or go back. Both are fine.",
            "null_characters_not_allowed": "This holds a sign that we can not keep. Take it out, and send it again.",
            "max_length": "This is too long to keep in one. Cut it in two, and keep each.",
        },
        # No spelling help: some browsers send what is typed to others for it.
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto", "autocomplete": "off", "spellcheck": "false"}),
    )
    key = forms.UUIDField(
        widget=forms.HiddenInput, error_messages=dict.fromkeys(("required", "invalid"), "Send it once more.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", uuid4())
