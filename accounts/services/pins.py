"""The PIN of a patient: kept as a hash that a copy of the table alone can't be searched for, and guarded by counting."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import connection

from accounts.hours import minute_words
from accounts.models import Patient
from accounts.services.audit import record
from accounts.tokens import hash_code
from aftercare.tenancy import tenant

# After so many wrong PINs it rests for some minutes; after so many it has ended.
RESTS_AFTER, RESTS_MINUTES, ENDS_AFTER = 5, 15, 10


class PinRefused(Exception):
    """The PIN opens nothing now. The message says why, and what to do next."""


class PinWrong(PinRefused):
    """It is another PIN; more tries are left."""


class PinRests(PinRefused):
    """There were too many wrong PINs: none is looked at until the time that the message says."""


class PinEnded(PinRefused):
    """There is no PIN, or it had too many wrong tries: only a new one helps."""


def set_pin(patient: Patient, pin: str) -> None:
    """Replaces the PIN, and forgets the wrong tries at the one before."""
    patient.pin_hash, patient.pin_misses, patient.pin_locked_until = make_password(_peppered(pin)), 0, None
    patient.save(update_fields=["pin_hash", "pin_misses", "pin_locked_until"])


def has_pin(patient: Patient) -> bool:
    """Whether any PIN opens anything: one was set, and has not ended by too many wrong tries. No query."""
    return bool(patient.pin_hash) and patient.pin_misses < ENDS_AFTER


def check_pin(patient: Patient, pin: str, *, at: datetime, instead: str = "use your card") -> None:
    """Returns when it is the patient's PIN. Raises PinWrong, PinRests or PinEnded. Clock of the tries: the database's.

    `instead` is what to do without a PIN, for the words of a refusal.
    A try counts before it is looked at, in one statement: of any number of tries at once, from anywhere, no more are
    looked at than are left. Only the right PIN and a new one set the count back.
    """
    with tenant(patient.clinic_id):
        kept, tries = _count_try(patient)
    if not kept:
        raise _refusal(patient, instead)
    if not check_password(_peppered(pin), kept):
        if tries % RESTS_AFTER == 0:
            _put_on_record(patient, tries, at=at)
        raise _refusal(patient, instead)
    with tenant(patient.clinic_id):
        Patient.objects.filter(pk=patient.pk, pin_hash=kept).update(pin_misses=0, pin_locked_until=None)


def _count_try(patient: Patient) -> tuple[str, int]:
    """Takes one of the tries that are left, as if it were wrong.

    Returns the PIN's stored form and how many tries that makes; "" and 0 when none is left.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_patient SET pin_misses = pin_misses + 1, pin_locked_until = "
            "CASE WHEN (pin_misses + 1) %% %(rests_after)s = 0 THEN now() + make_interval(mins => %(minutes)s) END "
            "WHERE id = %(patient)s AND pin_hash <> '' AND pin_misses < %(ends_after)s "
            "AND (pin_locked_until IS NULL OR pin_locked_until <= now()) RETURNING pin_hash, pin_misses",
            {
                "patient": patient.pk,
                "rests_after": RESTS_AFTER,
                "minutes": RESTS_MINUTES,
                "ends_after": ENDS_AFTER,
            },
        )
        row = cursor.fetchone()
    return (row[0], row[1]) if row else ("", 0)


def _put_on_record(patient: Patient, tries: int, *, at: datetime) -> None:
    with tenant(patient.clinic_id):
        record("pin_ended" if tries >= ENDS_AFTER else "pin_rests", on=patient, at=at, by=None)


def _refusal(patient: Patient, instead: str) -> PinRefused:
    with tenant(patient.clinic_id):
        fields = ("pin_hash", "pin_misses", "pin_locked_until")
        pin_hash, misses, locked_until = Patient.objects.values_list(*fields).get(pk=patient.pk)
    if not pin_hash or misses >= ENDS_AFTER:
        return PinEnded(f"No PIN works here now. {instead.capitalize()}. Or ask your clinic for a new PIN.")
    if locked_until and misses % RESTS_AFTER == 0:
        until = minute_words(locked_until, ZoneInfo(patient.zone))
        return PinRests(f"There were {misses} wrong PINs. Wait until {until}. Then try again. Or {instead}.")
    left = RESTS_AFTER - misses % RESTS_AFTER
    return PinWrong(f"That is not your PIN. You can try {'once' if left == 1 else f'{left} times'} more.")


def _peppered(pin: str) -> str:
    return hash_code(pin, pepper=settings.PIN_PEPPER)
