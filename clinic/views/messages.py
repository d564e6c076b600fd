"""What became of the messages around a visit."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import staff_of, staff_page
from accounts.middleware import AppRequest
from aftercare.http import render_page
from clinic.queries.messages import visit_messages
from clinic.roles import BOOKS
from clinic.views.common import clinic_of, treatment_or_404


@staff_page()
@require_safe
def messages(request: AppRequest, treatment_id: UUID) -> HttpResponse:
    """For all of the staff, as whoever sits at the desk is asked where a message is. Words that were texted are for those
    who answer alerts."""
    role = staff_of(request).role
    page = visit_messages(treatment_or_404(treatment_id), clinic_of(request), timezone.now(), role=role)
    return render_page(request, "clinic/messages.html", page, may_book=role in BOOKS)
