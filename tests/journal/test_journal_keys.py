"""The command that looks after the keys: what it wraps anew, renews and lets go of, and what it never does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Patient
from aftercare.tenancy import as_journal, tenant
from journal.crypto import KeyRing, version_of
from journal.models import Canary, JournalEntry, JournalKey, KeyEvent, ParkedUrge, Share
from journal.services import (
    MadeShare,
    end_share,
    keys,
    let_urge_go,
    names_of,
    open_entries,
    open_urge,
    park_urge,
    remove_entry,
)
from journal.services.shares import open_copy
from tests.journal.backups import a_patient
from tests.journal.rings import NEW, OLD, ROTATING, STRAY
from tests.journal.sharing import TEXT, a_share
from tests.journal.writing import wrote
from tests.stack import wait_for
from tests.world import HOUR_ZERO, World


@pytest.fixture(autouse=True)
def _no_trust() -> Iterator[None]:
    """What this process trusted in another test it does not trust here."""
    keys._trusted.clear()
    yield
    keys._trusted.clear()


def use(settings: Settings, ring: str) -> None:
    settings.JOURNAL_KEYS = ring
    keys._trusted.clear()


def ask(*words: str) -> str:
    out = StringIO()
    call_command("journal_keys", *words, stdout=out)
    return out.getvalue()


def refused(*words: str) -> str:
    with pytest.raises(CommandError) as error:
        ask(*words)
    return str(error.value)


def wraps(world: World) -> set[str]:
    with tenant(world.clinic.pk), as_journal():
        return set(JournalKey.objects.values_list("ring_key", flat=True))


def texts(world: World, patient: Patient | None = None) -> list[str | None]:
    with tenant(world.clinic.pk):
        opened = open_entries(patient or world.patient, at=timezone.now())
    return sorted((each.words.text if each.words else None for each in opened), key=str)


def write(world: World, *lines: str) -> None:
    with tenant(world.clinic.pk):
        for line in lines:
            wrote(world.patient, line, at=HOUR_ZERO)


def key_rows(world: World) -> list[JournalKey]:
    with tenant(world.clinic.pk), as_journal():
        return list(JournalKey.objects.order_by("version"))


def damage_key(world: World) -> UUID:
    """One bit of the wrapped key of this world's patient."""
    with tenant(world.clinic.pk), as_journal():
        row = JournalKey.objects.get()
        wrapped = bytearray(row.wrapped)
        wrapped[20] ^= 1
        JournalKey.objects.update(wrapped=bytes(wrapped))
        return row.pk


@pytest.fixture
def both(world: World, other_world: World) -> tuple[World, World]:
    """Two clinics with one patient each who wrote two texts."""
    for each in (world, other_world):
        write(each, "one", "two")
    return world, other_world


@pytest.mark.django_db
def test_every_clinics_keys_come_under_the_new_key_and_everything_opens_with_it_alone(
    both: tuple[World, World], settings: Settings
) -> None:
    use(settings, ROTATING)
    assert ask("rewrap") == "2 keys were wrapped anew, 0 are left under another key\n"
    use(settings, NEW)
    for each in both:
        assert wraps(each) == {"next"}
        assert texts(each) == ["one", "two"]


@pytest.mark.django_db
def test_the_patient_can_see_that_a_key_was_wrapped_anew_and_by_whom(both: Any, settings: Settings) -> None:
    use(settings, ROTATING)
    ask("rewrap")
    with tenant(both[0].clinic.pk), as_journal():
        event = KeyEvent.objects.latest("pk")
    assert (event.patient_id, event.deed, event.actor) == (both[0].patient.pk, "rewrapped", "service")


@pytest.mark.django_db
def test_a_second_time_there_is_nothing_to_do(both: Any, settings: Settings) -> None:
    use(settings, ROTATING)
    ask("rewrap")
    assert ask("rewrap").startswith("0 keys")


@pytest.mark.django_db
def test_a_key_that_does_not_open_is_kept_and_named_and_holds_up_no_other(
    both: tuple[World, World], settings: Settings
) -> None:
    row_id = damage_key(both[0])
    before = bytes(key_rows(both[0])[0].wrapped)
    use(settings, ROTATING)
    assert "Not every key" in refused("rewrap")
    assert (wraps(both[0]), wraps(both[1])) == ({"tests"}, {"next"})
    assert bytes(key_rows(both[0])[0].wrapped) == before
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("journal_keys", "status", stdout=out)
    assert f"does not open: {row_id}" in out.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("ring", ["", "no ring", STRAY, NEW])
def test_a_ring_that_is_not_the_right_one_changes_nothing(
    both: tuple[World, World], settings: Settings, ring: str
) -> None:
    before = [bytes(row.wrapped) for row in key_rows(both[0])]
    use(settings, ring)
    assert "JOURNAL_KEYS" in refused("rewrap")
    assert [bytes(row.wrapped) for row in key_rows(both[0])] == before


@pytest.mark.django_db
def test_status_says_what_each_key_wraps(both: Any, settings: Settings) -> None:
    use(settings, ROTATING)
    write(both[0], "under the old key, with the canary of the new one")
    assert ask("status").splitlines()[:2] == [
        "next: current; wraps 0 keys of patients, 0 of shares; canary opens",
        "tests: on the ring; wraps 2 keys of patients, 0 of shares; canary opens",
    ]


@pytest.mark.django_db
def test_status_fails_when_a_key_in_use_is_not_on_the_ring(both: Any, settings: Settings) -> None:
    use(settings, NEW)
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("journal_keys", "status", stdout=out)
    assert "tests: NOT ON THE RING; wraps 2 keys" in out.getvalue()


@pytest.mark.django_db
def test_status_counts_records_whose_key_is_gone(both: tuple[World, World]) -> None:
    with tenant(both[0].clinic.pk), as_journal():
        JournalKey.objects.filter(patient=both[0].patient)._raw_delete("default")
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("journal_keys", "status", stdout=out)
    assert "2 records name a key that is not there" in out.getvalue()


@pytest.mark.django_db
def test_no_answer_holds_a_key(both: Any, settings: Settings) -> None:
    use(settings, ROTATING)
    said = ask("rewrap") + ask("status") + ask("renew", "--all-older-than", "0", "--reseal") + ask("drop-retired")
    for entry in (OLD, NEW):
        assert entry.partition(":")[2] not in said


@pytest.mark.django_db
def test_a_new_key_can_be_read_as_a_ring_and_is_another_each_time() -> None:
    made = [ask("make-key", "--name", "k9") for _ in range(2)]
    assert len({KeyRing.read(each).keys["k9"] for each in made}) == 2
    assert len(made[0].splitlines()) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["tests", "a b", "a:b", "a,b", "x" * 33, "naïve"])
def test_a_name_that_can_not_stand_on_the_ring_or_does_already_is_refused(name: str) -> None:
    refused("make-key", "--name", name)


def test_two_at_once_wrap_each_key_once(committed: None, world: World, settings: Settings) -> None:
    with tenant(world.clinic.pk):
        for number in range(60):
            wrote(a_patient(world, number), f"text {number}", at=HOUR_ZERO)
    use(settings, ROTATING)
    said = at_once(lambda: ask("rewrap"), lambda: ask("rewrap"))
    assert sum(int(line.split()[0]) for line in said) == 60
    assert all("0 are left" in line for line in said)
    with tenant(world.clinic.pk), as_journal():
        assert KeyEvent.objects.filter(deed="rewrapped").count() == 60
        assert set(JournalKey.objects.values_list("ring_key", flat=True)) == {"next"}


def test_a_key_that_somebody_holds_is_waited_for(committed: None, world: World, settings: Settings) -> None:
    write(world, "one")
    use(settings, ROTATING)
    held, may_end = threading.Event(), threading.Event()

    def hold() -> str:
        with tenant(world.clinic.pk), as_journal():
            list(JournalKey.objects.select_for_update())
            held.set()
            may_end.wait(10)
        return ""

    def rewrap() -> str:
        held.wait(10)
        threading.Timer(0.3, may_end.set).start()
        return ask("rewrap")

    _, said = at_once(hold, rewrap)
    assert said.startswith("1 keys")


def test_a_writing_that_is_taken_back_leaves_no_trust_without_a_canary(committed: None, world: World) -> None:
    with tenant(world.clinic.pk):
        wrote(world.patient, "taken back", at=HOUR_ZERO)
        transaction.set_rollback(True)
    write(world, "kept")
    with tenant(world.clinic.pk), as_journal():
        assert Canary.objects.count() == 1
    assert len(keys._trusted) == 1


def test_a_key_of_the_ring_is_forgotten_once_it_wraps_nothing(
    committed: None, world: World, settings: Settings
) -> None:
    write(world, "one")
    use(settings, ROTATING)
    assert "still wraps 1" in refused("forget", "tests")
    ask("rewrap")
    assert "current" in refused("forget", "next")
    ask("forget", "tests")
    with tenant(world.clinic.pk), as_journal():
        assert list(Canary.objects.values_list("ring_key", flat=True)) == ["next"]
    use(settings, NEW)
    write(world, "two")
    assert texts(world) == ["one", "two"]


def test_a_ring_without_the_old_key_stays_closed_until_that_is_forgotten(
    committed: None, world: World, settings: Settings
) -> None:
    """The control of the one above."""
    write(world, "one")
    use(settings, ROTATING)
    ask("rewrap")
    use(settings, NEW)
    with pytest.raises(keys.JournalClosed):
        write(world, "two")


@pytest.mark.django_db
def test_a_renewed_key_seals_what_comes_and_the_old_one_still_reads(both: tuple[World, World]) -> None:
    world, other = both
    assert ask("renew", "--patient", str(world.patient.pk)).startswith("1 keys were renewed, 0 records")
    with tenant(world.clinic.pk):
        assert version_of(bytes(wrote(world.patient, "three", at=HOUR_ZERO).sealed)) == 2
    assert texts(world) == ["one", "three", "two"]
    assert [row.version for row in key_rows(world)] == [1, 2]
    assert [row.version for row in key_rows(other)] == [1]
    with tenant(world.clinic.pk), as_journal():
        assert KeyEvent.objects.filter(deed="renewed", actor="service").count() == 1


@pytest.mark.django_db
def test_sealed_anew_everything_is_under_the_new_version_and_reads_as_before(both: tuple[World, World]) -> None:
    world = both[0]
    with tenant(world.clinic.pk):
        wrote(world.patient, "three", feelings=("Calm", "Light"), at=HOUR_ZERO)
    assert "4 records were sealed anew" in ask("renew", "--patient", str(world.patient.pk), "--reseal")
    assert texts(world) == ["one", "three", "two"]
    first, second = key_rows(world)
    assert first.retired_at and not second.retired_at
    with tenant(world.clinic.pk), as_journal():
        rows = list(JournalEntry.objects.all())
    assert {version_of(bytes(record)) for row in rows for record in (row.sealed, row.about) if record} == {2}


@pytest.mark.django_db
def test_sealed_anew_whom_a_copy_is_for_reads_as_before_and_so_does_the_copy(world: World) -> None:
    made = a_share(world.patient, whom="My therapist")
    ask("renew", "--patient", str(world.patient.pk), "--reseal")
    with as_journal():
        shares = list(Share.objects.all())
        assert [version_of(bytes(share.about)) for share in shares] == [2]
        assert names_of(world.patient, shares) == {made.share.pk: "My therapist"}
        assert TEXT in open_copy(shares[0]).dump()


@pytest.mark.django_db
def test_sealed_anew_what_waits_a_day_comes_back_as_it_was(world: World) -> None:
    urge = park_urge(world.patient, urge_id=uuid4(), line="Buy the boat", opens_at=HOUR_ZERO, at=HOUR_ZERO)
    ask("renew", "--patient", str(world.patient.pk), "--reseal")
    with as_journal():
        assert version_of(bytes(ParkedUrge.objects.get().sealed)) == 2
    assert open_urge(world.patient, urge.pk, at=timezone.now()) == "Buy the boat"


@pytest.mark.django_db
def test_a_retired_key_stays_for_as_long_as_backups_do(both: tuple[World, World]) -> None:
    world = both[0]
    ask("renew", "--patient", str(world.patient.pk), "--reseal")
    assert ask("drop-retired") == "0 retired keys are gone\n"
    with tenant(world.clinic.pk), as_journal():
        JournalKey.objects.filter(version=1).update(retired_at=timezone.now() - timedelta(days=36))
    assert ask("drop-retired") == "1 retired keys are gone\n"
    assert texts(world) == ["one", "two"]


@pytest.mark.django_db
def test_a_damaged_record_is_left_as_it_is_and_so_is_its_key(both: tuple[World, World]) -> None:
    world = both[0]
    with tenant(world.clinic.pk), as_journal():
        row = JournalEntry.objects.order_by("pk")[0]
        damaged = bytes(row.sealed[:-1]) + bytes([row.sealed[-1] ^ 1])
        JournalEntry.objects.filter(pk=row.pk).update(sealed=damaged)
    assert "1 did not open" in refused("renew", "--patient", str(world.patient.pk), "--reseal")
    with tenant(world.clinic.pk), as_journal():
        assert bytes(JournalEntry.objects.get(pk=row.pk).sealed) == damaged
    assert [row.retired_at for row in key_rows(world)] == [None, None]
    assert ask("drop-retired", "--days", "0") == "0 retired keys are gone\n"
    assert texts(world).count(None) == 1


@pytest.mark.django_db
def test_a_key_that_is_used_after_all_is_not_dropped(both: tuple[World, World]) -> None:
    with tenant(both[0].clinic.pk), as_journal():
        JournalKey.objects.update(retired_at=HOUR_ZERO)
    assert ask("drop-retired") == "0 retired keys are gone\n"


@pytest.mark.django_db
def test_all_keys_that_are_old_enough_are_renewed_and_no_other(both: tuple[World, World]) -> None:
    with tenant(both[0].clinic.pk), as_journal():
        JournalKey.objects.update(created_at=timezone.now() - timedelta(days=400))
    with tenant(both[1].clinic.pk), as_journal():
        JournalKey.objects.update(created_at=timezone.now() - timedelta(days=300))
    assert ask("renew", "--all-older-than", "365").startswith("1 keys were renewed")
    assert [len(key_rows(each)) for each in both] == [2, 1]


@pytest.mark.django_db
def test_there_is_nothing_to_renew_of_somebody_who_never_wrote(world: World) -> None:
    assert refused("renew", "--patient", str(uuid4())) == "This patient has no key."


def test_who_writes_while_everything_is_sealed_anew_writes_under_the_new_version(
    committed: None, world: World, settings: Settings
) -> None:
    """The writer waits for the key's row that the renewal holds."""
    write(world, "one")

    def renew() -> str:
        return ask("renew", "--patient", str(world.patient.pk), "--reseal")

    def write_more() -> str:
        write(world, "more")
        return ""

    for _ in range(5):
        at_once(renew, write_more, write_more, write_more)
    with tenant(world.clinic.pk), as_journal():
        retired = set(JournalKey.objects.filter(retired_at__isnull=False).values_list("version", flat=True))
        used = {version_of(bytes(record)) for record in JournalEntry.objects.values_list("sealed", flat=True)}
    assert retired == {1, 2, 3, 4, 5}
    assert not retired & used
    assert None not in texts(world)


@pytest.mark.parametrize(("ring", "found"), [("", "journal.W001"), ("x", "journal.E001"), (OLD, "")])
def test_a_deployment_is_told_of_a_ring_that_is_missing_or_can_not_be_read(
    settings: Settings, ring: str, found: str
) -> None:
    settings.JOURNAL_KEYS = ring
    told = {message.id for message in run_checks(include_deployment_checks=True)}
    assert {name for name in told if name and name.startswith("journal.")} == ({found} if found else set())


def test_a_patient_whose_key_is_in_use_is_named_and_holds_up_no_other(committed: None, world: World) -> None:
    with tenant(world.clinic.pk):
        patients = [a_patient(world, number) for number in range(3)]
        for patient in patients:
            wrote(patient, "a text", at=timezone.now() - timedelta(days=400))
    held, may_end, out = threading.Event(), threading.Event(), StringIO()

    def hold() -> str:
        with tenant(world.clinic.pk), as_journal():
            list(JournalKey.objects.select_for_update().filter(patient=patients[1]))
            held.set()
            may_end.wait(10)
        return ""

    def renew() -> str:
        held.wait(10)
        try:
            call_command("journal_keys", "renew", "--all-older-than", "365", "--reseal", stdout=out)
        except CommandError as error:
            return str(error)
        finally:
            may_end.set()
        return ""

    _, said = at_once(hold, renew)
    assert said == "0 did not open and stay as they are; 1 were in use: try again."
    assert f"in use: the key of {patients[1].pk}" in out.getvalue()
    assert "2 keys were renewed, 2 records were sealed anew" in out.getvalue()


ACTS: dict[str, Callable[[Patient, MadeShare, UUID], object]] = {
    "a text is taken away": lambda patient, made, _: remove_entry(patient, made.share.entry, at=timezone.now()),
    "a copy is ended": lambda patient, made, _: end_share(patient, made.share.pk, at=timezone.now()),
    "a thing is let go": lambda patient, _, urge_id: let_urge_go(patient, urge_id, at=timezone.now()),
}


@pytest.mark.parametrize("act", ACTS)
def test_who_waits_for_a_patients_key_holds_none_of_their_rows(committed: None, world: World, act: str) -> None:
    """Sealing everything anew holds the key first, then the rows: whoever held a row by now would be waited for."""
    with tenant(world.clinic.pk):
        made, urge_id, at = a_share(world.patient), uuid4(), timezone.now()
        park_urge(world.patient, urge_id=urge_id, line="Buy the boat.", opens_at=at, at=at)

    def do() -> None:
        with tenant(world.clinic.pk):
            ACTS[act](world.patient, made, urge_id)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        with tenant(world.clinic.pk), as_journal():
            list(JournalKey.objects.select_for_update())
            waits = pool.submit(do)
            assert wait_for(somebody_waits, seconds=1.5)
            for model in (JournalEntry, ParkedUrge, Share):
                assert model.objects.select_for_update(nowait=True).first()
        waits.result()


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def at_once(*acts: Callable[[], str]) -> list[str]:
    """Each in a thread with a connection of its own. What they returned."""

    def run(act: Callable[[], str]) -> str:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
