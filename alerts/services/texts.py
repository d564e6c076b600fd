"""A text that somebody sends us: from a person of the staff, with the code of an open alert, it takes the alert."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.models import Clinic, StaffMember
from aftercare.tenancy import tenant
from alerts.codes import codes_in
from alerts.models import Alert, AlertNotice
from alerts.queries import MAY_TAKE
from alerts.services.taking import AlertAlreadyTaken, take_alert
from alerts.states import AlertState
from alerts.words import NO_SUCH_CODE, have_it, taken_by


def take_by_text(from_number: str, body: str, at: datetime) -> str:
    """What to answer; "" when this is no text of ours. On duty or not; whoever may not take alerts gets no answer.

    Opens each clinic in which somebody who may take alerts has this number.
    """
    codes = codes_in(body)
    staff = StaffMember.objects.filter(phone=from_number, is_active=True, role__in=MAY_TAKE)
    members = list(staff.select_related("clinic").order_by("name", "pk")) if codes and from_number else []
    if not members:
        return ""
    answers: list[str] = []
    for clinic in dict.fromkeys(member.clinic for member in members):
        answers += _taken(clinic, codes, [member for member in members if member.clinic_id == clinic.pk], at=at)
    return " ".join(dict.fromkeys(answers)) or NO_SUCH_CODE


def _taken(clinic: Clinic, codes: Sequence[str], members: Sequence[StaffMember], *, at: datetime) -> list[str]:
    with tenant(clinic.pk):
        alerts = list(Alert.objects.filter(code__in=codes).exclude(state=AlertState.CLOSED).order_by("opened_at"))
        return [_take(alert, _who(alert, members), clinic, at=at) for alert in alerts]


def _who(alert: Alert, members: Sequence[StaffMember]) -> StaffMember:
    """Of several people with one number, the one who was told."""
    told = (
        set(AlertNotice.objects.filter(alert=alert).values_list("to_staff", flat=True)) if len(members) > 1 else set()
    )
    return next((member for member in members if member.pk in told), members[0])


def _take(alert: Alert, member: StaffMember, clinic: Clinic, *, at: datetime) -> str:
    board = f"{settings.PUBLIC_URL}/staff/alerts/"
    try:
        take_alert(alert, by=member, at=at)
    except AlertAlreadyTaken as already:
        if already.by == member.pk:
            return have_it(board)
        who = StaffMember.objects.get(pk=already.by or "")
        return taken_by(str(who), already.happened_at or at, ZoneInfo(clinic.zone))
    return have_it(board)
