"""What all fields for private words share: no help of the browser's that sends what is typed to somebody else."""

from __future__ import annotations

from django import forms

UNREADABLE = "This holds a sign that we can not keep. Take it out, and send it again."
_PRIVATE = {"autocomplete": "off", "spellcheck": "false", "dir": "auto"}


def private_area(*, rows: int, **more: str) -> forms.Textarea:
    """Room for lines in any script, in either direction."""
    return forms.Textarea(attrs={**_PRIVATE, "rows": rows, **more})


def private_line() -> forms.TextInput:
    """One line in any script, in either direction."""
    return forms.TextInput(attrs=_PRIVATE)
