"""What somebody means who texts us: stop, start, help, or words for a person. No Django."""

from __future__ import annotations

import re
import unicodedata

from prompts.states import ReplyKind

# One STOP that means every way, not texts alone.
_STOPS_ALL = frozenset(
    {
        *("stopall", "revokeall", "revokeallconsent", "revokeallconsents", "stopeverything", "unsubscribeall"),
        *("parartodo", "revocartodo", "cancelartodo", "detenertodo"),
    }
)
# Any clear word will do: somebody who says stop in their own way is heard as well (docs/clinical.md, 21).
_STOPS = _STOPS_ALL | {
    *(
        "stop",
        "unsubscribe",
        "cancel",
        "end",
        "quit",
        "revoke",
        "revokeconsent",
        "optout",
        "stopit",
        "stoptexts",
        "arret",
    ),
    *("alto", "parar", "pare", "basta", "cancelar", "detener", "fin", "baja", "nomas"),
}
_STARTS = frozenset({"start", "unstop", "yes", "resume", "empezar", "iniciar"})
_HELPS = frozenset({"help", "info", "ayuda"})

# Words of somebody who may be in danger, each whole, in any text. A draft that nobody has signed (docs/clinical.md, 21): it
# only ever makes staff look sooner. What is not found here still reaches them on the same day.
_DANGER = (
    *("help me", "need help", "please help", "emergency", "ambulance", "911", "988", "in danger", "not safe", "unsafe"),
    *("die", "dying", "death", "kill", "killing", "suicide", "suicidal", "hurt myself", "hurting myself"),
    *("harm myself", "end it all", "end my life", "take my life", "want to live", "self harm", "overdose", "overdosed"),
    *("cut myself", "cant go on", "better off without me", "goodbye forever"),
    *("cant breathe", "not breathing", "trouble breathing", "short of breath", "choking", "chest pain", "stroke"),
    *("heart attack", "seizure", "seizures", "unconscious", "passed out", "fainted", "collapsed", "wont wake"),
    *("not waking", "cant wake", "bleeding", "blue lips", "hearing voices", "hurting me", "cant move"),
    # The same in Spanish, without accents.
    *("ayudame", "auxilio", "socorro", "emergencia", "ambulancia", "peligro", "morir", "morirme", "muero", "muerto"),
    *("matarme", "suicidio", "suicidarme", "hacerme dano", "quitarme la vida", "no quiero vivir", "sobredosis"),
    *("no puedo respirar", "no respira", "dolor de pecho", "convulsion", "convulsiones", "inconsciente", "desmayo"),
    *("no despierta", "sangrando"),
)
_IN_DANGER = re.compile(rf"\b(?:{'|'.join(map(re.escape, _DANGER))})\b")


def read_reply(text: str) -> ReplyKind:
    """What these words ask for, whatever the case and the punctuation. STOP comes before all else."""
    words = _plain(text).split()
    joined = "".join(words)
    if joined in _STOPS or (words and words[0] in {"stop", "unsubscribe"}):
        return ReplyKind.STOP
    if joined in _STARTS:
        return ReplyKind.START
    return ReplyKind.HELP if joined in _HELPS else ReplyKind.OTHER


def stops_all(text: str) -> bool:
    """Whether a STOP is meant for every way: "revoke all", "stop all"."""
    return "".join(_plain(text).split()) in _STOPS_ALL


def means_danger(text: str) -> bool:
    """Whether words may be those of somebody in danger. It finds too much rather than too little, and never lowers a level."""
    return bool(_IN_DANGER.search(_plain(text)))


def _plain(text: str) -> str:
    """Small letters and digits without accents, a space between words: both ways to write "can't" are "cant"."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(char for char in letters if unicodedata.category(char) not in {"Mn", "Cf", "Cc"} or char.isspace())
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"['’‘`´]", "", kept)))
