"""What is put away for a day, and what is said when it is back."""

from __future__ import annotations

from typing import Any

from django import forms

from journal.forms.intention import LineForm
from journal.states import UrgeAnswer


class UrgeForm(LineForm):
    """One line of what somebody wants to do now."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["line"].label = "What do you want to do?"
        self.fields["line"].help_text = "One line. An e-mail, a big buy, a hard talk, a step at work."


class UrgeAnswerForm(forms.Form):
    """ "Still want this?": the button that was tapped."""

    answer = forms.ChoiceField(
        choices=[(answer, answer.value) for answer in (UrgeAnswer.KEPT, UrgeAnswer.ASKED)],
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Tap one of the buttons to go on."),
    )
