"""A message sealed for one browser (RFC 8291 on RFC 8188, in one record): its push service carries it and can't read it."""

from __future__ import annotations

import base64
import os
import re
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

# Bytes: what every push service has to take, our header and the seal among it.
RECORD = 4096
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class BrowserKeys:
    """What a browser gave us to seal for it: a point on P-256 (65 bytes) and a secret of 16 bytes."""

    point: bytes
    secret: bytes


def read_keys(public_key: str, auth_secret: str) -> BrowserKeys:
    """From base64url, with padding or without. Raises ValueError, for a point that is not on the curve too."""
    keys = BrowserKeys(read_base64url(public_key), read_base64url(auth_secret))
    if len(keys.point) != 65 or len(keys.secret) != 16:
        raise ValueError("A key has another length.")
    _point(keys.point)
    return keys


def seal(
    words: bytes,
    keys: BrowserKeys,
    *,
    pads_to: int = 0,
    salt: bytes | None = None,
    own: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """The body of a push. `pads_to` bytes at least are sealed, so that its size does not tell one message from another.

    `salt` (16 bytes) and `own` are made anew for each message; only a published example brings its own.
    Raises ValueError for what does not fit into one record.
    """
    salt, own = salt or os.urandom(16), own or ec.generate_private_key(ec.SECP256R1())
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    header = salt + RECORD.to_bytes(4, "big") + bytes([len(point)]) + point
    padded = words + b"\x02" + bytes(max(0, pads_to - len(words)))
    if len(header) + len(padded) + 16 > RECORD:
        raise ValueError("A message is too long for a push.")
    shared = own.exchange(ec.ECDH(), _point(keys.point))
    secret = _derived(shared, salt=keys.secret, info=b"WebPush: info\0" + keys.point + point, length=32)
    key = _derived(secret, salt=salt, info=b"Content-Encoding: aes128gcm\0", length=16)
    nonce = _derived(secret, salt=salt, info=b"Content-Encoding: nonce\0", length=12)
    return header + AESGCM(key).encrypt(nonce, padded, None)


def read_base64url(text: str) -> bytes:
    """Raises ValueError for anything else."""
    bare = text.rstrip("=")
    if not _BASE64URL.fullmatch(bare):
        raise ValueError("No base64url.")
    return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))


def write_base64url(content: bytes) -> str:
    """Without padding, as browsers and push services have it."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _point(content: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), content)


def _derived(secret: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)
