"""E-mail addresses as they are stored (Name.Part@example.org): the domain in small letters, one line, plain ASCII."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

LONGEST = 254
_WRONG = "Type an e-mail address, like name@example.org."


def read_email(typed: str) -> str:
    """What was typed, as it is stored. A domain of other letters is kept in its ASCII form. Raises ValidationError."""
    name, at, domain = typed.strip().rpartition("@")
    try:
        # A local part in quotes may hold what would end a header; nobody has one.
        if not at or not typed.isprintable() or '"' in name or "[" in domain:
            raise ValueError("This can't be an address.")
        address = f"{name}@{domain.encode('idna').decode('ascii').lower()}"
        validate_email(address)
    except (ValueError, ValidationError):
        raise ValidationError(_WRONG, code="email") from None
    if len(address) > LONGEST:
        raise ValidationError(f"An e-mail address has at most {LONGEST} characters.", code="email")
    return address


def same_email(address: str) -> str:
    """The form in which two addresses are compared: whoever writes in capitals means the same mailbox."""
    return address.casefold()
