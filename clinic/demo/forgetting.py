"""Takes away what an earlier start of the demo left, so that its day begins anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import connections, transaction
from django.db.models import Model, ProtectedError, Q, QuerySet

from accounts.models import Channel, Consent, Device, Escort, Patient, StaffMember, Token
from accounts.services.sign_ins import end_sign_ins
from accounts.signals import patients_forgotten
from aftercare.tenancy import current_clinic_id, tenant
from alerts.models import Alert, AlertNotice, CallLog
from checkin.models import Answer, CheckIn, DailyLog, LogChoice, Questionnaire
from clinic.demo.cast import STAFF
from clinic.demo.people import email_of
from clinic.models import ContactCall, DowntimePack
from prompts.models import MessageChoice, Prompt, Reply
from timeline.models import Treatment, VitalSigns

OWNER = "owner"


def forget_visits(patients: QuerySet[Patient]) -> None:
    """The visits of an earlier start go, with all that hangs on them: the hundredth start looks like the first."""
    patients_forgotten.send(Patient, patient_ids=list(patients.values_list("pk", flat=True)))
    prompts = Prompt.objects.filter(patient__in=patients)
    # A worker may be about to send one: what is locked here it can't begin.
    list(prompts.select_for_update().values_list("pk", flat=True))
    prompts.delete()
    alerts, check_ins = Alert.objects.filter(patient__in=patients), CheckIn.objects.filter(patient__in=patients)
    called = CallLog.objects.filter(alert__in=alerts).values_list("alert_id", flat=True)
    answered = Answer.objects.filter(check_in__in=check_ins).values_list("check_in_id", flat=True)
    _by_the_owner(
        {
            Alert: set(called),
            CheckIn: set(answered),
            VitalSigns: set(VitalSigns.objects.filter(treatment__patient__in=patients).values_list("pk", flat=True)),
            ContactCall: set(ContactCall.objects.filter(treatment__patient__in=patients).values_list("pk", flat=True)),
            Questionnaire: set(Questionnaire.objects.filter(patient__in=patients).values_list("pk", flat=True)),
            DailyLog: set(DailyLog.objects.filter(patient__in=patients).values_list("pk", flat=True)),
            Consent: set(Consent.objects.filter(patient__in=patients).values_list("pk", flat=True)),
        }
    )
    for chosen in (LogChoice, MessageChoice, Reply):
        chosen.objects.filter(patient__in=patients).delete()
    AlertNotice.objects.filter(alert__in=alerts).delete()
    DowntimePack.objects.all().delete()
    # Not delete(): it would ask for calls and answers to delete, and the app may not delete those.
    for rows in (alerts, check_ins):
        rows._raw_delete("default")
    Treatment.objects.filter(patient__in=patients).delete()
    Channel.objects.filter(escort__patient__in=patients).delete()
    escorts = Escort.objects.filter(patient__in=patients)
    Token.objects.filter(subject__in=list(escorts.values_list("pk", flat=True))).delete()
    escorts.delete()


def _by_the_owner(rows: Mapping[type[Model], Collection[UUID | int]]) -> None:
    """What the app may only add to, and what hangs on it, goes by the hand of the owner of the tables."""
    if not any(rows.values()):
        return
    with tenant(current_clinic_id(), using=OWNER):
        for model, keys in rows.items():
            model._default_manager.using(OWNER).filter(pk__in=keys).delete()
    if not connections[OWNER].in_atomic_block:
        connections[OWNER].close()


def take_away(patients: QuerySet[Patient]) -> None:
    """Patients whom newcomers added."""
    forget_visits(patients)
    Token.objects.filter(subject__in=[patient.pk for patient in patients]).delete()
    for rows in (Device, Channel):
        rows.objects.filter(patient__in=patients).delete()
    patients.delete()


def forget_team(clinic_id: UUID) -> None:
    """Second steps that newcomers gave the made-up staff go, and staff that they invited."""
    made_up = [email_of(colleague) for colleague in STAFF]
    Authenticator.objects.filter(user__email__in=made_up).delete()
    for member in (
        StaffMember.objects.filter(clinic_id=clinic_id).exclude(user__email__in=made_up).select_related("user")
    ):
        end_sign_ins(member.user.sign_ins.all())
        Token.objects.filter(Q(subject=member.pk) | Q(made_by=member)).delete()
        try:
            with transaction.atomic():
                member.delete()
                member.user.delete()
        except ProtectedError:
            # Their name stands under something that stays: a protocol, for one. They only lose their access.
            StaffMember.objects.filter(pk=member.pk).update(is_active=False)
