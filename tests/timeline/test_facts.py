"""What staff know of a person and a visit: every flag has its words, and nobody knows is not the same as none."""

from __future__ import annotations

from typing import get_args

import pytest

from timeline.document import GivenFlag, HistoryFlag
from timeline.facts import GIVEN_FLAGS, HISTORY_FLAGS, given_labels, history_labels, known_facts


def test_every_flag_that_a_document_may_name_can_be_ticked() -> None:
    assert set(HISTORY_FLAGS) == set(get_args(HistoryFlag))
    assert set(GIVEN_FLAGS) == set(get_args(GivenFlag))


def test_labels_tell_the_flags_apart() -> None:
    labels = [flag.label for flag in (*HISTORY_FLAGS.values(), *GIVEN_FLAGS.values())]
    assert len({label.lower() for label in labels}) == len(labels)


@pytest.mark.parametrize(
    ("history", "given", "known"),
    [
        (None, None, (None, None)),
        ([], [], (frozenset(), frozenset())),
        (["blood_thinner"], None, (frozenset({"blood_thinner"}), None)),
        (["diabetes", "diabetes"], ["anti_nausea"], (frozenset({"diabetes"}), frozenset({"anti_nausea"}))),
        (["gone_since"], ["gone_since", "calming"], (frozenset(), frozenset({"calming"}))),
        (["anti_nausea"], ["diabetes"], (frozenset(), frozenset())),
    ],
)
def test_what_is_known_holds_only_flags_that_still_are(
    history: list[str] | None, given: list[str] | None, known: tuple[frozenset[str] | None, frozenset[str] | None]
) -> None:
    assert known_facts(history, given) == known


def test_labels_come_in_the_order_in_which_staff_are_asked() -> None:
    assert history_labels(["diabetes", "blood_thinner", "gone_since"]) == ("Takes a blood thinner", "Diabetes")
    assert given_labels(["calming", "anti_nausea"]) == ("Anti-sickness medicine", "Calming medicine")
