"""Sealing: what comes back, and that nothing that was touched ever does."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.crypto import (
    CanNotOpen,
    KeyPlace,
    KeyRing,
    KeyRingError,
    RecordPlace,
    new_key,
    open_record,
    seal,
    unwrap,
    version_of,
    wrap,
)

PLACE = RecordPlace("clinic", "patient", "entry", "text")
KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
NAMED = KeyPlace("clinic", "patient", 1)
RING = KeyRing("k2", {"k2": KEY, "k1": OTHER})


def encoded(key: bytes) -> str:
    return base64.b64encode(key).decode()


@given(st.text(max_size=600))
def test_what_was_sealed_opens_as_it_was(text: str) -> None:
    # A lone surrogate is no text: no page can send one.
    if text.encode("utf-8", "ignore").decode() == text:
        assert open_record(seal(text, key=KEY, version=3, place=PLACE), key=KEY, place=PLACE) == text


def test_a_record_names_the_version_of_its_key() -> None:
    assert version_of(seal("x", key=KEY, version=513, place=PLACE)) == 513


def test_the_length_of_a_record_tells_it_by_steps_of_256_bytes_only() -> None:
    lengths = [len(seal("x" * size, key=KEY, version=1, place=PLACE)) for size in (0, 1, 252, 253, 508, 509)]
    assert lengths == [287, 287, 287, 543, 543, 799]


def test_the_same_text_is_never_sealed_the_same_twice() -> None:
    assert len({seal("again", key=KEY, version=1, place=PLACE) for _ in range(50)}) == 50


def test_every_single_changed_bit_is_refused() -> None:
    record = seal("Let me be kind to myself.", key=KEY, version=1, place=PLACE)
    accepted = 0
    for bit in range(len(record) * 8):
        changed = bytearray(record)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            open_record(bytes(changed), key=KEY, place=PLACE)
            accepted += 1
        except CanNotOpen:
            pass
    assert len(record) * 8 > 2000
    assert accepted == 0


@pytest.mark.parametrize("field", ["clinic", "patient", "entry", "field"])
def test_a_record_opens_in_no_other_place(field: str) -> None:
    record = seal("mine", key=KEY, version=1, place=PLACE)
    with pytest.raises(CanNotOpen):
        open_record(record, key=KEY, place=replace(PLACE, **{field: "another"}))


def test_two_places_whose_parts_run_together_are_two_places() -> None:
    record = seal("mine", key=KEY, version=1, place=RecordPlace("ab", "c", "d", "e"))
    with pytest.raises(CanNotOpen):
        open_record(record, key=KEY, place=RecordPlace("a", "bc", "d", "e"))


@pytest.mark.parametrize("cut", [0, 1, 3, 14, 15, 40, 286])
def test_a_record_that_was_cut_is_refused(cut: int) -> None:
    with pytest.raises(CanNotOpen):
        open_record(seal("whole", key=KEY, version=1, place=PLACE)[:cut], key=KEY, place=PLACE)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(CanNotOpen):
        open_record(seal("mine", key=KEY, version=1, place=PLACE), key=OTHER, place=PLACE)


def test_a_patients_key_is_wrapped_by_the_current_key_of_the_ring() -> None:
    key = new_key()
    name, wrapped = wrap(key, ring=RING, place=NAMED)
    assert name == "k2"
    assert unwrap(wrapped, ring=RING, ring_key="k2", place=NAMED) == key


@pytest.mark.parametrize(
    ("ring", "name", "place"),
    [
        (RING, "k1", NAMED),
        (KeyRing("k3", {"k3": KEY}), "k2", NAMED),
        (KeyRing("k2", {"k2": OTHER}), "k2", NAMED),
        (RING, "k2", replace(NAMED, patient="another")),
        (RING, "k2", replace(NAMED, clinic="another")),
        (RING, "k2", replace(NAMED, version=2)),
    ],
)
def test_a_wrapped_key_opens_for_its_own_patient_by_its_own_key_only(ring: KeyRing, name: str, place: KeyPlace) -> None:
    _, wrapped = wrap(new_key(), ring=RING, place=NAMED)
    with pytest.raises(CanNotOpen):
        unwrap(wrapped, ring=ring, ring_key=name, place=place)


def test_the_ring_is_read_with_its_first_key_current() -> None:
    assert KeyRing.read(f"new:{encoded(KEY)}, old:{encoded(OTHER)}") == KeyRing("new", {"new": KEY, "old": OTHER})


@pytest.mark.parametrize(
    "text", ["", "new", "new:", ":abc", "new:!!!", f"new:{encoded(KEY[:31])}", f"a:{encoded(KEY)},a:{encoded(OTHER)}"]
)
def test_a_ring_that_can_not_be_read_says_where_and_never_what(text: str) -> None:
    with pytest.raises(KeyRingError) as error:
        KeyRing.read(text)
    assert "JOURNAL_KEYS" in str(error.value)
    assert encoded(KEY) not in str(error.value)
