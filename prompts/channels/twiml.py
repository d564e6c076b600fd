"""Twilio's markup: what a call says, and what a text is answered with. The words are anybody's, so they are escaped."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

# What XML 1.0 can't hold, escaped or not.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def spoken(words: str) -> str:
    """A call that says the words twice: whoever picks up seldom hears the beginning."""
    say = f"<Say>{_plain(words)}</Say>"
    return f'<Response><Pause length="1"/>{say}<Pause length="1"/>{say}</Response>'


def answered(words: str) -> str:
    """What a text is answered with, by text; nothing for ""."""
    return f"<Response><Message>{_plain(words)}</Message></Response>" if words else "<Response/>"


def _plain(words: str) -> str:
    return escape(_NOT_XML.sub("", words))
