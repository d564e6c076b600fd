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
    *("stop", "unsubscribe", "cancel", "end", "quit", "revoke", "revokeconsent", "optout", "stopit", "stoptexts"),
    *("arret", "nomore", "removeme", "leavemealone", "leaveusalone"),
    *("alto", "parar", "pare", "paren", "basta", "cancelar", "detener", "fin", "baja", "nomas", "dejemeenpaz"),
}
_STARTS = frozenset({"start", "unstop", "yes", "resume", "empezar", "iniciar"})
_HELPS = frozenset({"help", "info", "ayuda"})

# A sentence that ends texts: polite words, "I want to" or "can you", a word that ends, and what is to end.
_POLITE = r"(?:(?:please|pls|plz|kindly|just|now|hi|hello|hey|ok|okay|thanks|thank you|por favor|gracias|ya) )*"
_ASKS = r"(?:(?:i|we|id|want|would|like|need|wish|to|can|could|will|you|please|quiero|puede|pueden) )*"
_ENDS = (
    r"(?:stop|quit|cancel|end|turn|unsubscribe|revoke|remove|opt(?: me)? out|optout|take me off|leave me alone|no more|enough"
    r"|never|no longer want|(?:dont|do not)(?: want)?|no mas|no quiero mas|no me|alto|basta|paren?|parar|cancelar|dejen? de) "
)
_TEXTS = r"(?:text|texts|texting|message|messages|messaging|msg|msgs|sms|textos?|mensajes?|escrib\w+|textear\w*)"
_BESIDE = (
    r"(?:me|us|my|number|phone|these|this|the|those|your|all|of|off|from|to|any|anymore|more|again|with|so|many|sending|send"
    r"|getting|get|receiving|contact|contacting|bothering|list|out|consent|service|subscription"
    r"|los|las|de|mas|enviar|enviarme|envien?|mandar|mandarme|manden?|please|pls|plz|now|thanks|thank|you|por|favor|gracias|ya)"
)
_ENDS_TEXTS = re.compile(rf"{_POLITE}{_ASKS}{_ENDS}(?:{_BESIDE} )*{_TEXTS} (?:(?:{_BESIDE}|{_TEXTS}) )*")
# Without a word for texts only words that can end nothing else.
_ENDS_ALONE = re.compile(
    rf"{_POLITE}(?:(?:stop|quit|cancel|end|unsubscribe|revoke|opt out|optout|no more|leave me alone|no mas|alto|basta|paren?) "
    rf"|{_ASKS}(?:stop|quit|dont|do not|never) (?=(?:sending|send|contact|contacting|bothering) )"
    rf"|{_ASKS}(?:unsubscribe|opt(?: me)? out|remove me|take me off) )(?:{_BESIDE} )*"
)
_POLITE_END = re.compile(r"(?: (?:please|pls|plz|now|thanks|thank you|por favor|gracias))+$")

# Words of somebody who may be in danger, in any text, after every "cannot", "isn't" and "won't" was made a "not". A draft that
# nobody has signed (docs/clinical.md, 21): it only ever makes staff look sooner. What is not found here still reaches them
# on the same day.
_NOTS = re.compile(
    r"\b(?:(?:(?:can|could|is|was|are|am|does|do|did|will|would|has|have) )?not|cannot|never"
    r"|(?:ca|could|is|was|are|does|do|did|wo|would|has|have|ai)nt)\b"
)
_BAD = r"(?:not|no|stop(?:s|ped|ping)?|quit|barely|hardly|trouble|difficulty|hard|struggl\w*|short\w*)"
_SELF = r"(?:my|him|her|them|your|it)sel\w*"
_DANGER = (
    *(r"help (?:me|us|her|him)", "(?:need|please) help", "emergency", "ambulance", "911", "988", "in danger", "unsafe"),
    *(r"not(?: \w+)? safe", r"die[sd]?", "dying", "death", "dead", r"kill(?:s|ed|ing)?", r"suicid\w*", r"unaliv\w*"),
    *(rf"(?:hurt|harm|cut|hang|shoot|drown|stab|burn|poison)\w* {_SELF}", r"self harm\w*", r"overdos\w*", "od"),
    *("end it (?:all|now)", r"end(?:ing)? my life", "to end it", "take my life", "want to live", "not go on"),
    *("(?:reason|nothing|point) (?:to|in) liv(?:e|ing)", "not want to (?:be here|be alive|exist|wake up)"),
    *("better off without me", "goodbye forever", r"not take (?:it|this) any ?(?:more|longer)"),
    *(r"(?:going to|gonna|want to|wanna|about to|will|ill|might) jump", r"jump(?:ing)? (?:off|from|out)"),
    *(
        r"took too (?:many|much)",
        r"(?:too many|too much|all|lots? of|bottle of|handful of)(?: \w+){0,2} (?:pill|tablet|med)\w*",
    ),
    # Air, heart and mind.
    rf"{_BAD}(?: \w+){{0,3}} breath\w*",
    *(
        r"out of breath",
        r"breathless\w*",
        r"breath\w*(?: \w+){0,2} (?:not|stopped|slow\w*|shallow|weird|strange|funny|bad)",
    ),
    *(r"chok\w*", r"chest(?: \w+){0,2} (?:pains?|hurts|tight\w*)", r"pain in(?: \w+)? chest", "stroke", "heart attack"),
    *(r"seizures?", "seizing", r"convuls\w*", r"unconscious\w*", r"pass(?:ed|ing|es)? out", r"black(?:ed|ing) out"),
    *(r"faint\w*", r"collaps\w*", r"not(?: \w+){0,2} (?:wak|woke|awak|rous)\w*", r"not(?: \w+){0,2} respon\w*"),
    *(r"unrespons\w*", r"not(?: able to)? mov\w*", r"not open", r"bleed\w*", "blue lips", r"lips(?: \w+)? blue"),
    *(r"turn(?:s|ed|ing)? blue", "no pulse", "hearing voices", r"(?:hurt|hitt?|beat)(?:s|ing)? me"),
    # The same in Spanish, without accents.
    *("ayudame", "ayudenme", "auxilio", "socorro", "emergencia", "ambulancia", "peligro", r"mori\w*", r"muer\w*"),
    *(
        r"matar\w*",
        r"hacer[ms]e dano",
        r"quitar[ms]e la vida",
        "no quiero vivir",
        "sobredosis",
        r"ahog\w*",
        "voy a saltar",
    ),
    *(r"no(?: \w+){0,2} (?:respir|despiert|respond)\w*", r"dolor(?: \w+){0,2} pecho", r"duele(?: \w+)? pecho"),
    *("inconsciente", r"desmay\w*", r"sangra\w*", r"(?:demasiadas|muchas|todas las) pastillas"),
)
_IN_DANGER = re.compile(rf"\b(?:{'|'.join(_DANGER)})\b")


def read_reply(text: str) -> ReplyKind:
    """What these words ask for, whatever the case and the punctuation. STOP comes before all else."""
    words = _plain(text)
    if _is_stop(words) or words.split(" ")[0] in {"stop", "unsubscribe"} or _ENDS_TEXTS.match(f"{words} "):
        return ReplyKind.STOP
    joined = words.replace(" ", "")
    if joined in _STARTS:
        return ReplyKind.START
    return ReplyKind.HELP if joined in _HELPS else ReplyKind.OTHER


def stops_all(text: str) -> bool:
    """Whether a STOP is meant for every way: "revoke all", "stop all"."""
    return _core(_plain(text)) in _STOPS_ALL


def says_more(text: str) -> bool:
    """Whether a STOP has words beside it, which are for a person to read."""
    return not _is_stop(_plain(text)) or means_danger(text)


def means_danger(text: str) -> bool:
    """Whether words may be those of somebody in danger. It finds too much rather than too little, and never lowers a level."""
    return bool(_IN_DANGER.search(_NOTS.sub("not", _plain(text))))


def _is_stop(words: str) -> bool:
    """Whether they ask for the end of texts, and for nothing besides."""
    return _core(words) in _STOPS or any(way.fullmatch(f"{words} ") for way in (_ENDS_TEXTS, _ENDS_ALONE))


def _core(words: str) -> str:
    """In one piece, without polite words around it."""
    polite = re.match(_POLITE, words)
    return _POLITE_END.sub("", words[polite.end() if polite else 0 :]).replace(" ", "")


def _plain(text: str) -> str:
    """Small letters and digits without accents, a space between words: both ways to write "can't" are "cant"."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(char for char in letters if unicodedata.category(char) not in {"Mn", "Cf", "Cc"} or char.isspace())
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"['’‘`´′ʼ]", "", kept)))
