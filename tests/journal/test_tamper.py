"""What was sealed opens in its own place as it was, and nowhere else, and in no other form: thousands of tries, none taken."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils import timezone

from accounts.models import Patient
from aftercare.tenancy import as_journal, tenant
from journal.crypto import (
    HEAD_BYTES,
    NO_VERSION,
    NONCE_BYTES,
    CanNotOpen,
    KeyPlace,
    KeyRing,
    RecordPlace,
    SharePlace,
    new_key,
    open_record,
    seal,
    unwrap,
    version_of,
    wrap,
)
from journal.models import JournalEntry, JournalKey, KeyEvent
from journal.services import open_entries, open_entry
from journal.states import KeyDeed
from tests.journal.writing import wrote
from tests.world import HOUR_ZERO, World

RING = KeyRing("k2", {"k2": bytes(range(32)), "k1": bytes(range(1, 33))})
TEXT = "Let me be kind to myself tonight. Μια ήρεμη νύχτα."
ABOUT = '{"feelings": ["Calm", "Light"], "prompt": "What came up?"}'
WANTED = 6_000


@dataclass(frozen=True)
class Shelf:
    """What a thief with the right to write holds: records and wrapped keys, each with the place where it belongs."""

    keys: dict[tuple[str, str], dict[int, bytes]]
    records: dict[RecordPlace, bytes]
    wrapped: dict[KeyPlace, tuple[str, bytes]]
    copies: dict[SharePlace, Copy]


@dataclass(frozen=True)
class Copy:
    """What somebody else can be shown: the copy, its own key, and that key as the ring's current key wrapped it."""

    sealed: bytes
    key: bytes
    wrapped: bytes


def shelf() -> Shelf:
    """Two clinics, three patients, two versions of each key; an entry, its feelings and an urge of each."""
    owners = [("harbor", "ada"), ("harbor", "ben"), ("cedar", "cleo")]
    keys = {owner: {1: new_key(), 2: new_key()} for owner in owners}
    places = [
        (RecordPlace(clinic, patient, row, field), words, version)
        for clinic, patient in owners
        for row, field, words in (
            ("e1", "text", TEXT),
            ("e1", "about", ABOUT),
            ("e2", "text", TEXT),
            ("e3", "urge", "Buy"),
        )
        for version in ((1,) if row == "e2" else (2,))
    ]
    return Shelf(
        keys,
        {
            place: seal(words, key=keys[place.clinic, place.patient][version], version=version, place=place)
            for place, words, version in places
        },
        {
            KeyPlace(*owner, version): wrap(key, ring=RING, place=KeyPlace(*owner, version))
            for owner, versions in keys.items()
            for version, key in versions.items()
        },
        {
            place: a_copy(place)
            for place in (SharePlace(*owner, share, "e1") for owner in owners for share in ("s1", "s2"))
        },
    )


def a_copy(place: SharePlace) -> Copy:
    key = new_key()
    return Copy(seal(TEXT, key=key, version=NO_VERSION, place=place), key, wrap(key, ring=RING, place=place)[1])


def opens(held: Shelf, record: bytes, place: RecordPlace) -> bool:
    """As the pages open a record: with the key that it names, of whose row it stands in."""
    try:
        key = held.keys[place.clinic, place.patient].get(version_of(record))
        if key is None:
            return False
        open_record(record, key=key, place=place)
    except CanNotOpen:
        return False
    return True


def unwraps(wrapped: bytes, ring_key: str, place: KeyPlace | SharePlace) -> bool:
    try:
        unwrap(wrapped, ring=RING, ring_key=ring_key, place=place)
    except CanNotOpen:
        return False
    return True


def each_bit(sealed: bytes) -> Iterator[bytes]:
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        yield bytes(changed)


def each_length(sealed: bytes) -> Iterator[bytes]:
    """Cut anywhere, and made longer in front and behind."""
    yield from (sealed[:size] for size in range(len(sealed)))
    yield from (sealed[size:] for size in range(1, len(sealed), 16))
    yield from (sealed + more for more in (b"\0", bytes(16), bytes(256), sealed))
    yield from (more + sealed for more in (b"\0", sealed[:HEAD_BYTES], sealed[: HEAD_BYTES + NONCE_BYTES]))


def probes(held: Shelf) -> Iterator[tuple[str, bool]]:
    """(what was tried, whether it was taken)."""
    for place, record in list(held.records.items())[:2]:
        yield from ((f"a bit of {place.field}", opens(held, changed, place)) for changed in each_bit(record))
        yield from ((f"length of {place.field}", opens(held, changed, place)) for changed in each_length(record))
    yield from swapped(held)
    yield from respelt(held)
    yield from other_nonces(held)
    for owner, (name, wrapped) in list(held.wrapped.items())[:2]:
        yield from (("a bit of a wrapped key", unwraps(changed, name, owner)) for changed in each_bit(wrapped))
        yield from (("length of a wrapped key", unwraps(changed, name, owner)) for changed in each_length(wrapped))
    yield from swapped_keys(held)
    yield from swapped_copies(held)


def swapped(held: Shelf) -> Iterator[tuple[str, bool]]:
    """Every record in every other place: row, column, table, patient, clinic."""
    for place, record in held.records.items():
        for other in held.records:
            if other != place:
                changed = [name for name in RecordPlace.__slots__ if getattr(place, name) != getattr(other, name)]
                yield f"moved: {', '.join(changed)}", opens(held, record, other)


def respelt(held: Shelf) -> Iterator[tuple[str, bool]]:
    """A place that is written a little differently is another, also where its parts run together the same."""
    for place, record in held.records.items():
        for name in RecordPlace.__slots__:
            value = getattr(place, name)
            for other in (value + "\0", value.upper(), value[:-1], "", f" {value}", value + value):
                yield f"respelt {name}", opens_here(held, record, place, replace(place, **{name: other}))
        for one, other in combinations(RecordPlace.__slots__, 2):
            parts = {one: getattr(place, one) + getattr(place, other)[:1], other: getattr(place, other)[1:]}
            yield "parts run together", opens_here(held, record, place, replace(place, **parts))


def opens_here(held: Shelf, record: bytes, owner: RecordPlace, place: RecordPlace) -> bool:
    """With the owner's own key: what binds a record to its place is not the key alone."""
    try:
        open_record(record, key=held.keys[owner.clinic, owner.patient][version_of(record)], place=place)
    except CanNotOpen:
        return False
    return True


def other_nonces(held: Shelf) -> Iterator[tuple[str, bool]]:
    """Head, nonce and body of two records of one patient, put together in every other way; and versions set back."""
    for place, record in held.records.items():
        for other, theirs in held.records.items():
            if (other.clinic, other.patient) != (place.clinic, place.patient) or other == place:
                continue
            after_nonce = HEAD_BYTES + NONCE_BYTES
            yield (
                "another's nonce",
                opens(held, record[:HEAD_BYTES] + theirs[HEAD_BYTES:after_nonce] + record[after_nonce:], place),
            )
            yield "another's tag", opens(held, record[:-16] + theirs[-16:], place)
            yield "another's body", opens(held, record[:after_nonce] + theirs[after_nonce:], place)
        for version in range(6):
            if version != version_of(record):
                yield "another version", opens(held, record[:1] + version.to_bytes(2) + record[HEAD_BYTES:], place)
                yield (
                    "another version, with the old key",
                    opens_here(
                        replace(
                            held,
                            keys={whose: {**own, version: own[version_of(record)]} for whose, own in held.keys.items()},
                        ),
                        record[:1] + version.to_bytes(2) + record[HEAD_BYTES:],
                        place,
                        place,
                    ),
                )


def swapped_keys(held: Shelf) -> Iterator[tuple[str, bool]]:
    """A wrapped key of another patient, clinic or version; under another name of the ring; and one that is a record."""
    for place, (name, wrapped) in held.wrapped.items():
        for other in held.wrapped:
            if other != place:
                yield "another's wrapped key", unwraps(wrapped, name, other)
        yield from (("another name of the ring", unwraps(wrapped, each, place)) for each in ("k1", "k3", "", "K2"))
        yield from (("a record as a key", unwraps(record, name, place)) for record in held.records.values())
        yield "a key as a record", any(opens(held, wrapped, each) for each in held.records)


def swapped_copies(held: Shelf) -> Iterator[tuple[str, bool]]:
    """A copy for somebody else opens by its own key in its own place, and neither opens anything of the patient's."""
    for place, copy in held.copies.items():
        for other, theirs in held.copies.items():
            if other != place:
                yield "another's copy", opens_copy(theirs.sealed, copy.key, place)
                yield "another's key of a copy", unwraps(theirs.wrapped, RING.current, place)
                yield "a copy in another place", opens_copy(copy.sealed, copy.key, other)
        for owner, (name, wrapped) in held.wrapped.items():
            yield "a patient's key as a copy's", unwraps(wrapped, name, place)
            yield "a copy's key as a patient's", unwraps(copy.wrapped, RING.current, owner)
        for where, record in held.records.items():
            yield (
                "a copy as a record",
                opens_here(replace(held, keys=with_key(held, copy.key)), copy.sealed, where, where),
            )
            yield (
                "a record as a copy",
                opens_copy(record, held.keys[where.clinic, where.patient][version_of(record)], place),
            )
            yield "a record by a copy's key", opens_copy(record, copy.key, place)
        for version in range(1, 4):
            changed = copy.sealed[:1] + version.to_bytes(2) + copy.sealed[HEAD_BYTES:]
            yield "a copy with a version", opens_copy(changed, copy.key, place)
    place, copy = next(iter(held.copies.items()))
    yield from (("a bit of a copy", opens_copy(changed, copy.key, place)) for changed in each_bit(copy.sealed))


def opens_copy(sealed: bytes, key: bytes, place: SharePlace) -> bool:
    try:
        open_record(sealed, key=key, place=place)
    except CanNotOpen:
        return False
    return True


def with_key(held: Shelf, key: bytes) -> dict[tuple[str, str], dict[int, bytes]]:
    """As if everybody's key of the version that a copy names were this one."""
    return {whose: {**own, NO_VERSION: key} for whose, own in held.keys.items()}


@pytest.fixture(scope="module")
def held() -> Shelf:
    return shelf()


def test_nothing_that_was_touched_or_moved_is_taken(held: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    tried: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for what, was_taken in probes(held):
        tried[what] += 1
        taken[what] += was_taken
    with capsys.disabled():
        print(f"\n{tried.total()} probes of {len(tried)} kinds, {taken.total()} accepted", end=" ")
    assert +taken == Counter()
    assert tried.total() >= WANTED


def test_everything_that_was_left_alone_opens(held: Shelf) -> None:
    """The control: whoever refuses all would pass the probes too."""
    assert all(opens(held, record, place) for place, record in held.records.items())
    assert all(unwraps(wrapped, name, place) for place, (name, wrapped) in held.wrapped.items())
    assert all(opens_copy(copy.sealed, copy.key, place) for place, copy in held.copies.items())
    assert all(unwraps(copy.wrapped, RING.current, place) for place, copy in held.copies.items())


def test_a_seal_that_is_bound_to_nothing_would_take_what_was_moved() -> None:
    """The other control: the same cipher without associated data, as it is often built."""
    key, nonce = new_key(), os.urandom(NONCE_BYTES)
    rows = {place: AESGCM(key).encrypt(nonce, TEXT.encode(), None) for place in ("one row", "another row")}
    assert AESGCM(key).decrypt(nonce, rows["one row"], None).decode() == TEXT
    moved = {"another row": rows["one row"]}
    assert AESGCM(key).decrypt(nonce, moved["another row"], None).decode() == TEXT
    bound = AESGCM(key).encrypt(nonce, TEXT.encode(), b"one row")
    with pytest.raises(InvalidTag):
        AESGCM(key).decrypt(nonce, bound, b"another row")


def cut(record: bytes) -> bytes:
    return record[:-1]


def flipped(at: int) -> Callable[[bytes], bytes]:
    return lambda record: record[:at] + bytes([record[at] ^ 1]) + record[at + 1 :]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "format": flipped(0),
    "version": flipped(2),
    "nonce": flipped(5),
    "text": flipped(40),
    "tag": flipped(-16 - 1),
    "cut": cut,
    "empty": lambda record: record[:0],
    "short": lambda record: record[:10],
    "longer": lambda record: record + b"\0",
    "zeros": lambda record: bytes(len(record)),
}


def damage(row: JournalEntry, column: str, how: str) -> bytes:
    """Writes what is left of it. As the journal's role."""
    left = DAMAGES[how](bytes(getattr(row, column)))
    JournalEntry.objects.filter(pk=row.pk).update(**{column: left})
    return left


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("column", "how"),
    # Nothing beside a text is no damage.
    [(column, how) for how in DAMAGES for column in ("sealed", "about") if (column, how) != ("about", "empty")],
)
def test_a_damaged_row_hides_no_other_is_kept_and_is_logged_by_its_id_alone(
    world: World, caplog: pytest.LogCaptureFixture, how: str, column: str
) -> None:
    rows = [wrote(world.patient, f"text {n}", feelings=("Calm",), at=HOUR_ZERO) for n in range(3)]
    with as_journal():
        left = damage(rows[1], column, how)
    opened = {each.id: each.words.text if each.words else None for each in open_entries(world.patient, at=HOUR_ZERO)}
    assert opened == {rows[0].pk: "text 0", rows[1].pk: None, rows[2].pk: "text 2"}
    with as_journal():
        assert bytes(getattr(JournalEntry.objects.get(pk=rows[1].pk), column)) == left
    (line,) = [line for line in caplog.records if line.levelno == logging.ERROR]
    assert (vars(line)["entry"], line.args, line.exc_info) == (rows[1].pk, (), None)
    assert "text" not in line.getMessage()


@pytest.mark.django_db
def test_an_opening_that_was_refused_is_in_the_patients_log(world: World) -> None:
    row = wrote(world.patient, "text", at=HOUR_ZERO)
    with as_journal():
        damage(row, "sealed", "text")
    assert open_entry(world.patient, row.pk, at=HOUR_ZERO).words is None
    with as_journal():
        assert KeyEvent.objects.filter(deed=KeyDeed.REFUSED, entry=row.pk).count() == 1


def two_patients(world: World) -> tuple[Patient, Patient]:
    other = Patient.objects.get(pk=world.patient.pk)
    other.pk, other.record_number = uuid4(), "B-2"
    other.save(force_insert=True)
    return world.patient, other


def swap(model: Any, one: UUID, other: UUID, *columns: str) -> None:
    """What a hand in the database could do. As the journal's role."""
    first, second = ({column: getattr(model.objects.get(pk=pk), column) for column in columns} for pk in (one, other))
    model.objects.filter(pk=one).update(**second)
    model.objects.filter(pk=other).update(**first)


def shown(patient: Patient) -> set[str | None]:
    return {each.words.text if each.words else None for each in open_entries(patient, at=timezone.now())}


@pytest.mark.django_db
@pytest.mark.parametrize("columns", [("sealed",), ("sealed", "about"), ("sealed", "about", "revision", "writer")])
def test_texts_of_one_patient_that_changed_places_open_in_neither(world: World, columns: tuple[str, ...]) -> None:
    rows = [wrote(world.patient, f"text {n}", feelings=("Calm",), at=HOUR_ZERO) for n in range(3)]
    with as_journal():
        swap(JournalEntry, rows[0].pk, rows[1].pk, *columns)
    assert shown(world.patient) == {None, "text 2"}


@pytest.mark.django_db
@pytest.mark.parametrize("model", [JournalEntry, JournalKey])
def test_rows_of_two_patients_that_changed_places_open_for_neither(world: World, model: Any) -> None:
    ours, theirs = two_patients(world)
    for each in (ours, theirs):
        wrote(each, f"of {each.record_number}", at=HOUR_ZERO)
    with as_journal():
        one, other = (model.objects.get(patient=each).pk for each in (ours, theirs))
        swap(model, one, other, "sealed") if model is JournalEntry else swap(model, one, other, "ring_key", "wrapped")
    assert (shown(ours), shown(theirs)) == ({None}, {None})


@pytest.mark.django_db
def test_a_row_that_was_given_to_another_patient_with_its_key_opens_for_nobody(world: World) -> None:
    ours, theirs = two_patients(world)
    wrote(theirs, "theirs", at=HOUR_ZERO)
    with as_journal():
        JournalEntry.objects.update(patient=ours.pk)
        JournalKey.objects.update(patient=ours.pk)
    assert shown(ours) == {None}


@pytest.mark.django_db
def test_a_row_of_another_clinic_opens_nowhere_here(world: World, other_world: World) -> None:
    for each in (world, other_world):
        with tenant(each.clinic.pk):
            wrote(each.patient, each.clinic.name, at=HOUR_ZERO)
    with tenant(other_world.clinic.pk), as_journal():
        theirs = bytes(JournalEntry.objects.get().sealed)
    with tenant(world.clinic.pk):
        with as_journal():
            JournalEntry.objects.update(sealed=theirs)
        assert shown(world.patient) == {None}


@pytest.mark.django_db
def test_a_text_beside_its_own_feelings_column_is_not_shown_for_them(world: World) -> None:
    row = wrote(world.patient, "text", feelings=("Calm",), at=HOUR_ZERO)
    with as_journal():
        JournalEntry.objects.filter(pk=row.pk).update(sealed=row.about, about=row.sealed)
    assert shown(world.patient) == {None}
