"""What changes a protocol: a draft, its signature, its going into use and out of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import StaffMember
from accounts.services import record
from accounts.states import Role
from aftercare.state import AlreadyMoved
from timeline.document import ProtocolDocument
from timeline.models import Protocol, ProtocolVersion
from timeline.packs import read_triage, read_visit_lists_for
from timeline.protocol import digest, dump
from timeline.states import VersionState

MAY_SIGN = frozenset({Role.CLINICIAN})
MAY_PUBLISH = frozenset({Role.CLINICIAN, Role.MANAGER})


class NotAllowed(Exception):
    """This role may not do this."""


class VersionNotUsable(Exception):
    """The protocol version is not published, or a real clinic's is not signed."""


def draft_version(
    document: ProtocolDocument, *, by: StaffMember | None, at: datetime, clinic_id: Any
) -> ProtocolVersion:
    """A new draft of the document's protocol; the protocol is made when its key is new.

    It holds its own copy of the triage rules and the lists, the shipped ones where it brings none, so that what is signed is
    all there is.
    """
    document = replace(
        document,
        triage=document.triage or read_triage(),
        lists=document.lists or read_visit_lists_for(document.route),
    )
    with transaction.atomic():
        protocol, _ = Protocol.objects.get_or_create(
            clinic_id=clinic_id, key=document.key, defaults={"name": document.name}
        )
        _one_at_a_time(protocol.pk)
        latest: ProtocolVersion | None = protocol.versions.order_by("-number").first()
        if latest and latest.state == VersionState.DRAFT and latest.digest == digest(document):
            return latest
        version = ProtocolVersion.objects.create(
            clinic_id=clinic_id,
            protocol=protocol,
            number=latest.number + 1 if latest else 1,
            state=VersionState.DRAFT,
            content=dump(document),
            digest=digest(document),
            created_at=at,
        )
        record("version_drafted", on=version, at=at, by=by, facts={"digest": version.digest})
        return version


def sign_version(version: ProtocolVersion, *, by: StaffMember, at: datetime) -> ProtocolVersion:
    """A named clinician takes responsibility for this exact document. Raises NotAllowed, AlreadyMoved."""
    if by.role not in MAY_SIGN:
        raise NotAllowed("Only a clinician can sign a protocol.")
    with transaction.atomic():
        signed = ProtocolVersion.objects.filter(pk=version.pk, state=VersionState.DRAFT, signed_at=None).update(
            signed_by=by, signed_name=str(by), signed_at=at
        )
        version.refresh_from_db()
        if not signed:
            raise _moved_already(version)
        record("version_signed", on=version, at=at, by=by, facts={"digest": version.digest})
        return version


def publish_version(version: ProtocolVersion, *, by: StaffMember, at: datetime) -> ProtocolVersion:
    """Makes a draft the one in use; the one before it retires. Treatments keep the version they began with.

    Raises NotAllowed, VersionNotUsable (not signed, at a real clinic), AlreadyMoved.
    """
    if by.role not in MAY_PUBLISH:
        raise NotAllowed("Only a clinician or a manager can publish a protocol.")
    if not (version.is_signed or by.clinic.is_demo):
        raise VersionNotUsable("A clinician has to sign this version before it can be used.")
    with transaction.atomic():
        _one_at_a_time(version.protocol_id)
        in_use = ProtocolVersion.objects.filter(protocol_id=version.protocol_id, state=VersionState.PUBLISHED)
        for former in in_use.exclude(pk=version.pk):
            in_use.filter(pk=former.pk).move(to=VersionState.RETIRED, retired_at=at, retired_by=by)
            record("version_retired", on=former, at=at, by=by)
        moved = ProtocolVersion.objects.filter(pk=version.pk).move(
            to=VersionState.PUBLISHED, published_at=at, published_by=by
        )
        version.refresh_from_db()
        if not moved:
            raise _moved_already(version)
        record("version_published", on=version, at=at, by=by)
        return version


def _one_at_a_time(protocol_id: UUID) -> None:
    """Whoever numbers or publishes a version of this protocol at the same moment waits until we are done."""
    Protocol.objects.select_for_update().get(pk=protocol_id)


def retire_version(version: ProtocolVersion, *, by: StaffMember, at: datetime) -> ProtocolVersion:
    """Nobody new gets it; treatments that began with it keep it. Raises NotAllowed, AlreadyMoved."""
    if by.role not in MAY_PUBLISH:
        raise NotAllowed("Only a clinician or a manager can retire a protocol.")
    with transaction.atomic():
        moved = ProtocolVersion.objects.filter(pk=version.pk).move(
            to=VersionState.RETIRED, retired_at=at, retired_by=by
        )
        version.refresh_from_db()
        if not moved:
            raise _moved_already(version)
        record("version_retired", on=version, at=at, by=by)
        return version


def _moved_already(version: ProtocolVersion) -> AlreadyMoved:
    """Who brought a version to where it is, and when: for the person who came second."""
    deed, who, moment = {
        VersionState.DRAFT: ("signed this version", version.signed_by, version.signed_at),
        VersionState.PUBLISHED: ("put this version in use", version.published_by, version.published_at),
        VersionState.RETIRED: ("took this version out of use", version.retired_by, version.retired_at),
    }[VersionState(version.state)]
    return AlreadyMoved(f"{who or 'Nobody'} {deed}.", happened_at=moment, by=who.pk if who else None)
