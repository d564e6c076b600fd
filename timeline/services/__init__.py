"""What changes protocols, treatments and the small steps of a day."""

from timeline.services.steps import answer_step, undo_answer
from timeline.services.treatments import (
    TimeNotPossible,
    TreatmentOpen,
    cancel_treatment,
    close_finished,
    correct_hour_zero,
    discharge_treatment,
    end_badly,
    end_treatment,
    moved_already,
    plan_treatment,
    start_treatment,
)
from timeline.services.versions import (
    MAY_PUBLISH,
    MAY_SIGN,
    NotAllowed,
    VersionNotUsable,
    draft_version,
    publish_version,
    retire_version,
    sign_version,
)

__all__ = [
    "MAY_PUBLISH",
    "MAY_SIGN",
    "NotAllowed",
    "TimeNotPossible",
    "TreatmentOpen",
    "VersionNotUsable",
    "answer_step",
    "cancel_treatment",
    "close_finished",
    "correct_hour_zero",
    "discharge_treatment",
    "draft_version",
    "end_badly",
    "end_treatment",
    "moved_already",
    "plan_treatment",
    "publish_version",
    "retire_version",
    "sign_version",
    "start_treatment",
    "undo_answer",
]
