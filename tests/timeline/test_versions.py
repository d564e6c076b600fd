"""A protocol version is drafted, signed, published and retired; what was published never changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import StaffMember
from accounts.states import Role
from aftercare.state import AlreadyMoved
from tests.world import HOUR_ZERO, World, make_staff
from timeline.models import ProtocolVersion, Treatment
from timeline.packs import read_pack
from timeline.services import (
    NotAllowed,
    VersionNotUsable,
    draft_version,
    plan_treatment,
    publish_version,
    retire_version,
    sign_version,
)
from timeline.states import TreatmentState, VersionState

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinician(world: World) -> StaffMember:
    return make_staff(world.clinic, Role.CLINICIAN, name="Ana Ruiz")


def draft(world: World) -> ProtocolVersion:
    return draft_version(read_pack("spravato"), by=world.nurse, at=HOUR_ZERO, clinic_id=world.clinic.pk)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CLINICIAN])
def test_only_a_clinician_signs(world: World, role: Role) -> None:
    with pytest.raises(NotAllowed):
        sign_version(draft(world), by=make_staff(world.clinic, role), at=HOUR_ZERO)


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.NURSE])
def test_the_front_desk_and_nurses_do_not_publish_or_retire(world: World, role: Role) -> None:
    somebody = make_staff(world.clinic, role)
    with pytest.raises(NotAllowed):
        publish_version(draft(world), by=somebody, at=HOUR_ZERO)
    with pytest.raises(NotAllowed):
        retire_version(world.version, by=somebody, at=HOUR_ZERO)


def test_a_real_clinic_publishes_only_what_is_signed(world: World, clinician: StaffMember) -> None:
    clinician.clinic.is_demo = False
    version = draft(world)
    with pytest.raises(VersionNotUsable):
        publish_version(version, by=clinician, at=HOUR_ZERO)
    sign_version(version, by=clinician, at=HOUR_ZERO)
    assert publish_version(version, by=clinician, at=HOUR_ZERO).state == VersionState.PUBLISHED
    assert version.signed_name == "Ana Ruiz"


def test_a_signature_is_given_once(world: World, clinician: StaffMember) -> None:
    version = sign_version(draft(world), by=clinician, at=HOUR_ZERO)
    with pytest.raises(AlreadyMoved):
        sign_version(version, by=make_staff(world.clinic, Role.CLINICIAN, name="Other"), at=HOUR_ZERO)
    assert ProtocolVersion.objects.get(pk=version.pk).signed_name == "Ana Ruiz"


def test_a_new_version_retires_the_last_and_treatments_keep_theirs(world: World, clinician: StaffMember) -> None:
    first = publish_version(draft(world), by=clinician, at=HOUR_ZERO)
    treatment = plan_treatment(world.patient, version=first, planned_for=HOUR_ZERO, by=world.nurse, at=HOUR_ZERO)
    second = publish_version(draft(world), by=clinician, at=HOUR_ZERO + timedelta(hours=1))
    first.refresh_from_db()
    assert (first.state, second.state, second.number) == (VersionState.RETIRED, VersionState.PUBLISHED, 2)
    assert Treatment.objects.get(pk=treatment.pk).protocol_version_id == first.pk


@pytest.mark.parametrize(
    "change",
    [
        {"content": {}},
        {"digest": "x"},
        {"number": 9},
        {"state": VersionState.DRAFT, "published_at": None},
        {"published_at": HOUR_ZERO + timedelta(days=1)},
        {"signed_name": "Somebody", "signed_at": HOUR_ZERO},
    ],
)
def test_the_database_keeps_a_published_version_as_it_is(world: World, change: dict[str, Any]) -> None:
    if "signed_at" in change:
        change["signed_by"] = world.nurse
    with pytest.raises(IntegrityError), transaction.atomic():
        ProtocolVersion.objects.filter(pk=world.version.pk).update(**change)


def test_the_database_deletes_no_published_version(world: World) -> None:
    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
        ProtocolVersion.objects.filter(pk=world.version.pk).delete()


def test_the_database_keeps_a_signed_draft_as_it_was_signed(world: World, clinician: StaffMember) -> None:
    version = sign_version(draft(world), by=clinician, at=HOUR_ZERO)
    changes: list[dict[str, Any]] = [{"content": {}}, {"signed_name": "Other"}]
    for change in changes:
        with pytest.raises(IntegrityError), transaction.atomic():
            ProtocolVersion.objects.filter(pk=version.pk).update(**change)


def test_a_draft_may_still_change(world: World) -> None:
    assert ProtocolVersion.objects.filter(pk=draft(world).pk).update(digest="x") == 1


def test_the_database_keeps_a_treatments_version(world: World, clinician: StaffMember) -> None:
    treatment = world.treatment(TreatmentState.PLANNED, hour_zero=None)
    other = publish_version(draft(world), by=clinician, at=HOUR_ZERO)
    with pytest.raises(IntegrityError, match="keeps the protocol version"), transaction.atomic():
        Treatment.objects.filter(pk=treatment.pk).update(protocol_version=other)


def test_equal_documents_have_equal_digests(world: World) -> None:
    document = read_pack("spravato")
    one, two = (draft_version(each, by=None, at=HOUR_ZERO, clinic_id=world.clinic.pk) for each in (document, document))
    other = draft_version(replace(document, name="Other"), by=None, at=HOUR_ZERO, clinic_id=world.clinic.pk)
    assert one.digest == two.digest != other.digest
