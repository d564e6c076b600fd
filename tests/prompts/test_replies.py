"""What a text to us asks for: STOP is heard in many ways, and before all else."""

from __future__ import annotations

import pytest

from prompts.replies import means_danger, read_reply, says_more, stops_all
from prompts.states import ReplyKind

STOPS = (
    *("STOP", "stop.", "Stop please", "Please stop", "Stop texting me", "Please stop texting me", "opt-out please"),
    *("quit texting me", "cancel texts", "no more texts", "don't text me anymore", "Do not text me", "no mas mensajes"),
    *("No m\u00e1s", "remove me", "Remove me from your list", "leave me alone", "please leave me alone", "no more"),
    *("Can you please stop sending me texts", "I don't want any more messages", "I want to opt out", "unsubscribe me"),
    *(
        "Stop contacting me",
        "turn off texts",
        "take me off your list",
        "never text me again",
        "Quit",
        "End",
        "Basta ya",
    ),
    *(
        "por favor pare",
        "No me env\u00eden mensajes",
        "deje de escribirme",
        "Please revoke all",
        "cancel",
        "please cancel",
    ),
    *("no longer want these messages", "ok stop", "stop messages now thanks"),
)
STOPS_WITH_MORE = (
    *("Stop. She will not open her eyes", "stop 7k2", "Please stop texting me, I feel worse", "stop the pain"),
    *("no more texts, my son is sick", "Unsubscribe! And who are you?", "stop, I want to die"),
)
NO_STOPS = (
    *(
        "when does it end?",
        "non-stop pain",
        "thank you",
        "thanks",
        "can't stop crying",
        "I can't stop shaking",
        "end it all",
    ),
    *("I want to end it", "I want it to end", "I want to stop", "please stop the bleeding", "cancel my visit tomorrow"),
    *(
        "please don't send an ambulance",
        "no",
        "no more pain",
        "Please help",
        "don't leave me alone",
        "remove my stitches",
    ),
    *(
        "",
        "...",
        "please",
        "you",
        "I don't want to live",
        "did you get my message?",
        "text me",
        "leave it",
        "no mas dolor",
    ),
    *("The vomiting won't stop", "never again", "don't", "I need you to call me", "is the end near"),
)


@pytest.mark.parametrize("words", STOPS)
def test_a_stop_in_ones_own_words_is_heard_and_has_nothing_beside_it(words: str) -> None:
    assert read_reply(words) == ReplyKind.STOP
    assert not says_more(words)


@pytest.mark.parametrize("words", STOPS_WITH_MORE)
def test_words_beside_a_stop_are_for_a_person(words: str) -> None:
    assert read_reply(words) == ReplyKind.STOP
    assert says_more(words)


@pytest.mark.parametrize("words", NO_STOPS)
def test_other_words_end_nothing(words: str) -> None:
    assert read_reply(words) == ReplyKind.OTHER


def test_every_way_is_ended_by_words_that_say_so() -> None:
    assert [stops_all(words) for words in ("Revoke all", "please stop all", "Stop everything, thanks")] == [True] * 3
    assert [stops_all(words) for words in ("stop", "please stop texting me", "is that all")] == [False] * 3


@pytest.mark.parametrize(
    "words",
    [
        *(
            "help me",
            "I want to DIE",
            "i dont want to live",
            "can\u2019t breathe",
            "CAN'T BREATHE!!",
            "911",
            "can\u2032t breathe",
        ),
        *("Stop. I will kill myself", "he won\u2019t wake up", "no puedo respirar", "Ay\u00fadame", "chest  pain\n"),
        *(
            "I cannot breathe",
            "I can not breathe",
            "she isn't breathing",
            "she is not breathing",
            "she stopped breathing",
        ),
        *(
            "barely breathing",
            "having trouble breathing",
            "not able to breathe",
            "it's hard to breathe",
            "out of breath",
        ),
        *("her breathing is very slow", "he is not responding", "she doesn't respond", "unresponsive", "no pulse"),
        *(
            "I wish I was dead",
            "I want to be dead",
            "he died",
            "I took too many pills",
            "I took all my pills",
            "overdosing",
        ),
        *("hurting himself", "She hurts herself", "cutting myself", "fainting", "she fainted", "I might faint"),
        *(
            "She can't be woken",
            "I cannot wake him",
            "She will not open her eyes",
            "I am going to jump",
            "I'm gonna jump",
        ),
        *(
            "I can't go on",
            "want to end it",
            "end it all",
            "I don't want to be here",
            "suicidal",
            "not safe",
            "he is hurting me",
        ),
        *("I don't feel safe", "he passed out", "turning blue", "my chest is tight", "I'm bleeding", "he isn't moving"),
        *(
            "me quiero matar",
            "no respiro",
            "no respira",
            "quiero morir",
            "no se despierta",
            "no me responde",
            "se desmay\u00f3",
        ),
        *("me duele el pecho", "tom\u00e9 muchas pastillas", "Stop texting me I want to kill myself"),
    ],
)
def test_words_of_danger_are_found(words: str) -> None:
    assert means_danger(words)


@pytest.mark.parametrize(
    "words",
    [
        *("", "thank you", "I feel fine", "diet", "skilled", "1911", "When do you open?", "HELP", "ayuda", "deadline"),
        *("The breathing exercise was nice", "I am not hungry", "When can I eat?", "I woke up at nine", "Please stop"),
        *("can I jump in the shower", "I took my pills", "No gracias", "odd", "don't text me anymore", "he is moving"),
    ],
)
def test_other_words_mean_no_danger(words: str) -> None:
    assert not means_danger(words)
