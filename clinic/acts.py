"""What may be done with a visit or a protocol version, by its state and by the role of who looks at it."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.states import Role
from clinic.roles import BOOKS, EDITS_PROTOCOLS, SIGNS, TREATS
from timeline.states import AT_CLINIC, TREATMENT_MOVES, TreatmentState, VersionState


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to do, after a page that asks. `name` is its URL's; `is_next`: the visit waits for it."""

    name: str
    label: str
    icon: str
    roles: frozenset[Role]
    states: frozenset[TreatmentState] | frozenset[VersionState]
    is_next: bool = False

    @property
    def url(self) -> str:
        return f"clinic:{self.name}"


# Hour 0 can be moved while the 24 hours run.
CORRECTABLE = frozenset({TreatmentState.IN_TREATMENT, TreatmentState.RECOVERING, TreatmentState.DISCHARGED})

START = Act(
    "start_treatment", "Start the visit", "arrow-right", TREATS,
    TREATMENT_MOVES[TreatmentState.IN_TREATMENT], is_next=True,
)  # fmt: skip
# The page on which a visit is looked after, from the first reading until the door; from the start on it is what comes next.
CARE = Act(
    "care", "At the clinic", "clipboard-check", TREATS, frozenset({TreatmentState.PLANNED, *AT_CLINIC}), is_next=True
)
END = Act("end_treatment", "End the treatment", "circle-check", TREATS, TREATMENT_MOVES[TreatmentState.RECOVERING])
DISCHARGE = Act(
    "discharge_treatment", "The patient has left", "footprints", TREATS, TREATMENT_MOVES[TreatmentState.DISCHARGED]
)
CORRECT = Act("correct_treatment", "Correct hour 0", "pencil", TREATS, CORRECTABLE)
END_BADLY = Act(
    "end_treatment_badly", "It ended badly", "triangle-alert", TREATS, TREATMENT_MOVES[TreatmentState.ENDED_BADLY]
)
INVITE = Act("invite_treatment", "Invite", "send", BOOKS, frozenset({TreatmentState.PLANNED}))
CANCEL = Act("cancel_treatment", "Cancel the visit", "x", BOOKS, TREATMENT_MOVES[TreatmentState.CANCELLED])

SIGN = Act("sign_version", "Sign this version", "pencil", SIGNS, frozenset({VersionState.DRAFT}), is_next=True)
PUBLISH = Act(
    "publish_version", "Put it in use", "send", EDITS_PROTOCOLS, frozenset({VersionState.DRAFT}), is_next=True
)
RETIRE = Act("retire_version", "Take it out of use", "x", EDITS_PROTOCOLS, frozenset({VersionState.PUBLISHED}))


def visit_acts(state: str, *, has_hour_zero: bool, role: str) -> tuple[Act, ...]:
    """What this role may do with a visit in this state, what comes next first."""
    acts = (START, CARE, END, DISCHARGE, INVITE, CORRECT, END_BADLY, CANCEL)
    return tuple(
        act for act in acts if state in act.states and role in act.roles and (has_hour_zero or act is not CORRECT)
    )


def version_acts(state: str, *, is_signed: bool, needs_signature: bool, role: str) -> tuple[Act, ...]:
    """What this role may do with a protocol version. A signed one can't be signed twice; a real clinic signs first."""
    closed = {SIGN} if is_signed else {PUBLISH} if needs_signature else set()
    return tuple(
        act for act in (SIGN, PUBLISH, RETIRE) if state in act.states and role in act.roles and act not in closed
    )
