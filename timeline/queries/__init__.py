"""What the patient's day page and the Learn pages show."""

from timeline.queries.learn import LearnCardPage, LearnPage, learn_card_page, learn_page
from timeline.queries.pages import TodayPage
from timeline.queries.readings import (
    discharge_pressure,
    last_reading,
    readings_of,
    shortest_stay,
    standing,
    stay_ends_at,
)
from timeline.queries.set_up import SetUpPage, set_up_page
from timeline.queries.today import today_page
from timeline.queries.visits import current_treatment, needs_assessment, stage_of, step_keys, visit_to_set_up

__all__ = [
    "LearnCardPage",
    "LearnPage",
    "SetUpPage",
    "TodayPage",
    "current_treatment",
    "discharge_pressure",
    "last_reading",
    "learn_card_page",
    "learn_page",
    "needs_assessment",
    "readings_of",
    "set_up_page",
    "shortest_stay",
    "stage_of",
    "standing",
    "stay_ends_at",
    "step_keys",
    "today_page",
    "visit_to_set_up",
]
