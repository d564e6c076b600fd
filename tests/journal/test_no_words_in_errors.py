"""What is raised, logged or reported of private words never holds one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from aftercare.processes import ROOT

JOURNAL = sorted((ROOT / "journal").rglob("*.py"))
RAISED = {"CanNotOpen", "JournalClosed", "KeyRingError"}
# They take a button press and nothing that is typed.
ONLY_PRESSED = {"close_shared", "end_share", "let_go", "lock", "remove", "urge"}


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for file in JOURNAL:
        if file.parent.name == "views":
            for node in ast.parse(file.read_text("utf-8")).body:
                if isinstance(node, ast.FunctionDef) and node.decorator_list:
                    yield f"{file.name}:{node.name}", node


def decorators(node: ast.FunctionDef) -> set[str]:
    return {ast.unparse(each).partition("(")[0] for each in node.decorator_list}


def test_every_view_that_takes_what_is_typed_keeps_it_out_of_error_reports() -> None:
    audiences = {"patient_page", "set_up_page", "open_words_page", "guest_page", "public_page"}
    views = [(name, node) for name, node in functions() if decorators(node) & audiences]
    wrong = [
        name
        for name, node in views
        if not decorators(node) & {"require_safe", "sensitive_post_parameters"} and node.name not in ONLY_PRESSED
    ]
    assert len(views) > 10
    assert wrong == []


def test_what_is_raised_says_fixed_words() -> None:
    wrong = []
    for file in JOURNAL:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in RAISED:
                wrong += [f"{file.name}:{node.lineno}" for each in node.args if not _is_fixed(each)]
    assert wrong == []


def _is_fixed(node: ast.expr) -> bool:
    """A constant, by value or by name; or a place in the ring."""
    if isinstance(node, ast.JoinedStr):
        return all(ast.unparse(each.value) == "place" for each in node.values if isinstance(each, ast.FormattedValue))
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id.isupper())
