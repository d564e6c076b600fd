"""What somebody does who has a link and a code: each try counts before it is looked at, and each opening is on record."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import check_password
from django.db import connection
from django.db.models.functions import Now

from accounts.models import Token
from accounts.services import LinkExpired
from aftercare.tenancy import as_journal, tenant
from journal.models import Share
from journal.one_page import OnePage
from journal.services.deeds import note_deed
from journal.services.endings import end_shares
from journal.services.shares import open_copy, peppered
from journal.sharing import ENDS_AFTER, REST_WORDS, RESTS_AFTER, RESTS_MINUTES, left_words
from journal.states import KeyActor, KeyDeed

OVER = "This page can not be opened."


class CodeRefused(Exception):
    """This is not the code. The message says what to do."""


class CodeRests(CodeRefused):
    """There were too many wrong codes: none is looked at for some minutes."""


def open_with_code(token: Token, code: str, *, at: datetime) -> None:
    """Returns when it is the code: the opening is on record then. Clock of the tries: the database's.

    Raises CodeRefused or CodeRests, LinkExpired once it has ended, CanNotOpen, JournalClosed. A try counts before it is looked
    at, in one statement: of any number of tries at once no more are looked at than are left.
    """
    kept, tries = _count_try(token)
    if not kept:
        raise _refusal(token)
    if not check_password(peppered(code), kept):
        _note_miss(token, tries, at=at)
        if tries >= ENDS_AFTER:
            raise LinkExpired(OVER)
        raise CodeRefused(left_words(tries))
    with tenant(token.clinic_id), as_journal():
        Share.objects.filter(pk=token.subject, code_hash=kept).update(misses=0, rests_until=None)
    with tenant(token.clinic_id), as_journal():
        share = _alive(token)
        open_copy(share)
        _note(share, KeyDeed.SHARE_OPENED, at=at)


def read_copy(token: Token) -> tuple[Share, OnePage]:
    """The copy once more in the browser that had the code. Inside tenant(). Raises LinkExpired, CanNotOpen, JournalClosed."""
    with as_journal():
        share = _alive(token)
        return share, open_copy(share)


def take_copy(token: Token, *, at: datetime) -> tuple[Share, OnePage]:
    """read_copy() for a file that stays with whoever takes it: on record as one more opening."""
    share, page = read_copy(token)
    with as_journal():
        _note(share, KeyDeed.SHARE_OPENED, at=at)
    return share, page


def is_alive(token: Token) -> bool:
    """Whether the copy of this link can still be opened. Inside tenant(). One query."""
    with as_journal():
        return Share.objects.filter(pk=token.subject, ended_at=None, ends_at__gt=Now()).exists()


def _alive(token: Token) -> Share:
    share = Share.objects.filter(pk=token.subject, ended_at=None, ends_at__gt=Now()).first()
    if share is None:
        raise LinkExpired(OVER)
    return share


def _count_try(token: Token) -> tuple[str, int]:
    """Takes one of the tries that are left, as if it were wrong.

    Returns the code's stored form and how many tries that makes; "" and 0 when none is left.
    """
    with tenant(token.clinic_id), as_journal(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE journal_share SET misses = misses + 1, rests_until = "
            "CASE WHEN (misses + 1) %% %(rests_after)s = 0 THEN now() + make_interval(mins => %(minutes)s) END "
            "WHERE id = %(share)s AND ended_at IS NULL AND ends_at > now() AND misses < %(ends_after)s "
            "AND (rests_until IS NULL OR rests_until <= now()) RETURNING code_hash, misses",
            {
                "share": token.subject,
                "rests_after": RESTS_AFTER,
                "minutes": RESTS_MINUTES,
                "ends_after": ENDS_AFTER,
            },
        )
        row = cursor.fetchone()
    return (row[0], row[1]) if row else ("", 0)


def _refusal(token: Token) -> Exception:
    """No try was left: it rests, or it has ended meanwhile."""
    with tenant(token.clinic_id):
        return CodeRests(REST_WORDS) if is_alive(token) else LinkExpired(OVER)


def _note_miss(token: Token, tries: int, *, at: datetime) -> None:
    with tenant(token.clinic_id):
        with as_journal():
            share = Share.objects.filter(pk=token.subject).first()
            if share is None:
                return
            _note(share, KeyDeed.SHARE_MISSED, at=at)
        if tries >= ENDS_AFTER:
            end_shares(at=at, actor=KeyActor.GUEST, pk=token.subject)


def _note(share: Share, deed: KeyDeed, *, at: datetime) -> None:
    note_deed(share, deed, actor=KeyActor.GUEST, entry=share.entry, share=share.pk, at=at)
