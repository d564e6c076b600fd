"""What the patient's day page shows."""

from timeline.queries.pages import TodayPage
from timeline.queries.today import today_page
from timeline.queries.visits import current_treatment, stage_of, step_keys

__all__ = ["TodayPage", "current_treatment", "stage_of", "step_keys", "today_page"]
