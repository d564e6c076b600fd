"""By which ways a prompt may go, in order: the first takes it, and the next only where that one certainly did not. No Django."""

from __future__ import annotations

from collections.abc import Collection, Sequence

PUSH, SMS, EMAIL, IN_APP = "push", "sms", "email", "in_app"
# A notice costs nothing and is there at once; a text reaches any phone; an e-mail waits until somebody looks.
USUAL = (PUSH, SMS, EMAIL)


def ways_for(
    open_ways: Collection[str], *, first: str = "", goes_out: bool = True, has_text_left: bool = True
) -> tuple[str, ...]:
    """The ways for one prompt, the app last: there it can always be read.

    `open_ways` are those that the patient agreed to and did not stop. `first` is the patient's own choice: it comes before
    the usual order; IN_APP alone is meant by "in_app". A prompt that the document does not mean to go out (`goes_out`)
    leaves as a notice on the phone at most. A text only within the budget (`has_text_left`).
    """
    if first == IN_APP:
        return (IN_APP,)
    order = sorted(USUAL, key=lambda way: way != first)
    may = {PUSH: True, SMS: goes_out and has_text_left, EMAIL: goes_out}
    return (*(way for way in order if may[way] and way in open_ways), IN_APP)


def ways_after(current: str, order: Sequence[str], *, spent: Collection[str] = ()) -> tuple[str, ...]:
    """The ways of `order` that a prompt may take once `current` can't: those behind it, or all where it is none of them.

    `spent` are those that were asked before and did not say "not now": none of them is ever asked again.
    """
    rest = order[order.index(current) + 1 :] if current in order else order
    return tuple(way for way in rest if way not in spent)
