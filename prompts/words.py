"""What leaves the building: fixed neutral lines. Nothing of the document, of the person or of the visit is in them."""

from __future__ import annotations

from aftercare.words import NOTICE_WORDS, found_words

_LINES = {
    "check_in": "a short check-in is ready for you.",
    "tip": "a small reminder for you.",
    "wrap_up": "a short note is ready for you.",
}


def text_message(*, kind: str, sender_name: str, link: str) -> str:
    """One SMS, at most 160 characters for any sender name of up to 24. The link opens nothing without the bound phone.

    A sender name that tells what the clinic treats is left out.
    """
    says_who = "" if found_words(sender_name, NOTICE_WORDS) else f"{sender_name}: "
    return f"{says_who}{_LINES[kind]} {link} Reply STOP to end."


# Any clear word will do: somebody who says stop in their own way is heard as well (docs/clinical.md, 7).
_STOPS = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "stopit", "arret", "alto"}
)


def says_stop(text: str) -> bool:
    """Whether a reply means "no more texts": STOP and its like, whatever the case and the punctuation."""
    letters = "".join(char for char in text.casefold() if char.isalpha())
    first = "".join(char for char in (text.casefold().split() or [""])[0] if char.isalpha())
    return letters in _STOPS or first in {"stop", "unsubscribe"}
