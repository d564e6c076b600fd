"""What a patient types and taps: the small steps of a day, and the set-up before a visit."""

from timeline.forms.before import HomeForm
from timeline.forms.set_up import (
    AboutYouForm,
    AgreeForm,
    CameForm,
    ClockForm,
    NightForm,
    ReachForm,
    night_on_record,
)
from timeline.forms.steps import UNDO, StepForm

__all__ = [
    "UNDO",
    "AboutYouForm",
    "AgreeForm",
    "CameForm",
    "ClockForm",
    "HomeForm",
    "NightForm",
    "ReachForm",
    "StepForm",
    "night_on_record",
]
