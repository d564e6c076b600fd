"""The private note of a day."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms

from journal.forms.writing import TypedField


class NoteForm(forms.Form):
    """A note, in any script. `key` makes a second tap the same note."""

    note = TypedField(label="A note for you alone")
    key = forms.UUIDField(
        widget=forms.HiddenInput, error_messages=dict.fromkeys(("required", "invalid"), "Send it once more.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", uuid4())

    def clean_note(self) -> str:
        """As it was typed. Blank is no note."""
        note = str(self.cleaned_data["note"])
        if not note.strip():
            raise forms.ValidationError("Write a note, or go back. Both are fine.")
        return note
