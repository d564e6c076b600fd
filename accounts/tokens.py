"""Making and hashing the secrets that a link, a QR code or a typed code carries. No database, no Django."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

# Crockford's base 32: no I, L, O, U, so that a foggy reader can't mistake one for another.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 8
_TYPOS = str.maketrans("ILO", "110")


def make_secret() -> str:
    """128 random bits as 22 characters that are safe in an address."""
    return base64.urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode()


def make_code() -> str:
    """40 random bits as 8 characters to type, shown as ABCD-EFGH."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def show_code(code: str) -> str:
    return f"{code[:4]}-{code[4:]}"


def read_code(typed: str) -> str:
    """What was typed, as the code it means; an empty string when it can't be one."""
    code = "".join(typed.upper().split()).replace("-", "").translate(_TYPOS)
    return code if len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) else ""


def hash_secret(secret: str) -> str:
    """The stored form of a 128-bit secret: plain SHA-256 is enough at that size."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def hash_code(code: str, *, pepper: str) -> str:
    """The stored form of a short code: keyed, so that a copy of the table can't be searched for it."""
    return hmac.new(pepper.encode(), code.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
