"""What leaves the building: fixed neutral lines. Nothing of the document, of the person or of the visit is in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from accounts.phones import show_phone
from aftercare.words import telling_in_name

# Of what is planned, and of the day that a patient asked to be reminded of.
_LINES = {
    "check_in": "a short check-in is ready for you.",
    "tip": "a small reminder for you.",
    "wrap_up": "a short note is ready for you.",
    "log": "two minutes for you, when you like.",
}
_STOP_LINE = "Reply STOP to end."
# GSM 03.38: what a text holds 160 of. One other character, and a text holds 70. Those that count as two are left out.
_GSM = frozenset(
    "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)


def fits_a_text(words: str) -> bool:
    """Whether each character of these words is one of a plain text."""
    return _GSM.issuperset(words)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an e-mail. With `link`, its words open that address."""

    words: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message in its forms: `text` for an SMS; `notice` for a phone's own notices, which open `link`; subject and lines
    for an e-mail. None says more than the others.

    `stop_link` ends e-mails to this address. `sender_name` is "" where the clinic's own would tell what it treats.
    """

    sender_name: str
    text: str
    subject: str
    lines: tuple[Line, ...]
    stop_link: str
    notice: str = ""
    link: str = ""

    @property
    def letter(self) -> str:
        """The lines as plain text."""
        return "\n\n".join(f"{line.words}: {line.link}" if line.link else line.words for line in self.lines)


def planned_message(*, kind: str, sender_name: str, link: str, stop_link: str = "") -> Message:
    """A prompt of the plan. Its link opens nothing without the bound phone."""
    words = _LINES[kind]
    return _message(
        sender_name,
        f"{words} {link} {_STOP_LINE}",
        "A message for you",
        Line(words[0].upper() + words[1:]),
        Line("Open it", link),
        stop_link=stop_link,
        link=link,
    )


def code_message(*, code: str, minutes: int, sender_name: str, stop_link: str = "") -> Message:
    """A code of six digits that the patient asked for. Not in the subject: that is what a lock screen shows first."""
    lasts = f"It ends in {minutes} minute{'' if minutes == 1 else 's'}."
    return _message(
        sender_name,
        f"your code is {code}. {lasts} Not you? Ignore it.",
        "Your code",
        Line(f"Your code is {code}."),
        Line(lasts),
        Line("Not you? Ignore it."),
        stop_link=stop_link,
    )


def invitation_message(*, link: str, sender_name: str, stop_link: str = "") -> Message:
    """The link to set up a phone before the visit."""
    words = "set up your phone before your visit."
    return _message(
        sender_name,
        f"{words} {link} {_STOP_LINE}",
        "Set up your phone before your visit",
        Line(f"Please {words}"),
        Line("Begin here", link),
        stop_link=stop_link,
    )


def all_is_well_message(*, sender_name: str, stop_link: str = "") -> Message:
    """A test that a patient sends to themselves: nothing is asked, and no link is in it."""
    words = "this is a test. All is well."
    return _message(
        sender_name,
        f"{words} {_STOP_LINE}",
        "A test for you",
        Line("This is a test. All is well."),
        stop_link=stop_link,
    )


# By language. Without the accents that would halve what fits into one text.
_LIST_WAITS = {
    "en": "please look at your list. {link} Reply STOP to end.",
    "es": "por favor, mire su lista. {link} Responda STOP para terminar.",
}


def escort_message(*, link: str, sender_name: str, language: str = "en") -> Message:
    """To somebody who helps: their list waits. It is never an e-mail. English, where `language` is none that we have."""
    words = _LIST_WAITS.get(language, _LIST_WAITS["en"])
    return _message(sender_name, words.format(link=link), "", stop_link="")


def set_up_message(*, link: str, sender_name: str, stop_link: str = "") -> Message:
    """A reminder before a visit. It does not say what is missing."""
    words = "a few things before your visit."
    return _message(
        sender_name,
        f"{words} {link} {_STOP_LINE}",
        "A few things before your visit",
        Line(words[0].upper() + words[1:]),
        Line("See them here", link),
        stop_link=stop_link,
        link=link,
    )


def notice_message(*, phone: str, sender_name: str) -> Message:
    """To the number before. `phone` is the clinic's, as stored; "" when it has none."""
    ask = f"Call us: {show_phone(phone)}." if phone else "Tell us at your visit."
    changed = "we have another phone number for you now."
    return _message(
        sender_name,
        f"{changed} Not right? {ask}",
        "Your phone number",
        Line(changed[0].upper() + changed[1:]),
        Line(f"Not right? {ask}"),
        stop_link="",
    )


# What a text to us is answered with, by language. Nobody reads it to help: it says so, and where help is.
_ANSWERS = {
    "en": {
        "words": "we may not read a text here in time. {call} {danger}",
        "help": "we send short notes. {call} {danger} {stop}",
        "started": "texts are on. {stop}",
        "not_started": "a text can't turn texts on. {call}",
        "call": "Please call {phone}.",
        "call_later": "When we open, call {phone}.",
        "danger": "In danger? Call {emergency}.",
        "emergency": "your local emergency number",
        "stop": _STOP_LINE,
    },
    "es": {
        "words": "tal vez no leamos su mensaje a tiempo. {call} {danger}",
        "help": "enviamos notas cortas. {call} {danger} {stop}",
        "started": "los mensajes siguen. {stop}",
        "not_started": "por mensaje no se puede. {call}",
        "call": "Llame al {phone}.",
        "call_later": "Al abrir, llame al {phone}.",
        "danger": "En peligro? Llame al {emergency}.",
        "emergency": "numero local de emergencias",
        "stop": "Para terminar: STOP.",
    },
}
Answer = Literal["words", "help", "started", "not_started"]


def nobody_answer(emergency: str) -> str:
    """What a text of somebody whom nobody knows is answered with. `emergency` is the country's number, "" for none known."""
    return f"Nobody reads texts to this number. {_danger(_ANSWERS['en'], emergency)}"


def answer_text(
    kind: Answer, *, sender_name: str, phone: str, is_open: bool, emergency: str = "", language: str = "en"
) -> str:
    """What a text of somebody whom we know is answered with. `phone` as stored, "" for none; `is_open`: it is answered now;
    `emergency` as in nobody_answer."""
    words = _ANSWERS.get(language, _ANSWERS["en"])
    call = words["call" if is_open else "call_later"].format(phone=show_phone(phone)) if phone else ""
    text = words[kind].format(call=call, danger=_danger(words, emergency), stop=words["stop"])
    return _message(sender_name, " ".join(text.split()), "", stop_link="").text


def _danger(words: Mapping[str, str], emergency: str) -> str:
    return words["danger"].format(emergency=emergency or words["emergency"])


def plain_message(text: str, *, sender_name: str = "") -> Message:
    """A text or a call of these words alone, which another app brings. It is never an e-mail."""
    return _message(sender_name, text, "", stop_link="")


@lru_cache(maxsize=1000)
def _who(sender_name: str) -> str:
    return "" if telling_in_name(sender_name) else sender_name


def _message(sender_name: str, text: str, subject: str, *lines: Line, stop_link: str, link: str = "") -> Message:
    """At most 160 characters as an SMS, for any sender name of up to 24. One that tells is left out.

    A notice says what an e-mail's first line says; it opens `link`.
    """
    who = _who(sender_name)
    foot = (Line("Nobody reads answers to this e-mail."), Line("Stop these e-mails", stop_link))
    return Message(
        sender_name=who,
        text=f"{who}: {text}" if who else f"{text[0].upper()}{text[1:]}",
        subject=subject,
        lines=(*lines, *foot),
        stop_link=stop_link,
        notice=lines[0].words if lines else "",
        link=link,
    )
