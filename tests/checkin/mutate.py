"""Changes the rules one place at a time, and sees whether a test notices: `python -m tests.checkin.mutate`.

Each change is made in a copy of the package, in a fork of its own: the golden set first, then the tests of conditions,
flow and triage. What nothing notices is printed, one line each; EXPLAINED says which of them nobody could notice. Ends
with 1 when one is left without an explanation. A few minutes on two cores.
"""

from __future__ import annotations

import ast
import copy
import importlib
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from timeline.packs import read_triage

ROOT = Path(__file__).parents[2]
MODULES = ("triage.py", "conditions.py", "path.py", "flow.py")
TESTS = ("test_conditions.py", "test_flow.py", "test_triage.py")
LONGEST_SECONDS, AT_ONCE = 90, 2
# The line of a module and what was done to it, and why that is the same to everybody.
NO_NUMBER = "neither is a number"
EXPLAINED: dict[tuple[str, str, str], str] = {
    ("triage.py", 'also: str = ""', "'' changed"): "neither is crisis or poison",
    (
        "triage.py",
        'context = Context(route="iv", hours=None)',
        "'iv' changed",
    ): "a rule that asks for a route asks for hours",
    ("conditions.py", 'reading = reading_of(answers.get(question, ""))', "'' changed"): NO_NUMBER,
    ("conditions.py", 'return number_of(answers.get(question, ""))', "'' changed"): NO_NUMBER,
    (
        "conditions.py",
        'return None if reading is None else _part(part, reading, reading_of(answers.get(SITTING, "")), context)',
        "'' changed",
    ): NO_NUMBER,
}

FLIPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.Div: ast.Mult,
}
SWAPS = {"all": "any", "any": "all", "max": "min", "min": "max"}
Change = Callable[[ast.AST], None]


@dataclass(frozen=True, slots=True)
class Mutant:
    module: str
    line: str
    what: str
    source: str


def mutants(module: str) -> Iterator[Mutant]:
    source = (ROOT / "checkin" / module).read_text("utf-8")
    tree = ast.parse(source)
    lines = source.splitlines()
    skipped = _skipped(tree)
    for at, node in enumerate(ast.walk(tree)):
        if id(node) in skipped:
            continue
        for what, change in _changes(node):
            changed = copy.deepcopy(tree)
            change(next(each for number, each in enumerate(ast.walk(changed)) if number == at))
            line = lines[getattr(node, "lineno", 1) - 1].strip()
            yield Mutant(module, line, what, ast.unparse(ast.fix_missing_locations(changed)))


def _skipped(tree: ast.Module) -> set[int]:
    """Docstrings, types, imports and __all__: they decide nothing."""
    skipped: set[int] = set()
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = []
        if isinstance(node, ast.arg | ast.AnnAssign):
            parts.append(node.annotation)
        if isinstance(node, ast.FunctionDef):
            parts.append(node.returns)
        if isinstance(node, ast.ClassDef):
            parts.extend(node.decorator_list)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            parts.append(node)
        if isinstance(node, ast.Import | ast.ImportFrom) or "__all__" in _target(node) or "Literal[" in _value(node):
            parts.append(node)
        skipped.update(id(inside) for part in parts if part is not None for inside in ast.walk(part))
    return skipped


def _target(node: ast.AST) -> str:
    return ast.unparse(node.targets[0]) if isinstance(node, ast.Assign) else ""


def _value(node: ast.AST) -> str:
    return ast.unparse(node.value) if isinstance(node, ast.Assign) else ""


def _changes(node: ast.AST) -> Iterator[tuple[str, Change]]:
    if isinstance(node, ast.Compare):
        yield _flip("ops", 0, node.ops[0])
    elif isinstance(node, ast.BoolOp | ast.BinOp) and type(node.op) in FLIPS:
        yield _flip("op", None, node.op)
    elif isinstance(node, ast.IfExp | ast.If):
        yield "if always", _put("test", ast.Constant(True))
        yield "if never", _put("test", ast.Constant(False))
    elif isinstance(node, ast.comprehension) and node.ifs:
        yield "filter dropped", _put("ifs", [])
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SWAPS:
        yield f"{SWAPS[node.func.id]} for {node.func.id}", _put("func", ast.Name(SWAPS[node.func.id], ast.Load()))
    else:
        yield from _small_changes(node)


def _small_changes(node: ast.AST) -> Iterator[tuple[str, Change]]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not dropped", _not_dropped
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "minus dropped", _put("op", ast.UAdd())
    elif isinstance(node, ast.Constant):
        yield from _constants(node)
    elif isinstance(node, ast.FunctionDef):
        for at, statement in enumerate(node.body):
            if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
                yield f"dropped: {ast.unparse(statement).splitlines()[0]}", _drop(at)


def _constants(node: ast.Constant) -> Iterator[tuple[str, Change]]:
    if isinstance(node.value, bool):
        yield f"{not node.value}", _put("value", not node.value)
    elif isinstance(node.value, int | float):
        yield f"{node.value + 1} for {node.value}", _put("value", node.value + 1)
    elif isinstance(node.value, str):
        yield f"{node.value!r} changed", _put("value", f"{node.value}~")


def _flip(name: str, at: int | None, operator: ast.AST) -> tuple[str, Change]:
    other = FLIPS[type(operator)]()
    return f"{type(other).__name__} for {type(operator).__name__}", _put(name, other if at is None else [other])


def _put(name: str, value: object) -> Change:
    return lambda node: setattr(node, name, value)


def _not_dropped(node: ast.AST) -> None:
    """bool(x) for not x."""
    assert isinstance(node, ast.UnaryOp)
    twice = ast.UnaryOp(ast.Not(), node.operand)
    node.operand = twice


def _drop(at: int) -> Change:
    def change(node: ast.AST) -> None:
        assert isinstance(node, ast.FunctionDef)
        node.body[at] = ast.Pass()

    return change


def is_noticed(mutant: Mutant) -> bool:
    """Runs in a fork of its own, which has not imported the package yet. What hangs is noticed as well."""
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(LONGEST_SECONDS)
    with tempfile.TemporaryDirectory(prefix="mutant") as folder:
        shutil.copytree(ROOT / "checkin", Path(folder, "checkin"), ignore=shutil.ignore_patterns("__pycache__"))
        Path(folder, "checkin", mutant.module).write_text(mutant.source, "utf-8")
        sys.path.insert(0, folder)
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
            return _golden_differs() or _fails(folder)


def _too_long(*_: object) -> None:
    raise TimeoutError


def _golden_differs() -> bool:
    try:
        golden = importlib.import_module("checkin.golden")
        return bool(golden.main())
    except Exception:  # noqa: BLE001
        return True


def _fails(folder: str) -> bool:
    """The tests by table and by example: the properties take long, and find here what the others find."""
    quiet = ["-x", "-q", "-c", os.devnull, "--noconftest", "-p", "no:django", "-p", "no:cacheprovider"]
    tests = [str(ROOT / "tests/checkin" / name) for name in TESTS]
    return pytest.main([*quiet, "--rootdir", folder, "-m", "not hypothesis", *tests]) != 0


def main() -> int:
    began = time.monotonic()
    importlib.import_module("hypothesis")  # once, before the forks; so is the pack
    read_triage()
    found = [mutant for module in MODULES for mutant in mutants(module)]
    nothing = Mutant(MODULES[0], "", "nothing changed", (ROOT / "checkin" / MODULES[0]).read_text("utf-8"))
    with multiprocessing.get_context("fork").Pool(AT_ONCE, maxtasksperchild=1) as pool:
        if pool.apply(is_noticed, (nothing,)):
            print("The tests fail without any change: nothing can be told.")
            return 1
        told = [_told(*each) for each in zip(found, pool.imap(is_noticed, found), strict=True)]
    unexplained = told.count("NOT EXPLAINED")
    seconds = time.monotonic() - began
    survivors = len(told) - told.count("")
    print(f"{len(found)} changes, {survivors} not noticed, {unexplained} not explained, {seconds:.0f} s")
    return 1 if unexplained else 0


def _told(mutant: Mutant, was_noticed: bool) -> str:
    """Prints a survivor as soon as it is known; "" for one that was noticed."""
    if was_noticed:
        return ""
    why = EXPLAINED.get((mutant.module, mutant.line, mutant.what), "NOT EXPLAINED")
    print(f"{mutant.module}: {mutant.line}: {mutant.what}: {why}", flush=True)
    return why


if __name__ == "__main__":
    sys.exit(main())
