"""How a visit is left: complete with the door word, or a clinician decides and says why; once, whoever taps; or badly."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from accounts.models import AuditEvent, Clinic
from accounts.states import Role
from aftercare.tenancy import tenant
from clinic.models import BadEnd, Discharge, DischargeItem
from clinic.services import meet_escort, tick_item, untick_item
from pickup.models import PickupLink
from prompts.models import Prompt
from prompts.states import PromptState
from tests.clinic.pages import local, words
from tests.clinic.rides import a_driver
from tests.clinic.visits import a_link, a_reading, leaving, recovering, tick_all, with_spray
from tests.conftest import StaffClient
from tests.world import World, acts
from timeline.models import Treatment
from timeline.states import TreatmentState, VitalMoment

Staff = Callable[..., StaffClient]


def url(treatment: Treatment, act: str = "left") -> str:
    return f"/staff/treatments/{treatment.pk}/{act}/"


def ready_to_go(world: World, *, but: tuple[str, ...] = ()) -> Treatment:
    """Everything is ticked, and the escort met."""
    treatment = recovering(world)
    tick_all(world, treatment, but=(*but, "medicines"))
    _, word = a_link(world, treatment)
    meet_escort(treatment, word=word, by=world.nurse, at=timezone.now())
    return treatment


def anyway(world: World, clinician: Any, **other: str) -> dict[str, str]:
    form = leaving(world, door="other", with_whom="Jo Park, their sister: saw her card")
    return {**form, "clinician": str(clinician.pk), "reason": "Walks with her own stick, as before.", **other}


def seen(response: Any) -> str:
    match = re.search(r'name="seen" value="([^"]*)"', response.content.decode())
    assert match
    return match[1]


def state_of(treatment: Treatment) -> str:
    return Treatment.objects.get(pk=treatment.pk).state


# Complete.


@pytest.mark.django_db
def test_with_everything_ticked_and_the_door_word_it_is_a_plain_confirm(world: World, staff: Staff) -> None:
    browser, treatment = staff(), ready_to_go(world)
    page = browser.get(url(treatment))
    text = words(page)
    for part in ("Rosa Vidal, met at", "Medicines for tonight", "for you to decide, never for Aftercare"):
        assert part in text
    assert treatment.hour_zero
    assert f'value="{local(treatment.hour_zero + timedelta(hours=24), world)}"' in page.content.decode()
    response = browser.post(url(treatment), leaving(world, medicines="Lorazepam not tonight"))
    assert (response.status_code, response["Location"]) == (303, f"/staff/patients/{world.patient.pk}/")
    made = Discharge.objects.get()
    assert (made.treatment, made.by, made.door, made.with_whom) == (treatment, browser.member, "word", "Rosa Vidal")
    assert (made.open_items, made.clinician, made.reason) == ([], None, "")
    assert made.medicines == "Lorazepam not tonight"
    assert set(DischargeItem.objects.filter(key__in=["medicines", "next_contact"]).values_list("note", flat=True)) == {
        "Lorazepam not tonight",
        "",
    }
    assert state_of(treatment) == "discharged"
    assert "Lorazepam" not in str(list(acts().values("facts")))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"medicines": ""}, "Type what was said of the medicines, or “none”."),
        ({"medicines": "x" * 201}, "Make it shorter"),
        ({"next_contact_at": ""}, "Type when somebody calls the patient."),
        ({"next_contact_at": "2001-01-01T10:00"}, "Pick a time to come"),
        ({"next_contact_at": "2099-01-01T10:00"}, "at most two weeks ahead"),
        ({"next_contact_at": "tomorrow"}, "Type a date and a time"),
    ],
)
def test_what_the_last_page_asks_is_told_and_nothing_happens(
    world: World, staff: Staff, other: dict[str, str], message: str
) -> None:
    treatment = ready_to_go(world)
    response = staff().post(url(treatment), leaving(world, **other))
    assert response.status_code == 422
    assert message in words(response)
    assert state_of(treatment) == "recovering"


@pytest.mark.django_db
@pytest.mark.parametrize("missing", ["awake", "safe_in_self", "escort"])
def test_with_anything_required_open_there_is_no_plain_confirm(world: World, staff: Staff, missing: str) -> None:
    browser, treatment = staff(), ready_to_go(world, but=(missing,))
    if missing == "escort":
        PickupLink.objects.update(state="outside", met_at=None)
    text = words(browser.get(url(treatment)))
    assert "Still open" in text and "Let a clinician decide" in text
    assert "Record that the patient left" not in text
    response = browser.post(url(treatment), leaving(world, medicines="Nothing new"))
    assert response.status_code == 409
    assert "Something that is required is open." in words(response)
    assert "Nothing new" in words(response)
    assert (state_of(treatment), Discharge.objects.count()) == ("recovering", 0)


@pytest.mark.django_db
def test_a_tick_taken_back_meanwhile_is_told_with_who_and_when(world: World, staff: Staff) -> None:
    browser, treatment = staff(), ready_to_go(world)
    assert "Record that the patient left" in words(browser.get(url(treatment)))
    tick = DischargeItem.objects.get(key="walks")
    untick_item(treatment, key="walks", seen=tick.pk, by=world.nurse, at=timezone.now())
    response = browser.post(url(treatment), leaving(world))
    assert response.status_code == 409
    assert re.search(r"Dana Reyes took a tick back\. That was at \d", words(response))
    assert "Walks steadily without help" in words(response)


@pytest.mark.django_db
def test_a_second_tap_of_the_same_person_is_no_conflict_and_a_colleague_is_told(world: World, staff: Staff) -> None:
    first, second, treatment = staff(), staff(Role.CLINICIAN), ready_to_go(world)
    form = leaving(world)
    assert [first.post(url(treatment), form).status_code for _ in range(2)] == [303, 303]
    response = second.post(url(treatment), {**form, "medicines": "Two pills"})
    assert response.status_code == 409
    assert re.search(r"Sam Lindqvist recorded that the patient left\. That was at \d", words(response))
    assert "Two pills" in words(response)
    assert first.post(url(treatment), {**form, "medicines": "Something else"}).status_code == 409
    assert Discharge.objects.count() == 1


def test_of_two_nurses_who_complete_at_once_one_discharge_is_made_and_the_other_is_told(
    committed: None, world: World, staff: Staff
) -> None:
    with tenant(world.clinic.pk):
        treatment = ready_to_go(world)
    browsers = [staff(Role.NURSE), staff(Role.CLINICIAN)]
    form = leaving(world)

    def complete(browser: StaffClient) -> tuple[int, str]:
        try:
            response = browser.post(url(treatment), form)
            return response.status_code, words(response)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        answers = dict(threads.map(complete, browsers))
    assert sorted(answers) == [303, 409]
    assert "recorded that the patient left. That was at" in answers[409]
    with tenant(world.clinic.pk):
        assert Discharge.objects.count() == 1
        assert AuditEvent.objects.filter(action="discharge_recorded").count() == 1


def test_of_a_discharge_and_an_untick_at_once_one_wins_and_the_record_fits(
    committed: None, world: World, staff: Staff
) -> None:
    """Either the tick is gone and nobody was discharged, or the other way round."""
    with tenant(world.clinic.pk):
        treatment = ready_to_go(world)
        tick = DischargeItem.objects.get(key="walks")
    browsers = [staff(Role.NURSE), staff(Role.CLINICIAN)]
    untick = (f"/staff/visits/{treatment.pk}/care/untick/", {"key": "walks", "seen": tick.pk})
    requests = [(url(treatment), leaving(world)), untick]

    def send(number: int) -> int:
        try:
            return browsers[number].post(*requests[number]).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(send, range(2))) == [303, 409]
    with tenant(world.clinic.pk):
        is_ticked = DischargeItem.objects.filter(key="walks").exists()
        assert (Discharge.objects.exists(), state_of(treatment) == "discharged") == (is_ticked, is_ticked)


@pytest.mark.django_db
@pytest.mark.parametrize("longer", [False, True])
def test_a_tick_of_the_stay_counts_again_once_the_stay_is_over(world: World, staff: Staff, longer: bool) -> None:
    """Hour 0 was corrected after the tick, or the clinic's own stay made longer."""
    with_spray(world)
    browser, treatment = staff(), ready_to_go(world)
    assert "Record that the patient left" in words(browser.get(url(treatment)))
    if longer:
        Clinic.objects.update(minimum_stay_minutes=240)
    else:
        Treatment.objects.update(hour_zero=timezone.now() - timedelta(hours=1))
    page = words(browser.get(url(treatment)))
    assert re.search(r"Still open At least two hours since the first device \d hours over at \d", page)
    assert "Record that the patient left" not in page
    assert "Tick: At least two hours" in words(browser.get(f"/staff/visits/{treatment.pk}/care/"))
    assert browser.post(url(treatment), leaving(world)).status_code == 409
    anyway_page = browser.get(url(treatment, "left/anyway"))
    assert set(seen(anyway_page).split()) == {"stay", "medicines"}
    form = anyway(world, staff(Role.CLINICIAN).member, seen=seen(anyway_page))
    assert browser.post(url(treatment, "left/anyway"), form).status_code == 303
    assert Discharge.objects.get().open_items == ["stay"]


# A clinician decides.


@pytest.mark.django_db
def test_a_decision_that_is_not_needed_any_more_leads_to_the_plain_page_with_what_was_typed(
    world: World, staff: Staff
) -> None:
    browser, treatment = staff(Role.CLINICIAN), ready_to_go(world)
    form = anyway(world, browser.member, seen="walks medicines", medicines="Lorazepam not tonight")
    response = browser.post(url(treatment, "left/anyway"), form)
    assert response.status_code == 409
    text = words(response)
    assert "By now everything is on record." in text and "Walks with her own stick, as before." in text
    content = response.content.decode()
    assert 'value="Lorazepam not tonight"' in content and f'action="{url(treatment)}"' in content
    assert (state_of(treatment), DischargeItem.objects.filter(key="medicines").count()) == ("recovering", 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("was", "typed", "now"),
    [
        ("Lorazepam", ("None at all", "walks"), "None at all"),
        ("Lorazepam", ("Lorazepam", "walks"), "Lorazepam"),
        ("Lorazepam", ("", "walks"), ""),
        ("Lorazepam", ("", "walks medicines"), "Lorazepam"),  # ticked after the page was opened
        ("", ("None at all", "walks medicines"), "None at all"),
        ("", ("", "walks medicines"), ""),
    ],
)
def test_of_tonights_medicines_one_text_is_on_record(
    world: World, staff: Staff, was: str, typed: tuple[str, str], now: str
) -> None:
    browser, treatment = staff(Role.CLINICIAN), ready_to_go(world, but=("walks",))
    if was:
        tick_item(treatment, key="medicines", note=was, by=world.nurse, at=timezone.now())
    form = anyway(world, browser.member, seen=typed[1], medicines=typed[0])
    assert browser.post(url(treatment, "left/anyway"), form).status_code == 303
    made, ticks = Discharge.objects.get(), DischargeItem.objects.filter(key="medicines")
    assert (made.medicines, [tick.note for tick in ticks]) == (now, [now] if now else [])
    assert ("medicines" in made.open_items) == (not now)


@pytest.mark.django_db
@pytest.mark.parametrize("has_clinician", [False, True])
def test_with_no_clinician_on_the_team_the_page_says_why_it_offers_nobody(
    world: World, staff: Staff, has_clinician: bool
) -> None:
    browser, treatment = staff(), recovering(world)
    staff(Role.CLINICIAN) if has_clinician else None
    said = "No clinician is on the team. Ask a manager to add one first."
    assert (said in words(browser.get(url(treatment, "left/anyway")))) is not has_clinician


@pytest.mark.django_db
def test_with_something_open_a_clinician_of_this_clinic_decides_and_it_is_on_record(world: World, staff: Staff) -> None:
    browser, clinician, treatment = staff(), staff(Role.CLINICIAN).member, ready_to_go(world, but=("walks",))
    page = browser.get(url(treatment, "left/anyway"))
    text = words(page)
    for part in ("Stop and look", "2 required items open", "Walks steadily without help", "Medicines for tonight"):
        assert part in text
    assert "With whom did the patient leave?" not in text  # the door word was right
    form = anyway(world, clinician, seen=seen(page), medicines="None")
    assert browser.post(url(treatment, "left/anyway"), form).status_code == 303
    made = Discharge.objects.get()
    assert (made.open_items, made.door, made.clinician, made.by) == (["walks"], "word", clinician, browser.member)
    assert made.reason == "Walks with her own stick, as before."
    event = acts().get(action="discharge_recorded")
    assert (event.facts["open"], event.facts["clinician"]) == (["walks"], str(clinician.pk))
    assert "stick" not in str(list(acts().values("facts")))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("door", "with_whom", "kept"),
    [("other", "Jo Park, sister", "Jo Park, sister"), ("nobody", "never mind", "")],
)
def test_without_the_door_word_it_is_on_record_with_whom_the_patient_left(
    world: World, staff: Staff, door: str, with_whom: str, kept: str
) -> None:
    browser, treatment = staff(Role.CLINICIAN), recovering(world)
    tick_all(world, treatment)
    page = browser.get(url(treatment, "left/anyway"))
    assert "Nobody was met with the door word." in words(page)
    form = anyway(world, browser.member, seen=seen(page), door=door, with_whom=with_whom)
    assert browser.post(url(treatment, "left/anyway"), form).status_code == 303
    made = Discharge.objects.get()
    assert (made.door, made.with_whom, made.open_items) == (door, kept, ["escort"])
    assert made.clinician == browser.member  # a clinician may pick themself


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"reason": ""}, "Type the reason."),
        ({"reason": "ok"}, "Type the reason in words."),
        ({"reason": "x" * 301}, "Make it shorter: 300"),
        ({"reason": "so it was\u202e"}, "This holds a character that can't be shown."),
        ({"clinician": ""}, "Pick the clinician who decides."),
        ({"door": ""}, "Pick with whom the patient left."),
        ({"door": "word"}, "Pick with whom the patient left."),
        ({"with_whom": ""}, "Type with whom the patient left."),
    ],
)
def test_a_decision_without_its_parts_is_told_and_what_was_typed_stays(
    world: World, staff: Staff, other: dict[str, str], message: str
) -> None:
    browser, treatment = staff(Role.CLINICIAN), recovering(world)
    form = {**anyway(world, browser.member, medicines="Aspirin"), **other}
    response = browser.post(url(treatment, "left/anyway"), form)
    assert response.status_code == 422
    assert message in words(response)
    assert 'value="Aspirin"' in response.content.decode()
    assert state_of(treatment) == "recovering"


@pytest.mark.django_db
def test_only_an_active_clinician_of_this_clinic_can_be_picked(world: World, staff: Staff) -> None:
    browser, treatment = staff(), recovering(world)
    gone = staff(Role.CLINICIAN).member
    gone.is_active = False
    gone.save()
    for somebody in (browser.member, gone, staff(Role.MANAGER).member):
        response = browser.post(url(treatment, "left/anyway"), anyway(world, somebody))
        assert response.status_code == 422
        assert "Pick a clinician of this clinic." in words(response)
    assert Discharge.objects.count() == 0


def test_a_clinician_of_another_clinic_cannot_be_picked(world: World, other_world: World, staff: Staff) -> None:
    stranger, browser = staff(Role.CLINICIAN, at=other_world).member, staff()
    with tenant(world.clinic.pk):
        treatment = recovering(world)
    assert browser.post(url(treatment, "left/anyway"), anyway(world, stranger)).status_code == 422


@pytest.mark.django_db
def test_what_was_opened_after_the_clinician_looked_is_not_decided_with_it(world: World, staff: Staff) -> None:
    browser, treatment = staff(Role.CLINICIAN), ready_to_go(world, but=("walks",))
    form = anyway(world, browser.member, seen=seen(browser.get(url(treatment, "left/anyway"))))
    tick = DischargeItem.objects.get(key="oriented")
    untick_item(treatment, key="oriented", seen=tick.pk, by=world.nurse, at=timezone.now())
    response = browser.post(url(treatment, "left/anyway"), form)
    assert response.status_code == 409
    text = words(response)
    assert "Says own name, the place and the day" in text and "Walks with her own stick, as before." in text
    assert browser.post(url(treatment, "left/anyway"), {**form, "seen": seen(response)}).status_code == 303
    assert set(Discharge.objects.get().open_items) == {"walks", "oriented"}


@pytest.mark.django_db
def test_leaving_before_the_shortest_stay_is_over_is_a_clinicians_decision(world: World, staff: Staff) -> None:
    with_spray(world)
    browser, treatment = staff(Role.CLINICIAN), recovering(world, hours=1.5)
    a_reading(world, treatment, VitalMoment.LEAVING, 120, 80)
    tick_all(world, treatment, but=("stay",))
    page = browser.get(url(treatment, "left/anyway"))
    assert re.search(r"At least two hours since the first device 2 hours over at \d", words(page))
    form = anyway(world, browser.member, seen=seen(page))
    assert browser.post(url(treatment, "left/anyway"), form).status_code == 303
    assert Discharge.objects.get().open_items == ["stay", "escort"]


@pytest.mark.django_db
def test_with_nothing_open_the_page_of_a_decision_leads_to_the_plain_one(world: World, staff: Staff) -> None:
    response = staff().get(url(ready_to_go(world), "left/anyway"))
    assert (response.status_code, response["Location"].endswith("/left/")) == (303, True)


@pytest.mark.django_db
def test_the_database_itself_wants_a_name_and_a_reason_for_an_exception(world: World) -> None:
    treatment, at = recovering(world), timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        Discharge.objects.create(
            clinic=world.clinic, treatment=treatment, at=at, by=world.nurse, door="word", open_items=["walks"]
        )


@pytest.mark.django_db
@pytest.mark.parametrize("act", ["left", "left/anyway", "badly"])
def test_before_the_end_of_the_treatment_nobody_leaves(world: World, staff: Staff, act: str) -> None:
    treatment = world.treatment(TreatmentState.PLANNED, hour_zero=None)
    browser = staff()
    assert browser.get(url(treatment, act)).status_code == 409
    assert browser.post(url(treatment, act), {**leaving(world), "reason": "hospital"}).status_code == 409
    assert state_of(treatment) == "planned"


# Badly.


@pytest.mark.django_db
def test_a_bad_end_keeps_what_was_said_and_the_escorts_link_goes_on(world: World, staff: Staff) -> None:
    browser, treatment = staff(), recovering(world)
    link, _ = a_link(world, treatment)
    contact = timezone.now() + timedelta(hours=5)
    form = {
        "reason": "hospital",
        "said": "Chest pain. 911 at 2:10.",
        "went_to": "Mercy Hospital",
        "escort": "yes",
        "next_contact_at": local(contact, world),
    }
    statuses = [browser.post(url(treatment, "badly"), form).status_code for _ in range(2)]
    assert statuses == [303, 303]
    made = BadEnd.objects.get()
    assert (made.said, made.went_to, made.is_escort_told) == ("Chest pain. 911 at 2:10.", "Mercy Hospital", True)
    assert made.next_contact_at and made.next_contact_at.astimezone(ZoneInfo(world.clinic.zone)).minute == (
        contact.astimezone(ZoneInfo(world.clinic.zone)).minute
    )
    assert state_of(treatment) == "ended_badly"
    link.token.refresh_from_db()
    assert link.token.revoked_at is None
    assert not Prompt.objects.filter(treatment=treatment, state=PromptState.WAITING).exists()
    assert "Mercy" not in str(list(acts().values("facts"))) and "pain" not in str(list(acts().values("facts")))
    for cheerful in ("Well done", "Great", "Good"):
        assert cheerful not in words(browser.get(url(treatment, "badly")))


@pytest.mark.django_db
@pytest.mark.parametrize(("key", "told"), [("", None), ("yes", True), ("no", False)])
def test_in_a_hurry_the_reason_is_enough(world: World, staff: Staff, key: str, told: bool | None) -> None:
    treatment = recovering(world)
    assert staff().post(url(treatment, "badly"), {"reason": "stopped_early", "escort": key}).status_code == 303
    assert BadEnd.objects.get().is_escort_told is told


@pytest.mark.django_db
def test_an_answer_that_could_not_be_kept_apart_is_not_offered(world: World, staff: Staff) -> None:
    browser, treatment = staff(), recovering(world)
    assert "Nobody is named" not in words(browser.get(url(treatment, "badly")))
    response = browser.post(url(treatment, "badly"), {"reason": "hospital", "escort": "none"})
    assert response.status_code == 422 and "Pick one of these answers." in words(response)


@pytest.mark.django_db
def test_a_colleague_who_ends_it_badly_second_reads_who_was_first_and_loses_no_word(world: World, staff: Staff) -> None:
    first, second, treatment = staff(), staff(Role.CLINICIAN), recovering(world)
    first.post(url(treatment, "badly"), {"reason": "hospital"})
    response = second.post(url(treatment, "badly"), {"reason": "hospital", "said": "Fainted twice"})
    assert response.status_code == 409
    assert "Fainted twice" in words(response)
    assert BadEnd.objects.get().by == first.member


@pytest.mark.django_db
def test_with_nobody_named_the_last_page_says_what_to_do_next(world: World, staff: Staff) -> None:
    treatment = recovering(world)
    assert "Nobody is named who picks the patient up. Ask whom to call" in words(staff().get(url(treatment)))
    a_driver(world, at=timezone.now())
    assert "Ask Rosa Vidal for it." in words(staff().get(url(treatment)))
