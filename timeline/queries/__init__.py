"""What the patient's day page and the Learn pages show."""

from timeline.queries.before import BeforePage, HomePage, before_page, home_items, home_page
from timeline.queries.home_card import HomeCardPage, home_card_page, visit_file
from timeline.queries.learn import LearnCardPage, LearnPage, learn_card_page, learn_page
from timeline.queries.missing import missing_parts, needed_parts, with_set_up
from timeline.queries.moved import moved_words
from timeline.queries.pages import TodayPage
from timeline.queries.readings import (
    discharge_pressure,
    is_before_end_of_stay,
    last_reading,
    readings_of,
    shortest_stay,
    standing,
    stay_ends_at,
)
from timeline.queries.set_up import (
    PartPlace,
    PartRow,
    SetUpPage,
    address_after,
    done_parts,
    part_place,
    part_rows,
    set_up_page,
)
from timeline.queries.set_up_parts import agree_page, clock_page, night_page, plain_part, reach_page
from timeline.queries.today import today_page
from timeline.queries.visits import (
    current_treatment,
    icon_of_step,
    last_visit,
    needs_assessment,
    stage_of,
    step_keys,
    visit_to_set_up,
)

__all__ = [
    "BeforePage",
    "HomeCardPage",
    "HomePage",
    "LearnCardPage",
    "LearnPage",
    "PartPlace",
    "PartRow",
    "SetUpPage",
    "TodayPage",
    "address_after",
    "agree_page",
    "before_page",
    "clock_page",
    "current_treatment",
    "discharge_pressure",
    "done_parts",
    "home_card_page",
    "home_items",
    "home_page",
    "icon_of_step",
    "is_before_end_of_stay",
    "last_reading",
    "last_visit",
    "learn_card_page",
    "learn_page",
    "missing_parts",
    "moved_words",
    "needed_parts",
    "needs_assessment",
    "night_page",
    "part_place",
    "part_rows",
    "plain_part",
    "reach_page",
    "readings_of",
    "set_up_page",
    "shortest_stay",
    "stage_of",
    "standing",
    "stay_ends_at",
    "step_keys",
    "today_page",
    "visit_file",
    "visit_to_set_up",
    "with_set_up",
]
