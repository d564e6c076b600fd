"""Any answers at all, for the properties: those of the pack, numbers, and nonsense."""

from __future__ import annotations

from hypothesis import strategies as st

from checkin.answers import SCALE
from checkin.conditions import Context
from timeline.packs import read_triage
from timeline.triage_document import QuestionRule

RULES = read_triage()
FLAGS = (
    "blood_thinner",
    "high_blood_pressure",
    "limits_salt",
    "heart_or_kidney",
    "pregnant",
    "diabetes",
    "psychosis_or_bipolar",
)
READINGS = st.tuples(st.integers(50, 300), st.integers(20, 200)).map(lambda reading: f"{reading[0]}/{reading[1]}")
NONSENSE = st.sampled_from(["", "yes", "11", "-1", "999/999", "a/b", "{emergency}", "😀", "1e3", " 7"])


def answer_of(question: QuestionRule) -> st.SearchStrategy[str]:
    tiles = st.sampled_from([tile.key for tile in question.tiles])
    if question.kind == "scale":
        return tiles | st.sampled_from(SCALE)
    return tiles | READINGS if question.kind == "blood_pressure" else tiles


KNOWN = st.fixed_dictionaries({}, optional={each.key: answer_of(each) for each in RULES.questions})
ANY = st.fixed_dictionaries({}, optional={each.key: answer_of(each) | NONSENSE for each in RULES.questions})
HOURS = st.none() | st.floats(0, 48)
CONTEXTS = st.builds(
    Context,
    route=st.sampled_from(["iv", "im", "spravato"]),
    hours=HOURS,
    is_next_day=st.booleans(),
    answered_by=st.sampled_from(["patient", "escort", "staff"]),
    has_cuff=st.booleans(),
    asks_directly=st.booleans(),
    flags=st.frozensets(st.sampled_from(FLAGS)),
    is_alone_tonight=st.booleans(),
    discharge=st.none() | st.tuples(st.integers(80, 180), st.integers(40, 110)),
    earlier=KNOWN,
    moment=st.sampled_from(["now", "home", "bedtime", "morning", "scheduled"]),
)
