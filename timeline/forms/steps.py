"""The form of one small step."""

from __future__ import annotations

from typing import Any

from django import forms

UNDO = "undo"
ANSWERS = ("done", "not_now", UNDO)


class StepForm(forms.Form):
    """What the patient says to a small step of the plan, or that they take it back."""

    step = forms.CharField(max_length=40)
    answer = forms.ChoiceField(choices=[(answer, answer) for answer in ANSWERS])

    def __init__(self, *args: Any, steps: frozenset[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.steps = steps

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors or data.get("step") not in self.steps:
            raise forms.ValidationError("That step is not in your plan now. Here is what is.")
        return data
