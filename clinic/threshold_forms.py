"""The form of a clinic's own thresholds."""

from __future__ import annotations

from typing import Any

from django import forms

from timeline.packs import read_triage
from timeline.triage_document import Threshold, UnsafeThreshold, shown, tightened


class ThresholdsForm(forms.Form):
    """One number for each threshold of the shipped rules; each tells which way it may go."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for threshold in read_triage().thresholds:
            self.fields[threshold.key] = _field(threshold)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for threshold in read_triage().thresholds:
            if (value := data.get(threshold.key)) is not None:
                try:
                    tightened(read_triage(), {threshold.key: value})
                except UnsafeThreshold as error:
                    self.add_error(threshold.key, str(error))
        return data


def _field(threshold: Threshold) -> forms.FloatField:
    side = "or lower" if threshold.safer == "lower" else "or higher"
    said = f"{threshold.label}: type a number."
    return forms.FloatField(
        label=f"{threshold.label}, {threshold.unit}",
        help_text=f"Ships as {shown(threshold.value)}. Yours may be {shown(threshold.value)} {side}.",
        error_messages={"required": said, "invalid": said},
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
