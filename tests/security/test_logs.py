"""No line of any log holds what belongs to a person: no name, number, e-mail, PIN, code, token, address or value."""

from __future__ import annotations

import ast
import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client
from django.urls import path

from accounts.models import Patient
from accounts.services import offer_binding
from accounts.tokens import show_code
from aftercare import urls
from aftercare.celery import app as celery_app
from aftercare.logs import FACTS, JsonLines, ShortLines, asked_by
from aftercare.processes import ROOT
from aftercare.urls import handler400, handler403, handler404, handler500  # noqa: F401  Django looks for them here
from prompts.channels.sms import SmsChannel
from prompts.words import Message
from tests.clinic.pages import new_patient
from tests.conftest import StaffClient, Standin
from tests.world import HOUR_ZERO, World

SECRET = "Zk3vQ9secret"
CANARIES = {
    "first_name": "Canariella",
    "last_name": "Quetzalcoatl",
    "record_number": "CANARY-77-R",
    "phone": "+12125550163",
    "email": "canary@quetzal.example",
    "pin": "804213",
}


def stumble(request: HttpRequest, kind: str) -> HttpResponse:
    """Fails in one of the ways in which a value of a person gets into what is raised."""
    patient = Patient.objects.get(last_name=CANARIES["last_name"])
    if kind == "twice":
        patient.pk, patient._state.adding = None, True
        patient.save(force_insert=True)
    if kind == "statement":
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::int", [CANARIES["phone"]])
    if kind == "template":
        engines["django"].from_string("{% include name %}").render({"name": CANARIES["email"]})
    if kind == "warning":
        logging.getLogger("somebody.elses").warning("Sent to %s: %s", CANARIES["phone"], CANARIES["first_name"])
        logging.getLogger("somebody.elses").error(f"Sent to {CANARIES['phone']}", extra={"clinic": CANARIES["email"]})
    words = " ".join(CANARIES.values())
    try:
        raise ValueError(words)
    except ValueError as error:
        raise RuntimeError(words) from error


urlpatterns = [path("stumble/<str:kind>/", stumble), *urls.urlpatterns]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the console would show, as JSON, with every logger of ours at DEBUG and all others as they are set."""
    (console,) = (one for one in logging.getLogger().handlers if type(one) is logging.StreamHandler)
    written, formatter = io.StringIO(), console.formatter
    levels = {name: logging.getLogger(name).level for name in settings.OUR_APPS}
    before = console.setStream(written)
    console.setFormatter(JsonLines(ours=settings.OUR_APPS))
    for name in levels:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield written
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    console.setFormatter(formatter)
    console.setStream(before)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def assert_nothing_of_a_person(log: io.StringIO, *more: str) -> None:
    for word in (*CANARIES.values(), CANARIES["phone"][2:], SECRET, *more):
        assert word not in log.getvalue()


@pytest.fixture
def canary(world: World) -> World:
    Patient.objects.update(**{name: CANARIES[name] for name in ("first_name", "last_name", "record_number")})
    world.patient.refresh_from_db()
    return world


@pytest.mark.django_db
@pytest.mark.urls(__name__)
@pytest.mark.parametrize("kind", ["twice", "statement", "template", "warning", "plain"])
def test_what_a_page_stumbles_over_is_named_by_class_and_place(
    log: io.StringIO, canary: World, phone: Client, kind: str
) -> None:
    phone.raise_request_exception = False
    assert phone.get(f"/stumble/{kind}/?q={SECRET}").status_code == 500
    assert_nothing_of_a_person(log)
    told = next(line for line in lines(log) if line["logger"] == "django.request" and "errors" in line)
    assert told["route"] == "/stumble/<str:kind>/"
    assert told["status"] == 500
    assert any(place.startswith(f"{__name__}:") for place in told["errors"][0]["at"])


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_a_failed_statement_keeps_its_cause_but_not_its_detail(log: io.StringIO, canary: World, phone: Client) -> None:
    phone.raise_request_exception = False
    phone.get("/stumble/twice/")
    kinds = [error["kind"] for line in lines(log) for error in line.get("errors", [])]
    assert kinds == ["django.db.utils.IntegrityError", "psycopg.errors.UniqueViolation"]
    assert "DETAIL" not in log.getvalue()


@pytest.mark.django_db
def test_pages_forms_and_codes_leave_nothing_of_a_person(
    log: io.StringIO, canary: World, staff: Callable[..., StaffClient]
) -> None:
    binding = offer_binding(canary.patient, by=canary.nurse, at=HOUR_ZERO)
    browser, stranger = staff(), Client(raise_request_exception=False)
    browser.get(f"/staff/patients/?q={CANARIES['last_name']}")
    browser.get(f"/staff/patients/{CANARIES['last_name']}/")
    browser.post("/staff/patients/add/", new_patient(canary, **{k: v for k, v in CANARIES.items() if k != "pin"}))
    stranger.get(f"/b/{binding.secret}/")
    stranger.get(f"/b/{binding.secret}/x/?pin={CANARIES['pin']}")
    stranger.post("/code/", {"code": show_code(binding.code)})
    stranger.post("/bind/", {"pin": CANARIES["pin"], "again": "1"})
    stranger.post("/staff/login/", {"login": CANARIES["email"], "password": SECRET})
    stranger.get("/%00", {"q": CANARIES["first_name"]})
    stranger.get("/help/", HTTP_HOST=f"{SECRET}.example", HTTP_USER_AGENT=SECRET, HTTP_REFERER=f"http://x/{SECRET}")
    stranger.put(f"/{SECRET}/")
    Client(enforce_csrf_checks=True).post(f"/b/{SECRET}/?q={SECRET}", headers={"Origin": f"https://{SECRET}.example"})
    assert lines(log)
    assert_nothing_of_a_person(log, binding.secret, binding.code, show_code(binding.code))


@celery_app.task(name="tests.fail", shared=False)
def fail(name: str) -> None:
    raise ValueError(f"{name} {CANARIES['phone']}")


def test_a_task_that_failed_is_named_by_class_and_place(log: io.StringIO) -> None:
    fail.apply(args=(CANARIES["first_name"],), task_id="d0000000")
    (told,) = lines(log)
    assert (told["event"], told["task"], told["task_id"]) == ("A task failed", "tests.fail", "d0000000")
    assert told["errors"][0]["kind"] == "builtins.ValueError"
    assert_nothing_of_a_person(log)
    assert asked_by.get() is None


def test_a_provider_that_fails_leaves_nothing_of_a_person(log: io.StringIO, standin: Standin) -> None:
    standin.inbox.answers = [{"status": 400, "code": 21211}, {"status": 500}]
    message = Message(CANARIES["last_name"], CANARIES["first_name"], SECRET, (), f"https://x/{SECRET}")
    for base_url in (standin.base_url, standin.base_url, "http://127.0.0.1:9"):
        channel = SmsChannel(base_url=base_url, account="AC0", secret=SECRET, sender="+15550100100")
        channel.send(to=CANARIES["phone"], message=message)
        channel.close()
    assert_nothing_of_a_person(log)


@pytest.mark.django_db
@pytest.mark.parametrize("address", [f"/b/{SECRET}/x/", f"/no/such/{SECRET}/?q={SECRET}"])
def test_a_page_that_is_not_there_is_not_named(log: io.StringIO, address: str) -> None:
    assert Client().get(address).status_code == 404
    (told,) = lines(log)
    assert (told["event"], told["route"], told["status"]) == ("Answered with an error", "(no such page)", 404)
    assert_nothing_of_a_person(log)


@pytest.mark.django_db
def test_what_is_refused_is_named_by_its_route(log: io.StringIO) -> None:
    assert Client(enforce_csrf_checks=True).post(f"/b/{SECRET}/?q={SECRET}").status_code == 403
    assert Client().post(f"/b/{SECRET}/").status_code == 405
    assert {line["route"] for line in lines(log)} == {"/b/<str:secret>/"}
    assert_nothing_of_a_person(log)


@pytest.mark.django_db
def test_all_lines_of_one_request_share_its_id(log: io.StringIO) -> None:
    Client(enforce_csrf_checks=True).post("/code/")
    Client().get("/nowhere/")
    *first, last = [line["request"] for line in lines(log)]
    assert len(set(first)) == 1
    assert last not in first


def record(name: str, message: str, *args: object, **more: Any) -> logging.LogRecord:
    made = logging.LogRecord(name, logging.INFO, "x.py", 7, message, args, None)
    vars(made).update(more)
    return made


def test_only_facts_on_the_list_are_told_and_only_as_ids_counts_and_words_of_the_code() -> None:
    more = {
        "clinic": UUID(int=7),
        "count": 3,
        "counts": {"SENT": 2, "Maya Torres": 1, "x": "+12125550163"},
        "seconds": 0.5,
        "state": "window_over",
        "staff": "Dana Reyes",
        "page": "+12125550163",
        "patient_name": "Maya",
    }
    told = JsonLines(ours=["prompts"]).facts(record("prompts.tasks", "Delivered", **more))
    assert {name: told[name] for name in told.keys() & (FACTS | {"patient_name"})} == {
        "clinic": str(UUID(int=7)),
        "count": 3,
        "counts": {"SENT": 2},
        "seconds": 0.5,
        "state": "window_over",
    }


def test_of_everybody_elses_lines_only_the_place_is_kept() -> None:
    told = JsonLines(ours=["prompts"]).facts(record("httpx", "HTTP Request: %s", "POST /+12125550163", count=3))
    assert told.keys() == {"time", "level", "logger", "place"}
    assert told["place"] == "x:7"


def test_a_person_at_the_console_gets_one_short_line_with_the_same_facts() -> None:
    line = ShortLines(ours=["prompts"]).format(
        record("prompts.tasks", "Delivered", counts={"SENT": 2}, first_name="Maya")
    )
    assert line == "INFO prompts.tasks Delivered counts={'SENT': 2}"


def our_log_calls() -> Iterator[tuple[str, ast.Call]]:
    for app in settings.OUR_APPS:
        for file in sorted((ROOT / app).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                owner = node.func.value if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None
                if isinstance(node, ast.Call) and isinstance(owner, ast.Name) and owner.id in {"log", "logger"}:
                    yield f"{file.relative_to(ROOT)}:{node.lineno}", node


def test_our_own_lines_are_constant_words_with_facts_beside_them() -> None:
    wrong = []
    for place, call in our_log_calls():
        facts = next((keyword.value for keyword in call.keywords if keyword.arg == "extra"), ast.Dict([], []))
        names = (
            {key.value for key in facts.keys if isinstance(key, ast.Constant)} if isinstance(facts, ast.Dict) else {""}
        )
        if len(call.args) != 1 or not isinstance(call.args[0], ast.Constant) or not names <= FACTS:
            wrong.append(place)
    assert wrong == []


def test_nobody_is_mailed_what_was_asked() -> None:
    handlers = {
        type(handler).__name__
        for logger in (logging.getLogger(), *map(logging.getLogger, logging.root.manager.loggerDict))
        for handler in logger.handlers
    }
    assert "AdminEmailHandler" not in handlers


@pytest.mark.django_db
def test_a_database_error_in_a_command_is_told_by_class_alone(log: io.StringIO) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT %s::int", [CANARIES["phone"]])
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT %s::int", [CANARIES["phone"]])
    except DatabaseError:
        logging.getLogger("aftercare.logs").exception("A command broke")
    assert "django.db.utils.DataError" in log.getvalue()
    assert_nothing_of_a_person(log)
