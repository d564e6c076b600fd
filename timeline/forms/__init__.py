"""What a patient types and taps: the small steps of a day, and the set-up before a visit."""

from timeline.forms.before import HomeForm
from timeline.forms.steps import UNDO, StepForm

__all__ = ["UNDO", "HomeForm", "StepForm"]
