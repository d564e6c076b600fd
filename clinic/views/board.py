"""The board of today."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import staff_of, staff_page
from accounts.middleware import AppRequest
from aftercare.http import render_page
from clinic.queries import today_board
from clinic.roles import ANSWERS
from clinic.views.common import clinic_of


@staff_page()
@require_safe
def today(request: AppRequest) -> HttpResponse:
    """htmx asks every ten seconds with the mark of what it shows, and gets nothing when nothing changed."""
    page = today_board(clinic_of(request), timezone.now(), show=request.GET.get("show", ""))
    if getattr(request, "htmx", False) and request.GET.get("seen") == page.mark:
        return HttpResponse(status=204)
    may_answer = staff_of(request).role in ANSWERS
    return render_page(request, "clinic/today.html", page, part="board", may_answer=may_answer)
