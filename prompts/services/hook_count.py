"""Whether the provider's hooks fit our signature: a wrong secret or address of ours refuses them all, and no STOP is heard."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.db import connection
from django.utils.crypto import constant_time_compare

# As many refused are no slip any more; they are counted no further, and written once in ten seconds at most.
MANY_REFUSED = 5
# Each is one row, written only where it says something new: a hook costs a look, and none waits for another.
_ACCEPTED = """
INSERT INTO prompts_hookcount (id, refused, accepted_at)
SELECT 1, 0, now() WHERE NOT EXISTS (
  SELECT FROM prompts_hookcount WHERE refused = 0 AND accepted_at > now() - interval '1 minute')
ON CONFLICT (id) DO UPDATE SET refused = 0, refused_from = NULL, accepted_at = EXCLUDED.accepted_at
"""
_REFUSED = """
INSERT INTO prompts_hookcount AS h (id, refused, refused_from, refused_at)
SELECT 1, 1, now(), now() WHERE NOT EXISTS (
  SELECT FROM prompts_hookcount WHERE refused >= %(many)s AND refused_at > now() - interval '10 seconds')
ON CONFLICT (id) DO UPDATE SET refused = LEAST(h.refused + 1, %(many)s), refused_at = EXCLUDED.refused_at,
  refused_from = CASE WHEN h.refused = 0 THEN EXCLUDED.refused_from ELSE h.refused_from END
"""


def note_accepted() -> None:
    """A hook fitted: what was refused before was somebody else's, or is put right."""
    with connection.cursor() as cursor:
        cursor.execute(_ACCEPTED)


def note_refused(form: Mapping[str, str]) -> None:
    """A signed hook that did not fit counts if it names our account, as the provider's do and no stranger can: who makes one
    up pages nobody, however often. Nothing of it is kept."""
    account = settings.SMS_ACCOUNT_SID
    if account and constant_time_compare(form.get("AccountSid", ""), account):
        with connection.cursor() as cursor:
            cursor.execute(_REFUSED, {"many": MANY_REFUSED})
