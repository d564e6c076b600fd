"""How words break over lines."""

from __future__ import annotations

import re

from django import template

register = template.Library()
_BEFORE_AM = r"(?<=\d) (?=[ap](?:m\b|\.\N{NO-BREAK SPACE}m\.))"
_BEFORE_DAY = r"(?<=\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)) (?=\d{1,2}\b)"
_TOGETHER = re.compile(f"{_BEFORE_AM}|{_BEFORE_DAY}")


@register.filter
def unbroken(text: str) -> str:
    """A time stays on one line, and so does a day: "5:50 am" never parts before "am", nor "Dec 5" before "5"."""
    return _TOGETHER.sub("\N{NO-BREAK SPACE}", text)
