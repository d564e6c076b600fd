"""The words that may not stand where a stranger could read them, in every language of ours. No Django.

Stored protocol documents are held to these lists whenever they are read: before a word is added, look what is stored.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

# On a lock screen, in a text, a title or an address: nothing that tells of the treatment, the illness or the state of
# a person (docs/clinical.md, 4).
NOTICE_WORDS = frozenset(
    {
        *("ketamine", "esketamine", "spravato", "infusion", "injection", "dose", "drug", "drip", "spray", "medicine"),
        *("treatment", "therapy", "psychiatry", "psychiatric", "clinic", "patient", "diagnosis", "symptom", "symptoms"),
        *("depression", "depressed", "anxiety", "anxious", "ptsd", "suicide", "suicidal", "self-harm", "988"),
        *("mood", "mental", "health", "journal", "nausea", "dizzy", "headache", "panic", "score", "escort"),
        # The same in Spanish.
        *("ketamina", "esketamina", "infusión", "inyección", "dosis", "droga", "fármaco", "gotero", "suero", "aerosol"),
        *(
            "medicina",
            "medicamento",
            "tratamiento",
            "terapia",
            "psiquiatría",
            "psiquiátrico",
            "psiquiátrica",
            "clínica",
        ),
        *("paciente", "diagnóstico", "síntoma", "síntomas", "depresión", "ansiedad", "suicidio", "suicida", "ánimo"),
        *("salud", "diario", "náusea", "náuseas", "mareo", "mareos", "jaqueca", "pánico", "puntaje", "acompañante"),
    }
)

# On a page of an escort or of the household: no drug, no way of giving it, no illness, nothing of answers or private
# writing (docs/clinical.md, 13). How somebody may feel does stand there: it is what the page is for.
ESCORT_WORDS = frozenset(
    {
        *(
            "ketamine",
            "esketamine",
            "spravato",
            "infusion",
            "infusions",
            "injection",
            "injections",
            "infused",
            "injected",
        ),
        *("dose", "doses", "dosing", "drug", "drugs", "drip", "spray", "nasal", "iv", "im", "intravenous", "device"),
        *("medicine", "medicines", "medication", "antidepressant", "treatment", "treatments", "therapy", "therapist"),
        *("psychiatry", "psychiatric", "psychiatrist", "psychedelic", "diagnosis", "diagnosed", "disorder", "illness"),
        *("depression", "depressed", "depressive", "anxiety", "ptsd", "bipolar", "psychosis", "psychotic", "trauma"),
        *("mental", "mood", "journal", "diary", "score", "scores", "questionnaire", "phq-9", "gad-7", "dissociation"),
        # The same in Spanish.
        *("ketamina", "esketamina", "infusión", "infusiones", "inyección", "inyecciones", "dosis", "droga", "drogas"),
        *("fármaco", "fármacos", "gotero", "suero", "aerosol", "espray", "dispositivo", "intravenosa", "intravenoso"),
        *("medicina", "medicinas", "medicamento", "medicamentos", "medicación", "antidepresivo", "antidepresivos"),
        *(
            "tratamiento",
            "tratamientos",
            "terapia",
            "terapias",
            "terapeuta",
            "psiquiatría",
            "psiquiátrico",
            "psiquiatra",
        ),
        *("psicodélico", "diagnóstico", "trastorno", "enfermedad", "depresión", "depresivo", "deprimido", "deprimida"),
        *(
            "ansiedad",
            "psicosis",
            "psicótico",
            "disociación",
            "ánimo",
            "diario",
            "puntaje",
            "puntuación",
            "cuestionario",
        ),
    }
)


def found_words(text: str, words: Collection[str]) -> list[str]:
    """Which of `words` stand in `text`, in the order of their first place. Whole words, whatever the case."""
    seen: dict[str, None] = {}
    for word in re.findall(r"[\w'-]+", text.casefold()):
        for part in (word, *word.split("-")):
            if part in words:
                seen.setdefault(part)
    return list(seen)


# What tells inside a longer word too. None stands in a name as people have them, "Medina" or "Sacramento".
_ROOTS = (
    *("ketam", "spravat", "infus", "inject", "inyecc", "psych", "psiq", "psicol", "psilo", "therap", "terap"),
    *("depres", "anxie", "anxio", "ansied", "ansios", "bipolar", "trauma", "suicid", "schizo", "esquizo"),
    *("medic", "clinic", "treatment", "tratamient", "patient", "diagno", "symptom", "sintom", "mentalh"),
    *("rehab", "detox", "addict", "adicc", "overdos", "sobredos", "opioid"),
)
# What people call what a drug does is a name too where more letters follow: Kholeka.
_TELLING = re.compile(rf"{'|'.join(_ROOTS)}|^kholes?$")


def telling_in_name(name: str) -> str:
    """The first word of a name that may not stand on a lock screen, "" where none does.

    Stricter than NOTICE_WORDS alone: of each word the letters count, without case, accents and whatever stands between.
    """
    if found := found_words(name, NOTICE_WORDS):
        return found[0]
    # A single letter belongs to what comes after it: "K hole".
    words = re.sub(r"(?<!\S)(\w)\s+", r"\1", name.casefold()).split()
    return next((word for word in words if _TELLING.search(_letters(word))), "")


def _letters(word: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", word) if char.isalpha())
