"""The states of a treatment and of a protocol version, and which may lead where."""

from __future__ import annotations

from enum import StrEnum


class TreatmentState(StrEnum):
    PLANNED = "planned"
    IN_TREATMENT = "in_treatment"
    RECOVERING = "recovering"
    DISCHARGED = "discharged"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    ENDED_BADLY = "ended_badly"


# state: the states that may lead there
TREATMENT_MOVES: dict[TreatmentState, frozenset[TreatmentState]] = {
    TreatmentState.IN_TREATMENT: frozenset({TreatmentState.PLANNED}),
    TreatmentState.RECOVERING: frozenset({TreatmentState.IN_TREATMENT}),
    TreatmentState.DISCHARGED: frozenset({TreatmentState.RECOVERING}),
    TreatmentState.CLOSED: frozenset(
        # also where the end was forgotten
        {
            TreatmentState.IN_TREATMENT,
            TreatmentState.RECOVERING,
            TreatmentState.DISCHARGED,
            TreatmentState.ENDED_BADLY,
        }
    ),
    TreatmentState.CANCELLED: frozenset({TreatmentState.PLANNED}),
    TreatmentState.ENDED_BADLY: frozenset(
        {TreatmentState.IN_TREATMENT, TreatmentState.RECOVERING, TreatmentState.DISCHARGED}
    ),
}

# From the start to the closing: a patient has at most one treatment in these at a time, and one planned beside it.
UNDER_WAY = (
    TreatmentState.IN_TREATMENT,
    TreatmentState.RECOVERING,
    TreatmentState.DISCHARGED,
    TreatmentState.ENDED_BADLY,
)
# While staff have the patient with them.
AT_CLINIC = (TreatmentState.IN_TREATMENT, TreatmentState.RECOVERING)


class VersionState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


VERSION_MOVES: dict[VersionState, frozenset[VersionState]] = {
    VersionState.PUBLISHED: frozenset({VersionState.DRAFT}),
    VersionState.RETIRED: frozenset({VersionState.PUBLISHED}),
}


class BadEnding(StrEnum):
    """Why a treatment ended badly. Cheerful prompts stop at once."""

    STOPPED_EARLY = "stopped_early"
    HOSPITAL = "hospital"
    AGAINST_ADVICE = "against_advice"


BAD_ENDINGS = {
    BadEnding.STOPPED_EARLY: "Stopped early",
    BadEnding.HOSPITAL: "Sent to hospital",
    BadEnding.AGAINST_ADVICE: "Left against advice",
}


class Answer(StrEnum):
    DONE = "done"
    NOT_NOW = "not_now"


class VitalMoment(StrEnum):
    """When a reading at the clinic was taken."""

    BEFORE = "before"
    AT_40 = "at_40"  # 40 minutes after hour 0 of SPRAVATO
    BETWEEN = "between"
    LEAVING = "leaving"
