"""A text of any length up to the longest, exactly as it was typed, and which saving of it this is."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.http import QueryDict

from accounts.models import Patient
from journal.feelings import FEELINGS
from journal.questions import LONGEST_QUESTION
from journal.revisions import Saving
from journal.services import entry_id_of
from journal.words import LONGEST_TEXT, Words

_LOST = "This page lost its place. Copy your words, and open it once more."
_UNREADABLE = "This holds a sign that we can not keep. Take it out, and send it again."
NOTHING = "Write a line, or pick a word."
# As the database holds it.
_MOST = 2**31 - 1


class TypedField(forms.CharField):
    """What was typed, in any script and with all its spaces and marks. Only the ends of lines are what the page shows: \\n."""

    widget = forms.Textarea

    def __init__(self) -> None:
        super().__init__(
            label="Your words",
            required=False,
            strip=False,
            error_messages={"null_characters_not_allowed": _UNREADABLE},
            # No spelling help: some browsers send what is typed to others for it. No maxlength: it cuts without a word.
            widget=forms.Textarea(
                attrs={"class": "writing", "dir": "auto", "autocomplete": "off", "spellcheck": "false", "rows": 6}
            ),
        )

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > LONGEST_TEXT:
            raise forms.ValidationError(too_long_words(len(value) - LONGEST_TEXT), code="too_long")


def too_long_words(over: int) -> str:
    """`over`: how many code points do not fit."""
    signs = "1 sign" if over == 1 else f"{over:,} signs"
    return f"This is {signs} too long. Take some out, or make two texts of it."


def _hidden(kind: type[forms.Field], **more: Any) -> Any:
    errors = dict.fromkeys(("required", "invalid", "min_value", "max_value", "max_length"), _LOST)
    return kind(widget=forms.HiddenInput, error_messages=errors, **more)


class WordsForm(forms.Form):
    """What somebody writes, and the feelings that they tapped. See journal/revisions.py for key, writer, number and seen."""

    text = TypedField()
    feelings = forms.MultipleChoiceField(
        label="Add a word, if one fits",
        required=False,
        choices=[(each, each) for each in FEELINGS],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Pick from these words."},
    )
    question = _hidden(forms.CharField, required=False, max_length=LONGEST_QUESTION)
    key = _hidden(forms.UUIDField)
    writer = _hidden(forms.UUIDField)
    number = _hidden(forms.IntegerField, min_value=1, max_value=_MOST)
    seen = _hidden(forms.IntegerField, min_value=0, max_value=_MOST)
    # Sent by the script alone, once a saving of this text was answered.
    was_saved = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"key": uuid4(), "writer": uuid4(), "number": 1, "seen": 0, **self.initial}

    @classmethod
    def unsent(cls, posted: QueryDict, *, question: str) -> WordsForm:
        """The same page once more with another question above it: nothing is checked, and nothing is kept yet."""
        kept = {name: posted[name] for name in cls.base_fields if name in posted}
        return cls(initial={**kept, "feelings": posted.getlist("feelings"), "question": question})

    @property
    def words(self) -> Words:
        """Of a valid form."""
        told = self.cleaned_data
        return Words(told["text"], tuple(told["feelings"]), told["question"])

    @property
    def saving(self) -> Saving:
        """Of a valid form."""
        told = self.cleaned_data
        return Saving(writer=told["writer"], number=told["number"], seen=told["seen"])

    def entry_id(self, patient: Patient) -> UUID:
        """The id of a new text that a valid form brings."""
        return entry_id_of(patient, self.cleaned_data["key"])
