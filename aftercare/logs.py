"""Log lines by an allow-list: what is not on it does not leave the process. Needs the standard library alone.

Our own loggers name an event in constant words and put facts beside it: log.info("Delivered", extra={"counts": …}).
Of everybody else's lines only the place is kept, and the class of what was raised: a message may hold a name or a number.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any
from uuid import UUID

# What one of our own lines may say beside its event: ids, counts, states, statuses and durations.
FACTS = frozenset(
    {
        *("clinic", "count", "counts", "entry", "error", "journal_key", "page", "prompts", "seconds", "staff", "state"),
        *("status", "treatment"),
    }
)
# Whose words are known to hold nothing of a person, and the plain words for them.
_KNOWN = {
    "%s: %s": "Answered with an error",
    "Bad request (Unable to parse request body): %s": "A form could not be read",
    "Forbidden (%s): %s": "A form came without its token",
    "Forbidden (Permission denied): %s": "Refused",
    "Gone: %s": "Answered with an error",
    "Method Not Allowed (%s): %s": "Method not allowed",
    "Task %(name)s[%(id)s] %(description)s: %(exc)s": "A task failed",
    "%s ready.": "The worker is ready",
    "Connected to %s": "Connected to the broker",
    "beat: Starting...": "The beat begins",
    "beat: Shutting down...": "The beat ends",
}
_SERVER = re.compile(
    r"(Starting granian|Spawning|Respawning|Stopping|Stopped|Killing|Shutting down|Granian shutdown|Unexpected exit"
    r"|Worker crash)[\w ():,!-]*"
)
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,63}")
_FRAMES, _CAUSES = 24, 4

# Whom the lines of this thread are about: a request, or the name and the id of a task.
asked_by: ContextVar[Any] = ContextVar("asked_by", default=None)

Facts = dict[str, Any]


class JsonLines(logging.Formatter):
    """One JSON object a line. `ours` are the first words of our own loggers' names."""

    def __init__(self, *, ours: Sequence[str] = ()) -> None:
        super().__init__()
        self._ours = frozenset(ours)

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(self.facts(record), ensure_ascii=True)

    def facts(self, record: logging.LogRecord) -> Facts:
        """What may be told of a record, most telling first."""
        is_ours = record.name.partition(".")[0] in self._ours
        found: Facts = {
            "time": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "event": str(record.msg) if is_ours else _known(record),
            "place": "" if is_ours else f"{record.module}:{record.lineno}",
            **_asked(record),
            **(_extra(record) if is_ours else {}),
            "errors": list(_errors(record.exc_info[1])) if record.exc_info else [],
        }
        return {name: value for name, value in found.items() if value not in ("", None, [])}


class ShortLines(JsonLines):
    """The same facts in one line for a person: what `make run` prints."""

    def format(self, record: logging.LogRecord) -> str:
        facts = self.facts(record)
        errors = [f"{error['kind']} at {' < '.join(error['at'])}" for error in facts.pop("errors", [])]
        head = (facts.pop("level"), facts.pop("logger"), facts.pop("event", "-"))
        facts.pop("time")
        return " ".join([*head, *(f"{name}={value}" for name, value in facts.items()), *errors])


def log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A sys.excepthook: a command that breaks leaves a line of the log, not its values on the console."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        logging.getLogger("aftercare.logs").critical("A command broke", exc_info=(kind, error, trace))


def _known(record: logging.LogRecord) -> str:
    template = str(record.msg)
    if record.name == "_granian":
        return template if _SERVER.fullmatch(template) else ""
    return _KNOWN.get(template.strip(), "")


def _asked(record: logging.LogRecord) -> Facts:
    """The request or the task that the line belongs to: its id, its route and its status; never its address."""
    asker = getattr(record, "request", None) or asked_by.get()
    if asker is None:
        return {}
    if isinstance(asker, tuple):
        return dict(zip(("task", "task_id"), map(str, asker), strict=True))
    match, status = getattr(asker, "resolver_match", None), getattr(record, "status_code", None)
    return {
        "request": getattr(asker, "log_id", ""),
        "route": f"/{match.route}" if match else "(no such page)",
        "status": status if isinstance(status, int) else None,
    }


def _extra(record: logging.LogRecord) -> Facts:
    told = {name: _plain(value) for name, value in vars(record).items() if name in FACTS}
    return {name: value for name, value in told.items() if value is not None}


def _plain(value: Any) -> Any:
    """A number, an id, one word of the code, or several of these; None for all else."""
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list | tuple):
        return [word for word in map(_plain, value) if word is not None]
    if isinstance(value, dict):
        return {key: number for key, number in value.items() if _plain(key) and isinstance(number, int)}
    return value if isinstance(value, str) and _WORD.fullmatch(value) else None


def _errors(error: BaseException | None) -> Iterator[Facts]:
    """The class of what was raised and where it passed, then of what it came from. Never its words."""
    for _ in range(_CAUSES):
        if error is None:
            return
        kind = type(error)
        yield {"kind": f"{kind.__module__}.{kind.__qualname__}", "at": _places(error.__traceback__)}
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _places(trace: TracebackType | None) -> list[str]:
    """Module and line of each frame, the innermost first."""
    found = []
    while trace:
        found.append(f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}")
        trace = trace.tb_next
    return found[::-1][:_FRAMES]
