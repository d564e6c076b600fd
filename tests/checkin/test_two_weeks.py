"""The two-week questions before a visit: may be left out, saved page by page, never lost; item 9 is help at once."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.models.signals import pre_save
from django.test import Client
from django.utils import timezone

from accounts.models import Country, StaffMember
from accounts.states import Role
from alerts.models import Alert, AlertNotice
from alerts.states import AlertState, Cause
from checkin.models import Questionnaire
from checkin.questionnaires import CREDIT, INSTRUMENTS
from tests.clinic.pages import title, words
from tests.world import World, acts
from timeline.levels import Level
from timeline.models import SetUpStep, Treatment
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db
INTRO, PHQ, GAD, SET_UP = "/set-up/two-weeks/", "/set-up/two-weeks/1/", "/set-up/two-weeks/2/", "/set-up/"


@pytest.fixture
def visit(world: World) -> Treatment:
    return world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now() + timedelta(days=3))


def filled(page: Any, *answers: int | None) -> dict[str, str]:
    """The form of an open page with these answers; None leaves one out."""
    hidden = dict(re.findall(r'name="(key|kind)" value="([^"]+)"', page.content.decode()))
    return hidden | {f"q{number}": str(answer) for number, answer in enumerate(answers, start=1) if answer is not None}


def close_all(world: World) -> None:
    Alert.objects.update(
        state=AlertState.CLOSED, closed_at=timezone.now(), closed_by=world.nurse, closing="calmed", done="We talked."
    )


def rows() -> list[tuple[str, int]]:
    return list(Questionnaire.objects.order_by("answered_at").values_list("kind", "total"))


def test_each_page_is_saved_on_its_own_and_then_the_part_is_done(set_up_phone: Client, visit: Treatment) -> None:
    assert f'href="{PHQ}">Begin' in set_up_phone.get(INTRO).content.decode()
    response = set_up_phone.post(PHQ, filled(set_up_phone.get(PHQ), 1, 2, 0, 3, 1, 0, 2, 0, 0))
    assert (response.status_code, response["Location"]) == (303, GAD)
    assert rows() == [("phq9", 9)] and not SetUpStep.objects.exists()
    assert f'href="{GAD}">Begin' in set_up_phone.get(INTRO).content.decode()
    response = set_up_phone.post(GAD, filled(set_up_phone.get(GAD), 1, 1, 1, 1, 1, 1, 0))
    assert (response.status_code, response["Location"]) == (303, SET_UP)
    assert rows() == [("phq9", 9), ("gad7", 6)]
    assert Questionnaire.objects.filter(treatment=visit, answers=[1, 2, 0, 3, 1, 0, 2, 0, 0]).count() == 1
    assert SetUpStep.objects.get().key == "feeling"
    assert "You have answered. Thank you." in words(set_up_phone.get(INTRO))
    assert not Alert.objects.exists()


@pytest.mark.parametrize(("address", "kind"), [(PHQ, "phq9"), (GAD, "gad7")])
def test_a_page_holds_the_published_words_the_credit_line_and_no_answer_picked(
    set_up_phone: Client, visit: Treatment, address: str, kind: str
) -> None:
    page = set_up_phone.get(address)
    text = words(page)
    for line in (INSTRUMENTS[kind].stem, *INSTRUMENTS[kind].items, CREDIT):
        assert line in text
    html = page.content.decode()
    assert html.count('type="radio"') == 4 * len(INSTRUMENTS[kind].items)
    assert "checked" not in html


def test_an_item_without_an_answer_is_named_and_the_others_are_kept(set_up_phone: Client, visit: Treatment) -> None:
    response = set_up_phone.post(PHQ, filled(set_up_phone.get(PHQ), 1, 2, None, 3, 1, 0, 2, None, 0))
    html = response.content.decode()
    assert (response.status_code, title(response)) == (422, "Error: A few questions")
    assert re.findall(r'<a href="#(id_q\d_0)">(Question \d: pick one answer to go on.)</a>', html) == [
        ("id_q3_0", "Question 3: pick one answer to go on."),
        ("id_q8_0", "Question 8: pick one answer to go on."),
    ]
    assert html.count("checked") == 7
    assert rows() == []


@pytest.mark.parametrize(
    "wrong", [{"q1": "4"}, {"q1": "-1"}, {"q1": "x"}, {"key": ""}, {"key": "x"}, {"q9": ""}], ids=str
)
def test_what_can_not_be_is_refused(set_up_phone: Client, visit: Treatment, wrong: dict[str, str]) -> None:
    response = set_up_phone.post(PHQ, filled(set_up_phone.get(PHQ), *[0] * 9) | wrong)
    assert response.status_code == 422
    assert rows() == []


def test_a_second_tap_is_one_row_and_changed_answers_are_another(set_up_phone: Client, visit: Treatment) -> None:
    form = filled(set_up_phone.get(PHQ), *[1] * 8, 0)
    assert [set_up_phone.post(PHQ, form).status_code for _ in range(3)] == [303, 303, 303]
    assert rows() == [("phq9", 8)]
    assert acts().filter(action="questionnaire_answered").count() == 1
    # Back in the browser, one answer changed, sent again: nothing that was said is lost.
    response = set_up_phone.post(PHQ, form | {"q9": "1"})
    assert response["Location"].endswith("/now/")
    assert rows() == [("phq9", 8), ("phq9", 9)]


@pytest.mark.parametrize("answer", [1, 2, 3])
def test_item_9_is_an_alert_in_the_same_breath_and_help_at_once(
    set_up_phone: Client, world: World, visit: Treatment, answer: int
) -> None:
    StaffMember.objects.filter(pk=world.nurse.pk).update(role=Role.MANAGER, phone="+12125550131")
    form = filled(set_up_phone.get(PHQ), *[0] * 8, answer)
    response = set_up_phone.post(PHQ, form)
    set_up_phone.post(PHQ, form)
    alert = Alert.objects.get()
    assert (alert.level, alert.cause, alert.treatment_id) == (Level.CRISIS, Cause.QUESTIONNAIRE, visit.pk)
    assert "thoughts of death or self-harm" in alert.reasons[0]
    assert AlertNotice.objects.filter(alert=alert).exists()
    page = set_up_phone.get(response["Location"])
    html, text = page.content.decode(), words(page)
    calls = re.findall(r'<a class="btn btn--full btn--urgent" href="((?:tel|sms):[^"]+)"', html)
    assert calls[:3] == ["tel:988", "sms:988", "tel:911"]
    assert "You can say" in text and "I would like to talk to someone now." in text
    assert "We are sending this to the clinic." in text
    assert f'href="{GAD}">Go on with the questions' in html
    assert not re.search(r"\b(total|score|of 27)\b", text)


def test_item_9_is_acted_on_while_other_items_are_missing_and_once(
    set_up_phone: Client, world: World, visit: Treatment
) -> None:
    StaffMember.objects.filter(pk=world.nurse.pk).update(role=Role.MANAGER, phone="+12125550131")
    form = filled(set_up_phone.get(PHQ), 1, None, *[0] * 6, 2)
    response = set_up_phone.post(PHQ, form)
    html = response.content.decode()
    main = html[html.index("<main") : html.index('id="help"')]
    assert response.status_code == 422
    assert main.index('href="tel:988"') < main.index('href="tel:911"') < main.index("There is a problem")
    assert (main.count("checked"), main.count("<h1"), main.count("data-autofocus")) == (8, 1, 0)
    assert "We are sending this to the clinic." in words(response)
    alert = Alert.objects.get()
    assert (alert.level, alert.cause, alert.treatment_id) == (Level.CRISIS, Cause.QUESTIONNAIRE, visit.pk)
    assert AlertNotice.objects.filter(alert=alert).exists() and rows() == []
    # All of it, then put right twice: it is the same page, and the same alert.
    for changed in ({"q2": "0"}, {"q9": "3"}, {"q9": "1"}):
        form |= changed | ({} if "q2" in form else {"q2": "0"})
        assert set_up_phone.post(PHQ, form)["Location"] == f"{INTRO}{form['key']}/now/"
    assert len(rows()) == 3 and Alert.objects.get().pk == alert.pk
    assert len(Alert.objects.get().reasons) == 3
    # Once somebody has closed it, the same words are no news. Others are.
    close_all(world)
    set_up_phone.post(PHQ, form | {"q1": "0"})
    assert Alert.objects.count() == 1


def test_another_answer_to_item_9_after_the_alert_was_closed_is_an_alert_of_its_own(
    set_up_phone: Client, world: World, visit: Treatment
) -> None:
    form = filled(set_up_phone.get(PHQ), *[0] * 8, 1)
    set_up_phone.post(PHQ, form)
    close_all(world)
    for _ in range(2):
        set_up_phone.post(PHQ, form | {"q9": "3"})
    assert sorted(Alert.objects.values_list("state", flat=True)) == ["closed", "open"]


def test_a_page_with_a_broken_key_loses_no_word_of_item_9(set_up_phone: Client, visit: Treatment) -> None:
    form = filled(set_up_phone.get(PHQ), *[0] * 8, 1) | {"key": "x"}
    assert [set_up_phone.post(PHQ, form).status_code for _ in range(2)] == [422, 422]
    assert Alert.objects.get().level == Level.CRISIS


def test_trouble_with_the_part_takes_back_nothing_of_item_9(
    set_up_phone: Client, visit: Treatment, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(**_: Any) -> None:
        raise RuntimeError("no room")

    form = filled(set_up_phone.get(PHQ), *[0] * 8, 1)
    set_up_phone.post(GAD, filled(set_up_phone.get(PHQ), *[0] * 7) | {"kind": "gad7", "key": str(uuid4())})
    pre_save.connect(refuse, sender=SetUpStep)
    try:
        assert set_up_phone.post(PHQ, form)["Location"].endswith("/now/")
    finally:
        pre_save.disconnect(refuse, sender=SetUpStep)
    assert "A part could not be finished" in caplog.text
    assert Alert.objects.count() == 1 and len(rows()) == 2


def test_nothing_in_item_9_is_no_alert_however_high_the_rest(set_up_phone: Client, visit: Treatment) -> None:
    response = set_up_phone.post(PHQ, filled(set_up_phone.get(PHQ), *[3] * 8, 0))
    assert response["Location"] == GAD
    assert not Alert.objects.exists()
    assert "24" not in words(set_up_phone.get(GAD)).partition("Get help now")[0]


def test_where_no_crisis_line_is_known_it_is_the_emergency_number(
    set_up_phone: Client, world: World, visit: Treatment
) -> None:
    Country.objects.filter(pk="US").update(crisis_call="", crisis_text="")
    response = set_up_phone.post(PHQ, filled(set_up_phone.get(PHQ), *[0] * 8, 1))
    assert "Call 911 now" in words(set_up_phone.get(response["Location"]))


def test_the_page_of_what_to_do_is_there_only_for_who_answered_so(set_up_phone: Client, visit: Treatment) -> None:
    form = filled(set_up_phone.get(PHQ), *[0] * 9)
    set_up_phone.post(PHQ, form)
    assert set_up_phone.get(f"{INTRO}{form['key']}/now/").status_code == 404
    assert set_up_phone.get(f"{INTRO}{uuid4()}/now/").status_code == 404


def test_it_asks_again_and_gets_nothing_while_nothing_changed(set_up_phone: Client, visit: Treatment) -> None:
    address = set_up_phone.post(PHQ, filled(set_up_phone.get(PHQ), *[0] * 8, 1))["Location"]
    seen = re.search(r"seen=(\w+)", set_up_phone.get(address).content.decode())
    assert seen
    asked = set_up_phone.get(f"{address}?seen={seen[1]}", headers={"HX-Request": "true"})
    assert asked.status_code == 204


@pytest.mark.parametrize(
    ("days", "said"), [(8, "It is too soon for this."), (6, "Two short sets of questions, if you want to.")]
)
def test_it_is_asked_in_the_week_before_the_first_visit(
    set_up_phone: Client, world: World, days: int, said: str
) -> None:
    planned_for = timezone.now() + timedelta(days=days)
    world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=planned_for)
    assert said in words(set_up_phone.get(INTRO))
    assert (set_up_phone.get(PHQ).status_code == 200) is (days == 6)


def test_within_a_day_of_a_treatment_nothing_is_asked_and_what_was_sent_is_kept(phone: Client, world: World) -> None:
    at = timezone.now()
    planned = world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=at + timedelta(hours=1))
    form = filled(phone.get(PHQ), *[0] * 9)
    Treatment.objects.filter(pk=planned.pk).update(
        state=TreatmentState.RECOVERING, hour_zero=at, started_at=at, started_by=world.nurse
    )
    assert "There is nothing to answer now." in words(phone.get(INTRO))
    assert phone.get(PHQ)["Location"] == INTRO
    assert phone.post(PHQ, form).status_code == 303
    assert rows() == [("phq9", 0)]


def test_without_a_visit_it_leads_to_the_set_up(set_up_phone: Client) -> None:
    assert set_up_phone.get(INTRO)["Location"] == SET_UP


def test_the_rows_are_only_added_to(set_up_phone: Client, visit: Treatment) -> None:
    set_up_phone.post(PHQ, filled(set_up_phone.get(PHQ), *[0] * 9))
    for statement in ("UPDATE checkin_questionnaire SET total = 1", "DELETE FROM checkin_questionnaire"):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_only_the_validated_wording_is_kept_from_the_reading_gate() -> None:
    """What is marked is the stem, an item, an answer or the credit line of checkin/questionnaires.py, and nothing else."""
    marked = {
        (path.name, words.strip())
        for path in Path("templates").rglob("*.html")
        for words in re.findall(r"<[^>]*data-validated[^>]*>(.*?)</(?:h1|h2|legend|label|p)>", path.read_text("utf-8"))
    }
    assert marked == {
        ("two_weeks_questions.html", "{{ page.instrument.stem }}"),
        ("two_weeks_questions.html", '<span class="num">{{ forloop.counter }}.</span> {{ field.label }}'),
        ("two_weeks_questions.html", "{{ radio.choice_label }}"),
        ("two_weeks_questions.html", "{{ page.credit }}"),
    }
    found = [path for path in Path("templates").rglob("*.html") if "data-validated" in path.read_text("utf-8")]
    assert sum(path.read_text("utf-8").count("data-validated") for path in found) == 5
