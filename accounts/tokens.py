"""Making and hashing the secrets that a link, a QR code or a typed code carries. No database, no Django."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

# Crockford's base 32: no I, L, O, U, so that a foggy reader can't mistake one for another.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH, CARD_LENGTH, DIGITS = 8, 16, 6
_TYPOS = str.maketrans("ILO", "110")


def make_secret() -> str:
    """128 random bits as 22 characters that are safe in an address."""
    return base64.urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode()


def make_code(length: int = CODE_LENGTH) -> str:
    """Characters to type, of 5 random bits each: 40 bits for a short while, 80 (CARD_LENGTH) for the printed card."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def show_code(code: str) -> str:
    """In groups of four, like ABCD-EFGH."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def read_code(typed: str, length: int = CODE_LENGTH) -> str:
    """What was typed, as the code it means; an empty string when it can't be one."""
    code = "".join(typed.upper().split()).replace("-", "").translate(_TYPOS)
    return code if len(code) == length and set(code) <= set(ALPHABET) else ""


# A message is written long after its token: what it carries is worked out anew from the token and a key that no table
# holds. `what` names the use and the token.


def derive_secret(key: str, what: str) -> str:
    """128 bits as 22 characters that are safe in an address."""
    return base64.urlsafe_b64encode(_derived(key, what)[:16]).rstrip(b"=").decode()


def derive_code(key: str, what: str) -> str:
    """40 bits as 8 characters to type."""
    number = int.from_bytes(_derived(key, what)[:5])
    return "".join(ALPHABET[number >> shift & 31] for shift in range(35, -1, -5))


def derive_digits(key: str, what: str) -> str:
    """Six digits, each as likely as the other."""
    return f"{int.from_bytes(_derived(key, what)) % 10**DIGITS:0{DIGITS}}"


def _derived(key: str, what: str) -> bytes:
    return hmac.new(key.encode(), what.encode(), hashlib.sha256).digest()


def hash_secret(secret: str) -> str:
    """The stored form of a secret of 80 bits or more: plain SHA-256 is enough at that size."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def hash_code(code: str, *, pepper: str) -> str:
    """The stored form of a short code: keyed, so that a copy of the table can't be searched for it."""
    return hmac.new(pepper.encode(), code.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
