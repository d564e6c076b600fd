"""What changes protocols, treatments and the small steps of a day."""

from timeline.queries.set_up_parts import TONIGHT_RECORDED
from timeline.services.agreeing import agree, take_back
from timeline.services.at_clinic import UNTIL_THE_DOOR, add_vital_signs, set_ready
from timeline.services.clock import set_clock
from timeline.services.reminders import remind_set_up
from timeline.services.set_up import ask_part_anew, finish_part, open_part, tick_home
from timeline.services.steps import answer_step, undo_answer
from timeline.services.tonight import TONIGHT_WHILE, record_tonight
from timeline.services.treatments import (
    GIVEN_RECORDED,
    GIVEN_WHILE,
    PLAN_CHANGED,
    AssessmentMissing,
    GivenMeanwhile,
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
    record_given,
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
    "GIVEN_RECORDED",
    "GIVEN_WHILE",
    "MAY_PUBLISH",
    "MAY_SIGN",
    "PLAN_CHANGED",
    "TONIGHT_RECORDED",
    "TONIGHT_WHILE",
    "UNTIL_THE_DOOR",
    "AssessmentMissing",
    "GivenMeanwhile",
    "NotAllowed",
    "TimeNotPossible",
    "TreatmentOpen",
    "VersionNotUsable",
    "add_vital_signs",
    "agree",
    "answer_step",
    "ask_part_anew",
    "cancel_treatment",
    "close_finished",
    "correct_hour_zero",
    "discharge_treatment",
    "draft_version",
    "end_badly",
    "end_treatment",
    "finish_part",
    "moved_already",
    "open_part",
    "plan_treatment",
    "publish_version",
    "record_given",
    "record_tonight",
    "remind_set_up",
    "retire_version",
    "set_clock",
    "set_ready",
    "sign_version",
    "start_treatment",
    "take_back",
    "tick_home",
    "undo_answer",
]
