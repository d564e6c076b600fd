"""What staff may type, by table: no page and hardly a database."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from aftercare.fields import WordsField, zone_choices
from clinic.acts import visit_acts
from clinic.forms import LocalMomentField, next_quarter
from clinic.roles import EDITS_PROTOCOLS, SIGNS
from timeline.services import MAY_PUBLISH, MAY_SIGN
from timeline.states import TreatmentState


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Maya", "Maya"),
        ("  Maya   Ann ", "Maya Ann"),
        ("José", "José"),
        ("مايا", "مايا"),
        ("Maya 🌿", "Maya 🌿"),
        ("O’Neill-Šimić", "O’Neill-Šimić"),
        ("می‌خواهم", "می‌خواهم"),
    ],
)
def test_a_name_is_kept_as_it_is_written(typed: str, kept: str) -> None:
    assert WordsField(max_length=60).clean(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "a\0b",
        "Ma\u202eya",
        "Ma\u200bya",
        "\u200d",
        "Ma\x07ya",
        "Ma\u2066ya",
        "\ufeffMaya",
        "M\ue000",
        "x" * 61,
        "",
        "   ",
    ],
)
def test_a_name_holds_nothing_that_cannot_be_seen(typed: str) -> None:
    with pytest.raises(ValidationError):
        WordsField(max_length=60).clean(typed)


def moment(typed: str) -> object:
    field = LocalMomentField()
    field.zone = ZoneInfo("America/New_York")
    return field.clean(typed)


def test_a_time_is_read_on_the_clinics_clock() -> None:
    assert moment("2027-01-05T16:30") == datetime(2027, 1, 5, 21, 30, tzinfo=UTC)
    assert moment("2027-07-05 16:30") == datetime(2027, 7, 5, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "typed",
    [
        "2027-03-14T02:30",  # the clocks skip it
        "2027-13-01T10:00",
        "0001-01-01T00:00",
        "9999-12-31T23:59",
        "99999-01-01T00:00",
        "2027-01-05T16:30+05:00",
        "2027-01-05T16:30Z",
        "tomorrow",
        "٢٠٢٧-01-05T16:30",
        "2027-01-05T16:30\0",
        "9" * 5000,
        "[]",
        "-1",
        "",
    ],
)
def test_a_time_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        moment(typed)


@pytest.mark.parametrize(
    ("at", "expected"),
    [((16, 16, 1), (16, 30)), ((16, 30, 0), (16, 30)), ((16, 30, 1), (16, 45)), ((16, 59, 59), (17, 0))],
)
def test_a_visit_is_offered_at_the_next_quarter_of_an_hour(at: tuple[int, int, int], expected: tuple[int, int]) -> None:
    quarter = next_quarter(datetime(2026, 11, 24, *at, tzinfo=UTC))
    assert (quarter.hour, quarter.minute, quarter.second) == (*expected, 0)


def test_the_clinics_own_region_comes_first_among_the_time_zones() -> None:
    groups = zone_choices("Europe/Berlin")
    assert groups[0][0] == "Europe"
    assert ("Europe/Berlin", "Berlin") in groups[0][1]
    assert ("UTC", "UTC") in zone_choices("UTC")[0][1]


@pytest.mark.parametrize(
    ("state", "has_hour_zero", "nurse", "front_desk"),
    [
        (
            TreatmentState.PLANNED,
            False,
            {"start_treatment", "care", "invite_treatment", "cancel_treatment"},
            {"invite_treatment", "cancel_treatment"},
        ),
        (TreatmentState.IN_TREATMENT, False, {"care", "end_treatment", "end_treatment_badly"}, set()),
        (
            TreatmentState.IN_TREATMENT,
            True,
            {"care", "end_treatment", "end_treatment_badly", "correct_treatment"},
            set(),
        ),
        (
            TreatmentState.RECOVERING,
            True,
            {"care", "discharge_treatment", "end_treatment_badly", "correct_treatment"},
            set(),
        ),
        (TreatmentState.DISCHARGED, True, {"end_treatment_badly", "correct_treatment"}, set()),
        (TreatmentState.ENDED_BADLY, True, set(), set()),
        (TreatmentState.CLOSED, True, set(), set()),
        (TreatmentState.CANCELLED, False, set(), set()),
    ],
)
def test_a_role_is_offered_what_the_visit_allows(
    state: TreatmentState, has_hour_zero: bool, nurse: set[str], front_desk: set[str]
) -> None:
    for role, expected in (("nurse", nurse), ("front_desk", front_desk)):
        assert {act.name for act in visit_acts(state, has_hour_zero=has_hour_zero, role=role)} == expected


def test_the_pages_and_the_services_agree_on_who_signs_and_publishes() -> None:
    assert (SIGNS, EDITS_PROTOCOLS) == (MAY_SIGN, MAY_PUBLISH)
