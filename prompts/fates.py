"""What became of one message and of each try to send it, in plain words for staff. No Django."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from prompts.refusals import TOLD_BY_STAFF
from prompts.routes import EMAIL, IN_APP, PUSH, SMS
from prompts.states import Outcome, PromptState, Report


class Sort(StrEnum):
    """Where a message stands among the others: what went wrong comes first."""

    WRONG = "wrong"
    TO_COME = "to_come"
    OUT = "out"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Try:
    """One try. `at` is in words; `outcome` is "" when it was cut short; `report` is what the provider said later."""

    way: str
    at: str
    outcome: str
    code: str = ""
    report: str = ""
    report_code: str = ""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a message. `tone` is that of its tag: "urgent", "warn", "good" or ""."""

    words: str
    sort: Sort
    tone: str


BY = {SMS: "by text", EMAIL: "by e-mail", PUSH: "as a notice", IN_APP: "in the app"}
_FAILED_REPORTS = frozenset({Report.UNDELIVERED, Report.FAILED, Report.BUSY, Report.NO_ANSWER})

# What providers say by number. Of texts: https://www.twilio.com/docs/api/errors; three digits are a status of HTTP.
_TEXT_CODES = {
    "20003": "The provider does not know our account",
    "20429": "The provider was too busy",
    "21211": "This is no phone number",
    "21214": "This is no phone number",
    "21217": "This is no phone number",
    "21408": "Our account may not text this country",
    "21606": "Our own number can’t send texts",
    "21608": "Our account may text proven numbers alone",
    "21610": "This number said STOP to the provider",
    "21611": "Too many texts wait at the provider",
    "21612": "This number can’t be reached from ours",
    "21614": "This landline can’t get texts",
    "21617": "The text was too long",
    "30001": "Too many texts waited at the provider",
    "30002": "Our account at the provider is closed",
    "30003": "The phone is off, or out of reach",
    "30004": "The phone blocks our texts",
    "30005": "Nobody has this number any more",
    "30006": "This landline can’t get texts",
    "30007": "The phone company took it for spam",
    "30008": "The phone company gave no reason",
    "30022": "Our number sent too many texts",
    "30023": "Our number sent too many texts today",
    "30032": "Our number is not approved for texts yet",
    "30034": "Our number is not registered for texts",
    "30410": "The provider got no answer in time",
    "400": "The provider could not read it",
    "401": "The provider does not know our account",
    "403": "The provider does not let us",
    "404": "The provider does not know our account",
    "429": "The provider was too busy",
    "503": "The provider was too busy",
}
# Of mail: the three digits of a server, and the finer code that some add (RFC 3463).
_MAIL_CODES = {
    "4.2.2": "The mailbox is full",
    "5.1.1": "Nobody has this address",
    "5.1.2": "There is no such mail server",
    "5.1.3": "This is no e-mail address",
    "5.1.10": "Nobody has this address",
    "5.2.1": "The mailbox is closed",
    "5.2.2": "The mailbox is full",
    "5.4.1": "Nobody there takes mail for this address",
    "5.7.1": "The mail server refuses our mail",
    "5.7.26": "The mail server could not prove that it is ours",
    "421": "The mail server was busy",
    "450": "The mailbox was busy",
    "451": "The mail server had an error",
    "452": "The mailbox is full",
    "530": "The mail server does not know us",
    "535": "The mail server does not know us",
    "550": "The mailbox does not exist, or refuses us",
    "551": "The mailbox is somewhere else",
    "552": "The mailbox is full",
    "553": "This is no e-mail address there",
    "554": "The mail server refused it",
}
_PUSH_CODES = {
    "gone": "The phone takes no notices any more",
    "403": "The phone’s service does not know us",
    "404": "The phone takes no notices any more",
    "410": "The phone takes no notices any more",
    "413": "The notice was too long",
    "429": "The phone’s service was too busy",
    "503": "The phone’s service was too busy",
}
_CODES: Mapping[str, Mapping[str, str]] = {SMS: _TEXT_CODES, EMAIL: _MAIL_CODES, PUSH: _PUSH_CODES}
# Of every way: what we write ourselves when no provider had a word.
_OWN_CODES = {
    "no connection": "The provider could not be reached",
    "bad address": "This is no address that anything can be sent to",
    "no id": "The provider’s answer made no sense",
    "ReadTimeout": "The provider did not answer in time",
    "WriteTimeout": "The provider did not answer in time",
    "TimeoutError": "The provider did not answer in time",
    "SMTPServerDisconnected": "The mail server hung up",
    TOLD_BY_STAFF: "Our staff said so",
}
_REASONS = {
    "window over": "Skipped: its time was over",
    "visit stopped": "Not needed: the visit stopped",
    "not in the plan": "Not in the plan any more",
    "fewer": "Left out: they asked for fewer",
    "paused": "Left out: they asked for a pause",
    "consent taken back": "Left out: they took back their yes to the app",
    "already done": "Not needed: they said that it is done",
    "channel stopped": "Not sent: they stopped this way",
    "used, withdrawn or over": "Not needed: used, withdrawn or over",
    "their number once more": "Not needed: it is their number again",
    "not on the guest list": "Not sent: not on this server’s guest list",
    "no way to send it": "Not sent: no way to reach them is open",
    "refused by the provider": "Refused",
    "not delivered": "It did not arrive",
    "provider busy until the window ended": "Not taken until its time was over",
}
_NOT_THERE = "not at the provider"
_NOT_REACHED = frozenset({"no way to send it"})
_OUTCOMES = {
    Outcome.ACCEPTED: "taken",
    Outcome.NOT_ACCEPTED: "not taken",
    Outcome.REFUSED: "refused",
    Outcome.AMBIGUOUS: "no clear answer",
}
_REPORTS = {
    Report.SENT: "on its way",
    Report.DELIVERED: "arrived",
    Report.UNDELIVERED: "did not arrive",
    Report.FAILED: "did not arrive",
    Report.ANSWERED: "answered",
    Report.COMPLETED: "arrived",
    Report.BUSY: "busy",
    Report.NO_ANSWER: "no answer",
}


def fate(*, state: PromptState, reason: str, way: str, due: str, sent: str, tries: Sequence[Try]) -> Fate:
    """What became of a message by `way`, which was due and sent at these times, in words; `tries` are in order."""
    match state:
        case PromptState.WAITING:
            return _waiting(way, due, tries)
        case PromptState.SENT:
            return _sent(way, sent, tries)
        case PromptState.UNKNOWN:
            return _unknown(reason, tries)
        case PromptState.SKIPPED:
            return Fate(_with_cause(_REASONS["window over"], tries), Sort.WRONG, "warn")
        case PromptState.FAILED:
            return Fate(_with_cause(_reason(reason) or "Could not be sent", tries), Sort.WRONG, "urgent")
        case _:
            is_wrong = reason in _NOT_REACHED
            words = _reason(reason) or "Not needed any more"
            return Fate(words, Sort.WRONG if is_wrong else Sort.LEFT_OUT, "warn" if is_wrong else "")


def code_words(code: str, *, way: str) -> str:
    """What a code of a provider of this way means; a code that we do not know is shown as it is; "" for none."""
    known = _CODES.get(way, {})
    # A mail server may add a finer one: "550 5.2.2".
    for part in (code, *reversed(code.split())):
        if words := known.get(part) or _OWN_CODES.get(part):
            return words
    if not code:
        return ""
    is_status = len(code) == 3 and code.startswith("5") and way in {SMS, PUSH}
    return "The provider had an error" if is_status else f"Code {code}"


def answer_words(tried: Try, *, is_leaving: bool = False) -> str:
    """What the provider answered to one try: "taken", "refused. The mailbox is full (552)". One without an answer was cut
    short, unless it `is_leaving`."""
    words = _OUTCOMES[Outcome(tried.outcome)] if tried.outcome else "leaving now" if is_leaving else "cut short"
    return _because(words, tried.code, way=tried.way)


def report_words(tried: Try) -> str:
    """What the provider said later of one try: "arrived", "did not arrive. The phone blocks our texts (30004)"; or ""."""
    return _because(_REPORTS[Report(tried.report)], tried.report_code, way=tried.way) if tried.report else ""


def _waiting(way: str, due: str, tries: Sequence[Try]) -> Fate:
    if not tries:
        return Fate(f"Waits for {due}, {BY.get(way, way)}", Sort.TO_COME, "")
    last = tries[-1]
    if not last.outcome:
        return Fate("Leaving now", Sort.TO_COME, "")
    what_next = "We try again" if last.way == way else f"Next {BY.get(way, way)}"
    return Fate(f"{_cause(last)}. {what_next}", Sort.TO_COME, "warn")


def _sent(way: str, sent: str, tries: Sequence[Try]) -> Fate:
    lost = next((tried for tried in reversed(tries) if tried.way != way and _is_lost(tried)), None)
    before, instead, tone = (f"{_cause(lost)}. ", " instead", "warn") if lost else ("", "", "")
    if way == IN_APP:
        return Fate(f"{before}In the app{instead} since {sent}", Sort.OUT, tone)
    went = f"{before}{'Went' if lost else 'Sent'} {BY.get(way, way)}{instead} {sent}"
    taken = next((tried for tried in reversed(tries) if tried.way == way and tried.report), None)
    if taken is None:
        return Fate(f"{went}. No word yet whether it arrived" if way == SMS else went, Sort.OUT, tone)
    if _is_lost(taken):
        return Fate(_with_cause(f"{went}. It did not arrive", [taken]), Sort.WRONG, "urgent")
    arrived = taken.report in {Report.DELIVERED, Report.COMPLETED}
    return Fate(f"{went}, {'arrived' if arrived else 'on its way'}", Sort.OUT, tone or ("good" if arrived else ""))


def _unknown(reason: str, tries: Sequence[Try]) -> Fate:
    report = next((tried.report for tried in reversed(tries) if tried.report), "")
    if report in {Report.DELIVERED, Report.COMPLETED}:
        return Fate("The answer was not clear, but it arrived", Sort.OUT, "good")
    if report in _FAILED_REPORTS:
        return Fate("The answer was not clear. It did not arrive", Sort.WRONG, "urgent")
    why = "The provider does not have it" if reason == _NOT_THERE else "Nobody knows whether it arrived"
    return Fate(f"{why}. It was not sent again", Sort.WRONG, "warn")


def _with_cause(words: str, tries: Sequence[Try]) -> str:
    last = next((tried for tried in reversed(tries) if _is_lost(tried)), None)
    why = _why(last) if last else ""
    return f"{words}. {why}" if why else words


def _is_lost(tried: Try) -> bool:
    """It certainly came to nothing."""
    return tried.outcome in {Outcome.REFUSED, Outcome.NOT_ACCEPTED} or tried.report in _FAILED_REPORTS


def _cause(tried: Try) -> str:
    """Why this try came to nothing, as a sentence."""
    return _why(tried) or f"It did not arrive {BY.get(tried.way, tried.way)}"


def _why(tried: Try) -> str:
    return code_words(tried.report_code if tried.report in _FAILED_REPORTS else tried.code, way=tried.way)


def _because(words: str, code: str, *, way: str) -> str:
    why = code_words(code, way=way)
    if not why:
        return words
    return f"{words}. {why}" if why == f"Code {code}" else f"{words}. {why} ({code})"


def _reason(reason: str) -> str:
    """One that we do not know is shown as it is."""
    return _REASONS.get(reason) or f"{reason[:1].upper()}{reason[1:]}"


def mask(address: str) -> str:
    """Enough of a number or an address to know it again, and no more: "ends in 0177", "m…@example.org"."""
    if "@" in address:
        name, _, domain = address.rpartition("@")
        return f"{name[:1]}…@{domain}"
    return f"ends in {address[-4:]}" if len(address) > 4 else ""
