"""What every staff page says of alerts: how many wait for somebody, and whether alerts go out at all."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from psycopg.pq import TransactionStatus

from aftercare.tenancy import TenantRequired, current_clinic_id
from clinic.queries.alert_bar import AlertBar, alert_bar


def alerts(request: HttpRequest) -> dict[str, Any]:
    """`alert_bar` for signed-in staff. It asks the database only where a page shows it."""
    if getattr(request, "staff", None) is None:
        return {}
    return {"alert_bar": SimpleLazyObject(_bar)}


def _bar() -> AlertBar:
    """Empty on the page of an error, where the transaction is broken or over, or the database away."""
    return alert_bar(timezone.now()) if _may_ask() else AlertBar()


def _may_ask() -> bool:
    try:
        current_clinic_id()
    except TenantRequired:
        return False
    link = connection.connection
    return link is not None and link.info.transaction_status == TransactionStatus.INTRANS
