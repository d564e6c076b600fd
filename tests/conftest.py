"""What tests share: the database that is ready already, worlds, people signed in, and servers that speak for others."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.simple_server import make_server as wsgi_server

import hypothesis
import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection, connections
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from accounts.middleware import CLINIC, DEVICE
from accounts.models import Device, StaffMember
from accounts.states import DeviceScope, Role
from aftercare.tenancy import tenant
from prompts.channels.inbox import Inbox
from prompts.channels.standin import make_server
from tests.browser import browser_flags, chosen_browser
from tests.services import Services
from tests.stack import Stack
from tests.world import CEDAR, HARBOR, HOUR_ZERO, World, make_staff, make_world

# A pipeline tries the same examples each time; a person's run looks for new ones.
hypothesis.settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")

# What a hash costs whoever steals it is Django's own care: a test waits for none. The app that is started whole keeps the price.
Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1, 8, 1

# A busy machine may take its time; what has to come within so many seconds says so itself.
expect.set_options(timeout=15_000)

# What migrations put there, and the app never changes.
KEPT = {"django_migrations", "django_content_type", "auth_permission", "accounts_country"}


# Tests that start the whole app, or a browser, go one after the other in one process; the look at every page in the other.
WHOLE = {"stack", "browser", "page"}
WHOLE_FOLDERS = {"journeys", "chaos", "fuzz"}
WHOLE_FILES = {"test_devstack.py", "test_canaries.py"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With -n: a file's tests stay together, and so do all that need the machine for themselves. The longest begin first."""
    groups = {item: _group_of(item) for item in items}
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: {"whole": 0, "look": 1}.get(groups[item], 2))


def _group_of(item: pytest.Item) -> str:
    if item.path.name == "test_look.py":
        return "look"
    needs_app = WHOLE & set(getattr(item, "fixturenames", ())) or WHOLE_FOLDERS & set(item.path.parts)
    return "whole" if needs_app or "devstack" in item.path.name else item.path.name


@pytest.fixture(scope="session")
def django_db_setup(services: Services, django_db_blocker: DjangoDbBlocker) -> None:
    """The database of this run, migrated by the owner. Tests sign in as the runtime role, which could not make one."""
    services.start_postgres()
    with django_db_blocker.unblock():
        call_command("setup_roles", verbosity=0)
        call_command("migrate", verbosity=0, interactive=False)
        connections["owner"].close()


@pytest.fixture
def committed(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Everything is really committed; afterwards the owner empties the tables. The test opens tenant() itself.

    For what a transaction that is rolled back can't show: other connections, threads, processes, on_commit.
    """
    if request.node.get_closest_marker("django_db") or "db" in request.fixturenames:
        pytest.fail("`committed` goes without the mark django_db and without `db`: they would roll back.")
    with django_db_blocker.unblock():
        try:
            yield
        finally:
            connection.close()
            _empty_tables()


def _empty_tables() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SET lock_timeout = '5s'")
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND NOT tablename = ANY(%s)", [list(KEPT)]
        )
        tables = ", ".join(f'"{name}"' for (name,) in cursor.fetchall())
        cursor.execute(f"TRUNCATE {tables}")
    connections["owner"].close()


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """One clinic. Its transaction is open, as in a request, unless the test has two clinics or commits."""
    request.getfixturevalue("committed" if "committed" in request.fixturenames else "db")
    made = make_world(CEDAR)
    if {"committed", "other_world"} & set(request.fixturenames):
        yield made
    else:
        with tenant(made.clinic.pk):
            yield made


@pytest.fixture
def other_world(request: pytest.FixtureRequest) -> World:
    """A second clinic, of strangers. A test that asks for it opens tenant() itself, for either."""
    request.getfixturevalue("committed" if "committed" in request.fixturenames else "db")
    return make_world(HARBOR)


@pytest.fixture
def phone(client: Client, world: World) -> Client:
    """The patient's own, bound."""
    return bind(client, world)


@pytest.fixture
def set_up_phone(client: Client, world: World) -> Client:
    """The patient's own, that an invitation opened: for the set-up and no more."""
    return bind(client, world, scope=DeviceScope.SET_UP)


def bind(client: Client, world: World, *, scope: DeviceScope = DeviceScope.FULL) -> Client:
    """Makes this client the bound phone of a world's patient."""
    with tenant(world.clinic.pk):
        device = Device.objects.create(clinic=world.clinic, patient=world.patient, bound_at=HOUR_ZERO, scope=scope)
    session = client.session
    session[DEVICE], session[CLINIC] = str(device.pk), str(world.clinic.pk)
    session.save()
    return client


class StaffClient(Client):
    """A browser in which this staff member is signed in."""

    member: StaffMember


@pytest.fixture
def staff(world: World) -> Callable[..., StaffClient]:
    """staff(Role.NURSE) is signed in at the world's clinic; staff(Role.NURSE, at=other_world) at another."""

    def sign_in(role: Role = Role.NURSE, *, at: World = world) -> StaffClient:
        browser = StaffClient()
        browser.member = make_staff(at.clinic, role)
        browser.force_login(browser.member.user)
        return browser

    return sign_in


@dataclass(frozen=True)
class Standin:
    """The text provider's stand-in: where it listens, and what arrived there."""

    base_url: str
    inbox: Inbox


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing: an address holds a secret."""


class _Threads(ThreadingMixIn, WSGIServer):
    """A browser opens several connections at once."""

    daemon_threads = True


@pytest.fixture
def server(committed: None) -> Iterator[str]:
    """The whole app on loopback, for what is no test client. It sees what is committed."""
    web = wsgi_server(
        "127.0.0.1", 0, StaticFilesHandler(get_wsgi_application()), server_class=_Threads, handler_class=_Silent
    )
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://localhost:{web.server_port}"
    web.shutdown()
    web.server_close()
    thread.join()


@pytest.fixture
def has_provider(settings: Settings) -> None:
    """A provider for text messages is set; nothing leaves for it."""
    settings.SMS_BASE_URL = "http://127.0.0.1:9"


@pytest.fixture
def standin(settings: Settings) -> Iterator[Standin]:
    """A provider for text messages, on loopback, to which the settings point."""
    server, inbox = make_server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    found = Standin(f"http://127.0.0.1:{server.server_port}", inbox)
    settings.SMS_BASE_URL = found.base_url
    settings.SMS_ACCOUNT_SID, settings.SMS_AUTH_TOKEN, settings.SMS_FROM = "AC0", "standin", "+15550100100"
    settings.VOICE_FROM = "+15550100101"
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole app as `make run` starts it: web, worker, beat, stand-in and the demo. One for the session."""
    running = Stack(tmp_path_factory.mktemp("stack") / "data")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium. Tests sign in through pages: it sees the running stack, not a test's transaction."""
    # Playwright's loop runs on this thread, and Django would take every query of any later test for one inside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    os.environ.update(chosen_browser())
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=os.environ["CHROMIUM"], args=browser_flags())
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A phone, 390 by 844, with a touch screen. Closed with everything it kept."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, device_scale_factor=2, is_mobile=True, has_touch=True
    )
    yield context.new_page()
    context.close()
