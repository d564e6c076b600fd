"""Two pages and two tries of one, in any order: no text is written over by a page that has not seen it."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from journal.revisions import Kept, Place, Saving, place_of

ONE, OTHER = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("saving", "kept", "place"),
    [
        (Saving(ONE, 1), None, "new"),
        (Saving(ONE, 2), Kept(ONE, 1, 1), "over"),
        (Saving(ONE, 1), Kept(ONE, 1, 1), "over"),
        (Saving(ONE, 1), Kept(ONE, 2, 2), "old"),
        (Saving(OTHER, 1, seen=2), Kept(ONE, 2, 2), "over"),
        (Saving(OTHER, 1, seen=1), Kept(ONE, 2, 2), "beside"),
        (Saving(OTHER, 1), Kept(ONE, 1, 1), "beside"),
        (Saving(OTHER, 1), Kept(None, 0, 1), "beside"),
    ],
)
def test_where_a_saving_goes(saving: Saving, kept: Kept | None, place: Place) -> None:
    assert place_of(saving, kept) == place


@given(some.permutations(range(1, 6)), some.lists(some.integers(1, 5), max_size=6))
def test_of_one_page_the_last_saving_stands_in_whatever_order_they_come(order: list[int], again: list[int]) -> None:
    kept: Kept | None = None
    for number in [*order, *again]:
        place = place_of(Saving(ONE, number), kept)
        if place != "old":
            kept = Kept(ONE, number, kept.revision + 1 if kept else 1)
    assert kept is not None
    assert kept.number == 5


@given(some.lists(some.tuples(some.sampled_from([ONE, OTHER]), some.integers(1, 9)), min_size=1, max_size=20))
def test_two_pages_of_one_text_keep_both(savings: list[tuple[UUID, int]]) -> None:
    """Each page saw revision 1; whoever writes first goes over it, the other lands beside and stays there."""
    first, beside = Kept(None, 0, 1), None
    wrote: dict[UUID, int] = {}
    for writer, number in savings:
        wrote[writer] = max(wrote.get(writer, 0), number)
        place = place_of(Saving(writer, number, seen=1), first)
        if place == "over":
            first = Kept(writer, number, first.revision + 1)
        elif place == "beside" and place_of(Saving(writer, number, seen=1), beside) != "old":
            beside = Kept(writer, number, beside.revision + 1 if beside else 1)
    kept = {each.writer: each.number for each in (first, beside) if each and each.writer}
    assert kept == wrote
