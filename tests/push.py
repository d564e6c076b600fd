"""A browser's side of web push: its keys, its endpoint, and what it can open with them."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from prompts.channels.aes128gcm import write_base64url

# Of tests alone.
PUSH_KEY, PUSH_SUBJECT = "_8ZqSCtP7nrBFnlXzxqIH8YusDSjGOzkj3naKM4v4dc", "mailto:help@aftercare.example"


@dataclass
class Browser:
    """One browser that subscribed at `endpoint`."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def point(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def told(self) -> dict[str, str]:
        """What static/js/push.js posts."""
        return {
            "endpoint": self.endpoint,
            "p256dh": write_base64url(self.point),
            "auth": write_base64url(self.secret),
        }

    @property
    def to(self) -> str:
        return " ".join(self.told.values())

    def open(self, body: bytes) -> bytes:
        """What was sealed for this browser, its padding off (RFC 8188, 2; RFC 8291, 3.4)."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(body) <= size
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
        secret = _derived(shared, self.secret, b"WebPush: info\0" + self.point + theirs, 32)
        key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
        words = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")
        assert words.endswith(b"\x02")
        return words[:-1]

    def read(self, body: bytes) -> dict[str, Any]:
        """The notice that it would show."""
        told = json.loads(self.open(body))
        assert told["web_push"] == 8030
        return dict(told["notification"])


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)
