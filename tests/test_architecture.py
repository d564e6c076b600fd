"""What the import contracts can't see: imports inside functions, clocks below the views, files without end, open doors."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from aftercare.processes import ROOT

APPS = ("aftercare", "accounts", "timeline", "prompts", "alerts", "checkin", "pickup", "journal", "clinic")
FILES = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)
LONGEST = 350
# Where the moment is read, once; everything below takes it as `at`.
MAY_READ_THE_CLOCK = {
    "views",
    "templatetags",  # of a page that is asked for
    "tasks",
    "management",
    "middleware",
    "context",
    "access",
    "demo_views",
    "delivery",
}
# Called by Django itself, which knows no moment.
CALLED_BY_DJANGO = {ROOT / "accounts" / "receivers.py"}
CLOCKS = {"timezone.now", "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "timezone.localdate"}
AUDIENCES = {"public", "patient", "escort", "guest", "staff", "demo"}
# Pages of django-allauth: they are the door itself, and know no audience.
DOORS = {"staff/login/", "staff/login/passkey/", "staff/login/second-step/", "staff/logout/", "staff/inactive/"}


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(path.read_text("utf-8"))))


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Each call of a method, with the last two words of its name, like timezone.now."""
    for node in nodes(path):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            yield f"{getattr(owner, 'attr', getattr(owner, 'id', ''))}.{node.func.attr}", node


def test_nothing_is_imported_inside_a_function() -> None:
    """But by AppConfig.ready: models exist only then."""
    found = {
        place(path, node)
        for path in FILES
        for function in nodes(path)
        if isinstance(function, ast.FunctionDef) and not (path.name == "apps.py" and function.name == "ready")
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert found == set()


def test_the_clock_is_read_only_where_a_request_a_task_or_a_command_begins() -> None:
    above = {path for path in FILES if MAY_READ_THE_CLOCK & {*path.relative_to(ROOT).parts, path.stem}}
    below = [path for path in FILES if path not in above | CALLED_BY_DJANGO]
    assert [place(path, node) for path in below for name, node in calls(path) if name in CLOCKS] == []


def test_no_task_waits_in_the_broker_for_its_time() -> None:
    """Rows are the queue: Redis may lose everything."""
    waits = [
        place(path, node)
        for path in FILES
        for _, node in calls(path)
        if {keyword.arg for keyword in node.keywords} & {"eta", "countdown"}
    ]
    assert waits == []


def test_no_file_is_without_end() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in FILES}
    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}


def views(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route, entry.callback
        else:
            yield from views(entry, route)


def test_every_address_says_who_may_open_it() -> None:
    silent = {route for route, view in views(get_resolver()) if getattr(view, "audience", None) not in AUDIENCES}
    assert silent == DOORS
