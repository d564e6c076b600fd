"""A new patient with the first visit: one page, one tap, one patient."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import AuditEvent, Channel, Patient
from accounts.states import ChannelKind, Role
from aftercare.tenancy import tenant
from tests.clinic.pages import local, new_patient, title, words
from tests.conftest import StaffClient
from tests.world import World
from timeline.models import ProtocolVersion, Treatment
from timeline.packs import read_pack
from timeline.services import draft_version, publish_version
from timeline.states import TreatmentState, VersionState

Staff = Callable[..., StaffClient]
ADD = "/staff/patients/add/"


@pytest.mark.django_db
def test_one_tap_makes_the_patient_the_channels_and_the_visit(world: World, staff: Staff) -> None:
    browser = staff(Role.FRONT_DESK)
    response = browser.post(ADD, new_patient(world))
    patient = Patient.objects.get(record_number="N-1")
    assert response.status_code == 303
    assert response["Location"] == f"/staff/patients/{patient.pk}/"
    treatment = Treatment.objects.get(patient=patient)
    assert (treatment.state, treatment.planned_by, treatment.zone) == ("planned", browser.member, "America/New_York")
    text = Channel.objects.get(patient=patient, kind=ChannelKind.SMS)
    assert (text.address, text.may_send) == ("+12125550142", True)
    assert "The patient and the visit are saved." in words(browser.get(response["Location"]))


@pytest.mark.django_db
def test_the_form_is_filled_with_what_is_likely(world: World, staff: Staff) -> None:
    content = staff().get(ADD).content.decode()
    assert f'<option value="{world.version.pk}" selected>' in content
    assert '<option value="America/New_York" selected>' in content
    moment = re.search(r'name="planned_for" value="([^"]+)"', content)
    assert moment
    assert moment[1][-2:] in {"00", "15", "30", "45"}
    assert local(timezone.now(), world) <= moment[1] <= local(timezone.now() + timedelta(minutes=16), world)


@pytest.mark.django_db
def test_of_two_protocols_none_is_picked_for_the_person(world: World, staff: Staff) -> None:
    clinician = staff(Role.CLINICIAN).member
    at = timezone.now()
    draft = draft_version(read_pack("spravato"), by=clinician, at=at, clinic_id=world.clinic.pk)
    publish_version(draft, by=clinician, at=at)
    content = staff().get(ADD).content.decode()
    assert '<option value="" selected>' in content
    assert "SPRAVATO" in content


@pytest.mark.django_db
def test_a_clinic_without_a_protocol_in_use_is_told_so(world: World, staff: Staff) -> None:
    ProtocolVersion.objects.filter(pk=world.version.pk).move(
        to=VersionState.RETIRED, retired_at=timezone.now(), retired_by=world.nurse
    )
    browser = staff()
    assert "No protocol is in use" in words(browser.get(ADD))
    assert browser.post(ADD, new_patient(world)).status_code == 422


@pytest.mark.django_db
def test_a_real_clinic_is_not_offered_what_nobody_signed(world: World, staff: Staff) -> None:
    world.clinic.is_demo = False
    world.clinic.save()
    assert "No protocol is in use" in words(staff().get(ADD))


@pytest.mark.django_db
def test_a_double_tap_makes_one_patient_and_one_visit(world: World, staff: Staff) -> None:
    browser, form = staff(), new_patient(world)
    first, second = browser.post(ADD, form), browser.post(ADD, form)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] == second["Location"]
    assert Patient.objects.filter(record_number="N-1").count() == Treatment.objects.count() == 1


@pytest.mark.django_db
def test_a_record_number_that_is_taken_names_who_has_it_and_keeps_what_was_typed(world: World, staff: Staff) -> None:
    response = staff().post(ADD, new_patient(world, record_number="A-1", last_name="Ωmega"))
    assert response.status_code == 409
    assert title(response) == "Error: New patient"
    text, content = words(response), response.content.decode()
    assert text.count("Another patient has this record number.") == 2  # in the summary and next to the field
    assert "Open Maya Torres" in text
    assert f'href="/staff/patients/{world.patient.pk}/"' in content
    assert 'value="Ωmega"' in content
    assert Patient.objects.count() == 1
    assert Treatment.objects.count() == 0


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("Type the first name.", {"first_name": None}),
    ("Type the first name.", {"first_name": "   "}),
    ("can't be shown", {"first_name": "Ni\u202ea"}),
    ("character that can't be shown", {"last_name": "Be\0ll"}),
    ("at most 60 characters", {"last_name": "x" * 5000}),
    ("at most 32 characters", {"record_number": "9" * 33}),
    ("Type a date, like 1985-04-30.", {"born_on": "yesterday"}),
    ("Type a date, like 1985-04-30.", {"born_on": "1985-02-30"}),
    ("Type a date, like 1985-04-30.", {"born_on": "99999-01-01"}),
    ("Check the year of birth.", {"born_on": "9999-12-31"}),
    ("Check the year of birth.", {"born_on": "0001-01-01"}),
    ("Type a phone number", {"phone": "call me"}),
    ("too short or too long", {"phone": "12"}),
    ("Type a phone number", {"phone": "🌿"}),
    ("Type the number that texts go to", {"phone": ""}),
    ("Pick a protocol that is in use.", {"version": "00000000-0000-4000-8000-000000000000"}),
    ("Pick a protocol that is in use.", {"version": "1 OR 1=1"}),
    ("Pick a protocol.", {"version": None}),
    ("Pick a date and a time.", {"planned_for": ""}),
    ("Type a date and a time", {"planned_for": "9999-99-99T99:99"}),
    ("Pick a time from today to a year ahead.", {"planned_for": "2999-12-31T23:59"}),
    ("Pick a time from today to a year ahead.", {"planned_for": "2001-01-01T10:00"}),
    ("The clocks skip this time.", {"planned_for": "2027-03-14T02:30"}),
    ("Pick a time zone from the list.", {"zone": "Mars/Olympus"}),
    ("Pick a time zone from the list.", {"zone": "../../etc/passwd"}),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("message", "other"), WRONG)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_saved(
    world: World, staff: Staff, message: str, other: dict[str, Any]
) -> None:
    response = staff().post(ADD, new_patient(world, **other))
    assert response.status_code == 422
    assert words(response).count(message) >= 2
    assert 'class="field-error"' in response.content.decode()
    if "first_name" not in other:
        assert 'value="Nia"' in response.content.decode()
    assert Patient.objects.count() == 1


@pytest.mark.django_db
def test_a_name_of_any_script_is_kept(world: World, staff: Staff) -> None:
    browser = staff()
    response = browser.post(ADD, new_patient(world, first_name="מאיה", last_name="Šimić-O’Neill 🌿"))
    assert response.status_code == 303
    assert "מאיה Šimić-O’Neill 🌿" in words(browser.get(response["Location"]))


@pytest.mark.django_db
def test_too_much_at_once_is_refused_in_words(world: World, staff: Staff) -> None:
    response = staff().post(ADD, new_patient(world, first_name="x" * 600_000))
    assert response.status_code in {400, 413}
    assert "too long" in words(response)


@pytest.mark.django_db
def test_a_file_or_another_type_is_no_server_error(world: World, staff: Staff) -> None:
    browser = staff()
    assert browser.post(ADD, b"\xff\xfe{", content_type="application/json").status_code == 415
    assert browser.put(ADD, b"").status_code == 405


@pytest.mark.django_db
def test_adding_is_on_record_with_ids_alone(world: World, staff: Staff) -> None:
    staff().post(ADD, new_patient(world))
    added = AuditEvent.objects.get(action="patient_added")
    assert "Nia" not in str(added.facts)
    assert AuditEvent.objects.filter(action="treatment_planned").count() == 1


def test_of_two_people_who_add_one_record_number_at_once_one_wins(committed: None, world: World, staff: Staff) -> None:
    browsers = [staff(), staff(Role.FRONT_DESK)]

    def add(number: int) -> int:
        try:
            return browsers[number].post(ADD, new_patient(world, first_name=f"Nia{number}")).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(add, range(2))) == [303, 409]
    with tenant(world.clinic.pk):
        assert Patient.objects.filter(record_number="N-1").count() == 1
        assert Treatment.objects.filter(state=TreatmentState.PLANNED).count() == 1
