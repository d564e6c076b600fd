"""Keeps the seeds of second steps so that a copy of the database alone makes no code. No Django."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_FOR = b"aftercare: seeds of second steps"


class SealBroken(Exception):
    """This second step can't be read any more: the key that it was kept with is gone."""


def seal(text: str, *, keys: Sequence[str]) -> str:
    """Kept with the first of `keys`."""
    return _box(keys).encrypt(text.encode()).decode()


def unseal(sealed: str, *, keys: Sequence[str]) -> str:
    """What was kept with any of `keys`, the newest first. Raises SealBroken."""
    try:
        return _box(keys).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SealBroken("This second step can't be read any more. Ask a manager to let you in again.") from None


def _box(keys: Sequence[str]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derive(key))) for key in keys])


def _derive(key: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=_FOR).derive(key.encode())
