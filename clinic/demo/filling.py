"""Fills the demo, or begins its day anew."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from accounts.models import Patient
from accounts.states import Role
from aftercare.tenancy import tenant
from clinic.demo import forgetting, people
from clinic.demo.cast import CEDAR, HARBOR, PATIENTS
from clinic.demo.duty import ensure_duty
from clinic.demo.story import Story, tell_cedar, tell_harbor
from timeline.packs import pack_keys


class NotADemo(Exception):
    """Made-up people may not stand among real ones."""


def refresh_demo(*, at: datetime, reset: bool = False) -> None:
    """Makes the demo's people where they are missing, and begins their visits anew, so that the hours fit `at`.

    `reset` also takes away what newcomers added. Raises NotADemo outside demo mode.
    """
    if not settings.DEMO:
        raise NotADemo("The demo’s people are only for a demo. Set DEMO=1.")
    for clinic_id, tell in ((CEDAR, tell_cedar), (HARBOR, tell_harbor)):
        with tenant(clinic_id):
            people.one_at_a_time()
            people.ensure_clinic(clinic_id)
            staff = {member.role: member for member in people.ensure_staff(clinic_id)}
            manager, nurse = staff[Role.MANAGER], staff[Role.NURSE]
            ensure_duty(staff, at=at)
            if reset:
                made_up = [person.record_number for person in PATIENTS]
                forgetting.take_away(Patient.objects.exclude(record_number__in=made_up))
                forgetting.forget_team(clinic_id)
            versions = {key: people.ensure_version(key, by=manager, at=at, anew=reset) for key in pack_keys()}
            cast = {p.key: people.ensure_patient(p, by=nurse, at=at) for p in PATIENTS if p.clinic == clinic_id}
            made = Patient.objects.filter(pk__in=[patient.pk for patient in cast.values()])
            forgetting.forget_visits(made)
            tell(Story(at=at, nurse=nurse, people=cast, versions=versions))
