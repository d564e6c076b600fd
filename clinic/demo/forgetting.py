"""Takes away what an earlier start of the demo left, as far as it may be: what was answered or said on a call stays."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import ProtectedError, Q, QuerySet

from accounts.models import Channel, Device, Patient, StaffMember, Token
from accounts.services.sign_ins import end_sign_ins
from alerts.models import Alert, AlertNotice, CallLog
from alerts.services import close_alert
from alerts.states import AlertState, Closing
from checkin.models import CheckIn
from clinic.demo.cast import STAFF
from clinic.demo.people import email_of
from prompts.models import Prompt
from timeline.models import Treatment
from timeline.states import TreatmentState

_ANEW = "The demo began anew."


def forget_visits(patients: QuerySet[Patient], *, by: StaffMember, at: datetime) -> None:
    """The visits of an earlier start go, with their prompts and alerts: the hundredth start looks like the first.

    A visit with answers in it can't go, and is over.
    """
    prompts = Prompt.objects.filter(patient__in=patients)
    # A worker may be about to send one: what is locked here it can't begin.
    list(prompts.select_for_update().values_list("pk", flat=True))
    prompts.delete()
    _forget_alerts(patients, by=by, at=at)
    check_ins = CheckIn.objects.filter(patient__in=patients)
    unanswered = check_ins.filter(answers=None, readings=None).values_list("pk", flat=True)
    # Not delete(): it would ask for answers to delete, and nobody may delete those.
    CheckIn.objects.filter(pk__in=list(unanswered))._raw_delete("default")
    visits, answered = (
        Treatment.objects.filter(patient__in=patients),
        check_ins.exclude(treatment=None).values("treatment"),
    )
    visits.exclude(pk__in=answered).delete()
    visits.move(to=TreatmentState.CLOSED, closed_at=at, changed_at=at)
    visits.move(to=TreatmentState.CANCELLED, cancelled_at=at, cancelled_by=by, changed_at=at)


def _forget_alerts(patients: QuerySet[Patient], *, by: StaffMember, at: datetime) -> None:
    """Those with a call on record stay, closed and without their visit."""
    alerts = Alert.objects.filter(patient__in=patients)
    found = list(alerts.select_for_update().values_list("pk", flat=True))
    called = set(CallLog.objects.filter(alert__in=found).values_list("alert_id", flat=True))
    silent = [alert_id for alert_id in found if alert_id not in called]
    AlertNotice.objects.filter(alert__in=silent).delete()
    Alert.objects.filter(pk__in=silent)._raw_delete("default")
    for alert in alerts.exclude(state=AlertState.CLOSED):
        close_alert(alert, closing=Closing.NOT_NEEDED, done=_ANEW, is_reported=None, by=by, at=at)
    alerts.update(treatment=None)


def take_away(patients: QuerySet[Patient], *, by: StaffMember, at: datetime) -> None:
    """Patients whom newcomers added, but for those who answered something, or whom somebody called."""
    forget_visits(patients, by=by, at=at)
    Token.objects.filter(subject__in=[patient.pk for patient in patients]).delete()
    for rows in (Device, Channel):
        rows.objects.filter(patient__in=patients).delete()
    stays: set[UUID] = {
        *CheckIn.objects.values_list("patient_id", flat=True),
        *Alert.objects.values_list("patient_id", flat=True),
    }
    patients.exclude(pk__in=stays).delete()


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
