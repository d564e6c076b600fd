"""What became of a message, in words that a nurse reads once."""

from __future__ import annotations

import pytest

from prompts.fates import Sort, Try, answer_words, code_words, fate, mask, report_words
from prompts.states import Outcome, PromptState, Report

TAKEN, BUSY = Try("sms", "4 pm", Outcome.ACCEPTED), Try("sms", "4 pm", Outcome.NOT_ACCEPTED, "429")
LANDLINE = Try("sms", "4 pm", Outcome.REFUSED, "21614")
MAILED = Try("email", "4:01 pm", Outcome.ACCEPTED)
CUT = Try("sms", "4 pm", "")


def reported(report: Report, code: str = "", *, outcome: Outcome = Outcome.ACCEPTED) -> Try:
    return Try("sms", "4 pm", outcome, "", report, code)


FATES: list[tuple[PromptState, str, str, list[Try], str, Sort, str]] = [
    (PromptState.WAITING, "", "sms", [], "Waits for 4 pm, by text", Sort.TO_COME, ""),
    (PromptState.WAITING, "", "sms", [CUT], "Leaving now", Sort.TO_COME, ""),
    (PromptState.WAITING, "", "sms", [BUSY], "The provider was too busy. We try again", Sort.TO_COME, "warn"),
    (
        PromptState.WAITING,
        "",
        "email",
        [LANDLINE],
        "This landline can’t get texts. Next by e-mail",
        Sort.TO_COME,
        "warn",
    ),
    (PromptState.SENT, "", "in_app", [], "In the app since 4:02 pm", Sort.OUT, ""),
    (PromptState.SENT, "", "email", [MAILED], "Sent by e-mail 4:02 pm", Sort.OUT, ""),
    (PromptState.SENT, "", "sms", [TAKEN], "Sent by text 4:02 pm. No word yet whether it arrived", Sort.OUT, ""),
    (
        PromptState.SENT,
        "",
        "sms",
        [BUSY, reported(Report.DELIVERED)],
        "Sent by text 4:02 pm, arrived",
        Sort.OUT,
        "good",
    ),
    (
        *(PromptState.SENT, "", "email", [LANDLINE, MAILED]),
        *("This landline can’t get texts. Went by e-mail instead 4:02 pm", Sort.OUT, "warn"),
    ),
    (
        *(PromptState.SENT, "", "in_app", [LANDLINE, Try("email", "4:01 pm", Outcome.REFUSED, "552")]),
        *("The mailbox is full. In the app instead since 4:02 pm", Sort.OUT, "warn"),
    ),
    (
        *(PromptState.SENT, "", "sms", [reported(Report.UNDELIVERED, "30003")]),
        *("Sent by text 4:02 pm. It did not arrive. The phone is off, or out of reach", Sort.WRONG, "urgent"),
    ),
    (
        PromptState.FAILED,
        "refused by the provider",
        "sms",
        [LANDLINE],
        "Refused. This landline can’t get texts",
        Sort.WRONG,
        "urgent",
    ),
    (
        *(PromptState.FAILED, "provider busy until the window ended", "sms", [BUSY]),
        *("Not taken until its time was over. The provider was too busy", Sort.WRONG, "urgent"),
    ),
    (PromptState.FAILED, "the moon", "sms", [], "The moon", Sort.WRONG, "urgent"),
    (PromptState.FAILED, "", "sms", [], "Could not be sent", Sort.WRONG, "urgent"),
    (
        PromptState.UNKNOWN,
        "lost in flight",
        "sms",
        [CUT],
        "Nobody knows whether it arrived. It was not sent again",
        Sort.WRONG,
        "warn",
    ),
    (
        *(PromptState.UNKNOWN, "", "sms", [reported(Report.DELIVERED, outcome=Outcome.AMBIGUOUS)]),
        *("The answer was not clear, but it arrived", Sort.OUT, "good"),
    ),
    (
        *(PromptState.UNKNOWN, "", "sms", [reported(Report.FAILED, outcome=Outcome.AMBIGUOUS)]),
        *("The answer was not clear. It did not arrive", Sort.WRONG, "urgent"),
    ),
    (PromptState.SKIPPED, "window over", "sms", [], "Skipped: its time was over", Sort.WRONG, "warn"),
    (
        PromptState.SKIPPED,
        "",
        "sms",
        [BUSY],
        "Skipped: its time was over. The provider was too busy",
        Sort.WRONG,
        "warn",
    ),
    (
        *(PromptState.UNKNOWN, "not at the provider", "sms", [Try("sms", "4 pm", Outcome.AMBIGUOUS)]),
        *("The provider does not have it. It was not sent again", Sort.WRONG, "warn"),
    ),
    (
        *(PromptState.FAILED, "not delivered", "sms", [reported(Report.FAILED, "30004")]),
        *("It did not arrive. The phone blocks our texts", Sort.WRONG, "urgent"),
    ),
    (
        *(PromptState.SENT, "", "in_app", [reported(Report.UNDELIVERED, "30005")]),
        *("Nobody has this number any more. In the app instead since 4:02 pm", Sort.OUT, "warn"),
    ),
    (PromptState.SENT, "", "sms", [reported(Report.SENT)], "Sent by text 4:02 pm, on its way", Sort.OUT, ""),
    (PromptState.CANCELLED, "fewer", "sms", [], "Left out: they asked for fewer", Sort.LEFT_OUT, ""),
    (
        PromptState.CANCELLED,
        "no way to send it",
        "sms",
        [],
        "Not sent: no way to reach them is open",
        Sort.WRONG,
        "warn",
    ),
    (PromptState.CANCELLED, "", "sms", [], "Not needed any more", Sort.LEFT_OUT, ""),
]


@pytest.mark.parametrize("case", FATES, ids=range(len(FATES)))
def test_what_became_of_a_message(case: tuple[PromptState, str, str, list[Try], str, Sort, str]) -> None:
    state, reason, way, tries, words, sort, tone = case
    found = fate(state=state, reason=reason, way=way, due="4 pm", sent="4:02 pm", tries=tries)
    assert (found.words, found.sort, found.tone) == (words, sort, tone)


@pytest.mark.parametrize(
    ("code", "way", "words"),
    [
        ("21610", "sms", "This number said STOP to the provider"),
        ("30034", "sms", "Our number is not registered for texts"),
        ("550 5.2.2", "email", "The mailbox is full"),
        ("550", "email", "The mailbox does not exist, or refuses us"),
        ("gone", "push", "The phone takes no notices any more"),
        ("500", "sms", "The provider had an error"),
        ("no connection", "email", "The provider could not be reached"),
        ("99999", "sms", "Code 99999"),
        ("21610", "email", "Code 21610"),
        ("", "sms", ""),
    ],
)
def test_what_a_code_means(code: str, way: str, words: str) -> None:
    assert code_words(code, way=way) == words


def test_a_try_that_is_leaving_was_not_cut_short() -> None:
    assert (answer_words(CUT), answer_words(CUT, is_leaving=True)) == ("cut short", "leaving now")
    assert answer_words(TAKEN, is_leaving=True) == "taken"


def test_a_try_says_what_was_answered_then_and_what_was_said_later() -> None:
    assert answer_words(LANDLINE) == "refused. This landline can’t get texts (21614)"
    assert (answer_words(CUT), report_words(CUT)) == ("cut short", "")
    assert report_words(reported(Report.UNDELIVERED, "99999")) == "did not arrive. Code 99999"


@pytest.mark.parametrize(
    ("address", "shown"), [("+15550100177", "ends in 0177"), ("maya@example.org", "m…@example.org"), ("", "")]
)
def test_an_address_is_shown_by_its_end_or_its_beginning_alone(address: str, shown: str) -> None:
    assert mask(address) == shown
