"""Which answers of a provider mean that an address never takes a message again, whatever we ask it. No Django.

Only what is said of the address itself counts: a provider that has something against us, our number or our words says no as
well, and then every address would seem dead at once.
"""

from __future__ import annotations

from collections.abc import Mapping

from prompts.routes import EMAIL, SMS

# The carrier heard STOP from this number, which nobody told us.
CARRIER_STOP = "21610"
# No provider told us: mail came back to the clinic, or somebody who was texted never had one. A person says so.
TOLD_BY_STAFF = "told"
# Twilio: no number; no mobile; an unknown phone; a landline, or a carrier that can't be reached.
_NO_PHONE = frozenset({"21211", "21217", "21614", "30005", "30006"})
# RFC 3463: no such mailbox, domain or address, moved away, takes no mail; switched off.
_NO_MAILBOX = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
_DEAD: Mapping[str, frozenset[str]] = {SMS: _NO_PHONE | {CARRIER_STOP}, EMAIL: _NO_MAILBOX}


def is_dead(way: str, code: str) -> bool:
    """Whether this code, of an answer or a report, says that the address will never take anything by `way`.

    An e-mail's code is like "550 5.1.1"; the first number alone may be about us.
    """
    return not _DEAD.get(way, frozenset()).isdisjoint(code.split())
