"""pytest plugin (-p tests.services): PostgreSQL and Valkey for this run alone, unless the environment names running ones.

Its hook is a wrapper, so that it comes before pytest-django loads the settings. PostgreSQL itself starts with the first test
that needs it: tests of rules alone do not wait for it. Each process of a run in parallel (-n) has servers of its own.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from aftercare.embedded import OWNER, RUNTIME, Postgres, Valkey
from aftercare.processes import Parts, StackError
from tests.ready import PLACE, lay_out

# Whatever the person's own environment says, a test must not text anybody or turn a protection off.
UNSET = (
    "ALLOWED_HOSTS",
    "PROXIES",
    "PIN_PEPPER",
    "DATABASE_POOL",
    "SENDER_ROLE",
    "DATABASE_USES_POOL",
    "DEBUG",
    "DEFAULT_COUNTRY",
    "PUBLIC_URL",
    "SECRET_KEY_FALLBACKS",
)
UNSET_SMS = (
    *("SMS_BASE_URL", "SMS_ACCOUNT_SID", "SMS_AUTH_TOKEN", "SMS_FROM", "VOICE_FROM"),
    *("EMAIL_URL", "EMAIL_FROM", "SEND_ONLY_TO"),
    *("WATCHDOG_SMS_BASE_URL", "WATCHDOG_SMS_ACCOUNT_SID", "WATCHDOG_SMS_AUTH_TOKEN", "WATCHDOG_SMS_FROM"),
    *("WATCHDOG_DATABASE_URL", "PLATFORM_ON_CALL", "DEADMAN_URL"),
)
SET = {
    "SECRET_KEY": "a key for tests, of fifty characters and of no secrecy",
    "TESTING": "1",
    "DEMO": "1",
    "PLAIN_STATIC": "1",
    # 32 bytes that keep nothing of anybody's.
    "JOURNAL_KEYS": "tests:dGhpcnR5LXR3byBieXRlcyBmb3IgdGhlIHRlc3RzISE=",
}


# Where a run begins it names its servers in the environment, and says so here: a process of its own makes others.
BEGUN, SERVERS = "TEST_RUN_BEGUN", ("DATABASE_URL", "MIGRATE_DATABASE_URL", "REDIS_URL")


class Services:
    """The servers of one run, in a folder that goes with it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="aftercare-test-"))
        self._log = (self.folder / "log").open("ab")
        self._parts = Parts(log=self._log)
        self._postgres: Postgres | None = None
        self._is_started = False

    def announce(self) -> None:
        """Names the servers in the environment. A port is taken at once; a socket's place is known beforehand."""
        (self.folder / "static").mkdir()
        is_part = bool(os.environ.get("PYTEST_XDIST_WORKER"))
        if is_part and BEGUN not in os.environ:
            raise StackError("DATABASE_URL is set, and tests in parallel would share it: run them with -n 0.")
        if is_part:
            for name in SERVERS:
                os.environ.pop(name, None)
        elif not os.environ.get("DATABASE_URL"):
            os.environ.update({BEGUN: "1", PLACE: str(self.folder / "ready")})
        os.environ.update(SET, STATIC_ROOT=str(self.folder / "static"))
        for name in (*UNSET, *UNSET_SMS):
            os.environ.pop(name, None)
        if not os.environ.get("DATABASE_URL"):
            self._postgres = Postgres(self.folder, socket_folder=self.folder, durable=False)
            os.environ["DATABASE_URL"] = self._postgres.url(RUNTIME)
            os.environ["MIGRATE_DATABASE_URL"] = self._postgres.url(OWNER)
        elif not os.environ.get("MIGRATE_DATABASE_URL"):
            raise StackError("DATABASE_URL is set: set MIGRATE_DATABASE_URL too, to the owner of the tables.")
        if not os.environ.get("REDIS_URL"):
            valkey = Valkey(self.folder)
            valkey.start(self._parts)
            os.environ["REDIS_URL"] = valkey.url

    def start_postgres(self) -> None:
        if self._postgres and not self._is_started:
            lay_out(self.folder)
            self._postgres.start(self._parts)
            self._is_started = True

    def stop(self) -> None:
        self._parts.stop(list(self._parts.running))
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


_services: list[Services] = []


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    services = Services()
    _services.append(services)
    try:
        services.announce()
        return (yield)
    except StackError as error:
        pytest_unconfigure()
        raise pytest.UsageError(str(error)) from None
    except BaseException:
        pytest_unconfigure()
        raise


def pytest_unconfigure() -> None:
    while _services:
        _services.pop().stop()


@pytest.fixture(scope="session")
def services() -> Services:
    """The servers of this run."""
    return _services[-1]
