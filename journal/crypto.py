"""Seals and opens what a patient writes, and wraps the keys that it is sealed with. No Django.

A record is AES-256-GCM under a key of its patient alone. What it is bound to (clinic, patient, entry, field, version of the
key) is authenticated with it: a record that is moved, changed or cut opens nowhere. See docs/decisions/0020.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES, NONCE_BYTES, BLOCK = 32, 12, 256
# Format and version of the key: what a record begins with.
HEAD_BYTES = 3
_FORMAT = 1
_KEY_OF, _RECORD_OF = b"aftercare/dek/v1", b"aftercare/journal/v1"
_SHARE_KEY_OF, _COPY_OF = b"aftercare/share/v1", b"aftercare/copy/v1"
# In the place of a version of a patient's key, which begin at 1: the key of a copy for somebody else has none.
NO_VERSION = 0


class KeyRingError(ValueError):
    """JOURNAL_KEYS can't be read. Says where, never what."""


class CanNotOpen(Exception):
    """This record or key is damaged, was moved, or was sealed with another key. Nothing of it is shown."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys that wrap patients' keys, by id; `current` wraps new ones. They live outside the database."""

    current: str
    keys: Mapping[str, bytes]

    @classmethod
    def read(cls, text: str) -> Self:
        """Reads "k2026-11:<32 bytes in base64>,k2026-10:…": the first one is current. Raises KeyRingError."""
        keys: dict[str, bytes] = {}
        for place, part in enumerate(text.split(","), start=1):
            name, _, encoded = part.strip().partition(":")
            try:
                key = base64.b64decode(encoded, validate=True)
            except binascii.Error:
                key = b""
            if not name or name in keys or len(key) != KEY_BYTES:
                raise KeyRingError(f"Key {place} of JOURNAL_KEYS is not a name, a colon and 32 bytes in base64.")
            keys[name] = key
        return cls(current=next(iter(keys)), keys=keys)


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Whose key it is, and which one: version 1 is a patient's first."""

    clinic: str
    patient: str
    version: int

    def bound(self, ring_key: str) -> bytes:
        return _parts(_KEY_OF, ring_key, self.clinic, self.patient, str(self.version))


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """Where a record belongs: it opens nowhere else."""

    clinic: str
    patient: str
    entry: str
    field: str

    def bound_record(self) -> bytes:
        return _parts(_RECORD_OF, self.clinic, self.patient, self.entry, self.field)


@dataclass(frozen=True, slots=True)
class SharePlace:
    """Where a copy for somebody else belongs, and the key of that one copy: neither opens anything of the patient's own."""

    clinic: str
    patient: str
    share: str
    entry: str

    def bound(self, ring_key: str) -> bytes:
        return _parts(_SHARE_KEY_OF, ring_key, self.clinic, self.patient, self.share)

    def bound_record(self) -> bytes:
        return _parts(_COPY_OF, self.clinic, self.patient, self.share, self.entry)


def new_key() -> bytes:
    """A key of a patient, or of one copy for somebody else: 256 random bits."""
    return os.urandom(KEY_BYTES)


def wrap(key: bytes, *, ring: KeyRing, place: KeyPlace | SharePlace) -> tuple[str, bytes]:
    """The id of the ring's key that wrapped it, and the wrapped key."""
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(ring.keys[ring.current]).encrypt(nonce, key, place.bound(ring.current))
    return ring.current, nonce + sealed


def unwrap(wrapped: bytes, *, ring: KeyRing, ring_key: str, place: KeyPlace | SharePlace) -> bytes:
    """A patient's key, or that of a copy. Raises CanNotOpen, also when the ring has lost the key that wrapped it."""
    if ring_key not in ring.keys:
        raise CanNotOpen("The key that wrapped this one is gone.")
    return _open(ring.keys[ring_key], wrapped, place.bound(ring_key))


def seal(text: str, *, key: bytes, version: int, place: RecordPlace | SharePlace) -> bytes:
    """One record: format, version of the key, nonce, text padded to the next 256 bytes so that its length does not tell."""
    header, nonce = bytes([_FORMAT]) + version.to_bytes(2), os.urandom(NONCE_BYTES)
    plain = text.encode()
    padded = len(plain).to_bytes(4) + plain
    padded += bytes(-len(padded) % BLOCK)
    return header + nonce + AESGCM(key).encrypt(nonce, padded, header + place.bound_record())


def version_of(record: bytes) -> int:
    """Which version of the patient's key sealed this. Raises CanNotOpen for what is no record."""
    if len(record) < HEAD_BYTES + NONCE_BYTES or record[0] != _FORMAT:
        raise CanNotOpen("This is not a record.")
    return int.from_bytes(record[1:HEAD_BYTES])


def open_record(record: bytes, *, key: bytes, place: RecordPlace | SharePlace) -> str:
    """The text. Raises CanNotOpen: never a part of it, never a guess."""
    version_of(record)
    padded = _open(key, record[HEAD_BYTES:], record[:HEAD_BYTES] + place.bound_record())
    length = int.from_bytes(padded[:4])
    if len(padded) % BLOCK or length > len(padded) - 4:
        raise CanNotOpen("This record does not hold what it says.")
    return padded[4 : 4 + length].decode()


def _open(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)
    except (InvalidTag, ValueError):
        raise CanNotOpen("This can't be opened. It is kept as it is.") from None


def _parts(kind: bytes, *parts: str) -> bytes:
    """Each part with its length before it: no two lists of parts look the same."""
    encoded = [kind, *(part.encode() for part in parts)]
    return b"".join(len(part).to_bytes(4) + part for part in encoded)
