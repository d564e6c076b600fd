"""Pages, and tries of one page of one, in any order: no text is written over by a page that has not seen it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from journal.revisions import Kept, Place, Saving, place_of

ONE, OTHER, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)


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


# A text, what stands beside it, what stands beside that: by the pages that had to give way.
Rows = dict[tuple[UUID, ...], Kept]


def saved(rows: Rows, saving: Saving) -> tuple[UUID, ...]:
    """As keep_words() does it. Returns which row is written."""
    row: tuple[UUID, ...] = ()
    while (place := place_of(saving, rows.get(row))) == "beside":
        row, saving = (*row, saving.writer), replace(saving, seen=0)
    if place != "old":
        before = rows.get(row)
        rows[row] = Kept(saving.writer, saving.number, before.revision + 1 if before else 1)
    return row


@given(some.lists(some.tuples(some.sampled_from([ONE, OTHER, THIRD]), some.integers(1, 9)), min_size=1, max_size=20))
def test_three_pages_of_one_text_keep_all(savings: list[tuple[UUID, int]]) -> None:
    """Each page saw revision 1; whoever writes first goes over it, the others land beside and stay there."""
    rows: Rows = {(): Kept(None, 0, 1)}
    wrote: dict[UUID, int] = {}
    for writer, number in savings:
        wrote[writer] = max(wrote.get(writer, 0), number)
        saved(rows, Saving(writer, number, seen=1))
    assert {each.writer: each.number for each in rows.values()} == wrote


@given(some.integers(1, 5), some.integers(1, 5))
def test_a_page_that_landed_beside_writes_over_nothing_that_a_third_made_of_it(seen: int, changes: int) -> None:
    """Whatever revision it was opened with: that is the revision of another row."""
    rows: Rows = {(): Kept(ONE, 9, seen + 1)}
    beside = saved(rows, Saving(OTHER, 1, seen=seen))
    for number in range(1, changes + 1):
        rows[beside] = Kept(THIRD, number, rows[beside].revision + 1)
    changed = rows[beside]
    assert saved(rows, Saving(OTHER, 2, seen=seen)) != beside
    assert rows[beside] == changed
