"""The few facts about a person and a visit that change what is advised, in words for the staff who note them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from timeline.document import GivenFlag, HistoryFlag

Told = Literal["yes", "no", "not_sure"]


@dataclass(frozen=True, slots=True)
class Flag:
    """What staff tick: its name, and a line that says who or what counts."""

    label: str
    help: str


HISTORY_FLAGS: Mapping[HistoryFlag, Flag] = {
    "blood_thinner": Flag("Takes a blood thinner", "Such as warfarin, apixaban or clopidogrel."),
    "high_blood_pressure": Flag("High blood pressure", "Known, or treated with medicine."),
    "limits_salt": Flag("Limits salt or fluids", "Because a doctor said so."),
    "heart_or_kidney": Flag("Heart or kidney disease", "Such as heart failure or weak kidneys."),
    "pregnant": Flag("Pregnant, or may be", "Ask anew at each visit."),
    "diabetes": Flag("Diabetes", "Any kind."),
    "psychosis_or_bipolar": Flag("Psychosis or bipolar disorder", "Now, or at any time before."),
}


@dataclass(frozen=True, slots=True)
class Question:
    """How a patient is asked for one flag: in plain words, with a line that says what counts, and a name for errors."""

    label: str
    help: str
    short: str


# What a patient may answer, and how staff read it.
TOLD: Mapping[Told, str] = {"yes": "Yes", "no": "No", "not_sure": "Not sure"}
HISTORY_QUESTIONS: Mapping[HistoryFlag, Question] = {
    "blood_thinner": Question("Do you take a blood thinner?", "Such as warfarin, Eliquis or Plavix.", "Blood thinner"),
    "high_blood_pressure": Question(
        "Do you have high blood pressure?", "Say yes if pills keep it down.", "Blood pressure"
    ),
    "limits_salt": Question("Did a doctor tell you to limit salt or drinks?", "Less salt, or less to drink.", "Salt"),
    "heart_or_kidney": Question("Is your heart weak, or are your kidneys?", "Or did a doctor ever say so?", "Heart"),
    "pregnant": Question("Are you pregnant?", "Say not sure if you might be.", "Pregnant"),
    "diabetes": Question("Do you have diabetes?", "Any kind.", "Diabetes"),
    "psychosis_or_bipolar": Question(
        "Did you ever have psychosis or bipolar disorder?", "Now, or at any time before.", "Psychosis or bipolar"
    ),
}
GIVEN_FLAGS: Mapping[GivenFlag, Flag] = {
    "anti_nausea": Flag("Anti-sickness medicine", "Such as ondansetron, before or during the treatment."),
    "pain_reliever": Flag("Pain reliever", "Such as acetaminophen or ibuprofen."),
    "calming": Flag("Calming medicine", "Such as a benzodiazepine."),
}


def told_flags(told: Mapping[str, str], answer: Told) -> tuple[HistoryFlag, ...]:
    """The flags that a patient answered this way, in the order in which they are asked."""
    return tuple(flag for flag in HISTORY_QUESTIONS if told.get(flag) == answer)


def may_hold(told: Mapping[str, str]) -> tuple[HistoryFlag, ...]:
    """What a patient said yes to, or was not sure of."""
    return (*told_flags(told, "yes"), *told_flags(told, "not_sure"))


class KnownFacts(NamedTuple):
    """The flags that hold; None where nobody has said yet."""

    history: frozenset[HistoryFlag] | None
    given: frozenset[GivenFlag] | None


def known_facts(history: Collection[str] | None, given: Collection[str] | None) -> KnownFacts:
    """What the rows say (lists of flags, or None). A flag of an older version that nobody knows any more is left out."""
    return KnownFacts(
        history=None if history is None else frozenset(flag for flag in HISTORY_FLAGS if flag in history),
        given=None if given is None else frozenset(flag for flag in GIVEN_FLAGS if flag in given),
    )


def history_labels(flags: Iterable[str]) -> tuple[str, ...]:
    """The names of these flags, in the order in which staff are asked."""
    held = set(flags)
    return tuple(flag.label for key, flag in HISTORY_FLAGS.items() if key in held)


def given_labels(flags: Iterable[str]) -> tuple[str, ...]:
    """The names of what was given, in the order in which staff are asked."""
    held = set(flags)
    return tuple(flag.label for key, flag in GIVEN_FLAGS.items() if key in held)
