"""What a patient ticks before a visit: the things at home that are ready."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms


class HomeForm(forms.Form):
    """The list as it was sent. `had` are the ticks that the page opened with, so that only what changed is saved.

    `tapped` names the one item that a tap is about; without it the whole list was sent.
    """

    ticked = forms.MultipleChoiceField(required=False)
    had = forms.MultipleChoiceField(required=False)
    tapped = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, items: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.choices = [(key, key) for key in items]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            self.errors.clear()
            raise forms.ValidationError("Your list has changed. Here it is now.")
        return data

    @property
    def added(self) -> frozenset[str]:
        ticked = frozenset(self.cleaned_data["ticked"])
        return ticked & self._tapped if self.is_tap else ticked - frozenset(self.cleaned_data["had"])

    @property
    def taken_away(self) -> frozenset[str]:
        ticked = frozenset(self.cleaned_data["ticked"])
        return (self._tapped if self.is_tap else frozenset(self.cleaned_data["had"])) - ticked

    @property
    def is_tap(self) -> bool:
        return bool(self.cleaned_data["tapped"])

    @property
    def _tapped(self) -> frozenset[str]:
        return frozenset({self.cleaned_data["tapped"]})
