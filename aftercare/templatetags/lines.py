"""How words break over lines."""

from __future__ import annotations

import re

from django import template

register = template.Library()
_BEFORE_AM = re.compile(r"(?<=\d) (?=[ap](?:m\b|\.\N{NO-BREAK SPACE}m\.))")


@register.filter
def unbroken(text: str) -> str:
    """A time stays on one line: "5:50 am" never parts before "am"."""
    return _BEFORE_AM.sub("\N{NO-BREAK SPACE}", text)
