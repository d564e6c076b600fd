"""What somebody means who texts us: stop, start, help, or words for a person. No Django."""

from __future__ import annotations

from prompts.states import ReplyKind

# Any clear word will do: somebody who says stop in their own way is heard as well (docs/clinical.md, 7).
_STOPS = frozenset(
    {
        *(
            "stop",
            "stopall",
            "unsubscribe",
            "cancel",
            "end",
            "quit",
            "revoke",
            "revokeall",
            "optout",
            "stopit",
            "arret",
        ),
        *("alto", "parar", "pare", "basta", "cancelar", "detener", "fin", "baja", "nomas", "nomás"),
    }
)
_STARTS = frozenset({"start", "unstop", "yes", "resume", "empezar", "iniciar"})
_HELPS = frozenset({"help", "info", "ayuda"})


def read_reply(text: str) -> ReplyKind:
    """What these words ask for, whatever the case and the punctuation. STOP comes before all else."""
    letters = _letters(text)
    first = _letters((text.split() or [""])[0])
    if letters in _STOPS or first in {"stop", "unsubscribe"}:
        return ReplyKind.STOP
    if letters in _STARTS:
        return ReplyKind.START
    return ReplyKind.HELP if letters in _HELPS else ReplyKind.OTHER


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalpha())
