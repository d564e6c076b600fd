"""The exact words of each consent, with a version of its own. A change of words is a new version; no Django."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """What somebody says yes or no to. `{sender}` stands for the clinic's neutral name, `{patient}` for how a page names
    the patient."""

    version: str
    text: str


# By the kinds of accounts.states.ConsentKind. Reading grade 6 at most, 5 where an escort reads it.
WORDINGS: Mapping[str, Wording] = {
    "app": Wording(
        "2026-11-1",
        "I want to use this app for my visit, and for the day after it. My clinic can see my check-ins and what I say "
        "here. The app is not for emergencies. No one may see my answers right away. I can stop at any time.",
    ),
    "texts": Wording(
        "2026-11-3",
        "{sender} may text me. Some texts come on the day of a visit, and the next morning. More may come if I do not answer. "
        "One or more short notes may come before a visit. If I ask for it, one short note comes each day. "
        "A text never says why. My phone company may charge for it. I can reply STOP at any time. "
        "My care stays the same if I say no.",
    ),
    "emails": Wording(
        "2026-11-2",
        "{sender} may e-mail me. It does so when nothing else can reach me, or if I ask. "
        "If I ask for it, one short note comes each day. An e-mail never says why. I can stop them at any time. "
        "My care stays the same if I say no.",
    ),
    "push": Wording(
        "2026-11-2",
        "{sender} may show me short notes on this phone. Some come around a visit. "
        "If I ask for it, one short note comes each day. A note never says why. I can stop them at any time. "
        "My care stays the same if I say no.",
    ),
    "ask_stayer": Wording(
        "2026-11-1",
        "The clinic may ask the person who stays with me to look in. It does so only if I do not answer tonight.",
    ),
    "charts": Wording(
        "2026-11-1",
        "My clinic can see my log and my charts: mood, sleep and worry. It never sees my private notes. "
        "I can stop this at any time. My care stays the same if I say no.",
    ),
    "pickup": Wording(
        "2026-11-1",
        "I will help {patient} get home, or stay tonight. The clinic can see what I tick here.",
    ),
    "escort_texts": Wording(
        "2026-11-1",
        "{sender} may text me about this pickup: at most three texts. I can reply STOP at any time.",
    ),
    "escort_asked": Wording(
        "2026-11-1",
        "The clinic may text me and ask me to look in on {patient}. It does so only if {patient} does not answer tonight.",
    ),
}

# In other languages, for escorts alone: each with a version of its own. Drafts (docs/clinical.md, 18).
IN_OTHER_LANGUAGES: Mapping[str, Mapping[str, Wording]] = {
    "es": {
        "pickup": Wording(
            "2026-11-1-es",
            "Ayudaré a {patient} a llegar a casa, o me quedaré esta noche. La clínica puede ver lo que marco aquí.",
        ),
        "escort_texts": Wording(
            "2026-11-1-es",
            "{sender} puede enviarme mensajes sobre esta ayuda: tres como máximo. Puedo responder STOP cuando quiera.",
        ),
        "escort_asked": Wording(
            "2026-11-1-es",
            "La clínica puede pedirme por mensaje que vaya a ver a {patient}. Lo hace solo si {patient} no responde "
            "esta noche.",
        ),
    },
}


def wording_in(language: str, kind: str) -> Wording:
    """In this language, or in English where it has none."""
    return IN_OTHER_LANGUAGES.get(language, {}).get(kind) or WORDINGS[kind]
