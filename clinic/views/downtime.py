"""The downtime pack: today's patients on paper, for when the app can't be reached."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import staff_of, staff_page
from accounts.middleware import AppRequest
from aftercare.http import get_or_post, render_page
from clinic import services
from clinic.queries.downtime import downtime_page, newest_packs, pack_name
from clinic.roles import BOOKS
from clinic.views.common import clinic_of, go_to


@staff_page(roles=BOOKS)
@get_or_post
def downtime(request: AppRequest) -> HttpResponse:
    """The newest pack; a POST makes one now."""
    clinic, at = clinic_of(request), timezone.now()
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        if services.make_pack_on_demand(clinic, by=staff_of(request), seen=seen, at=at):
            messages.success(request, "The pack is made. Open it, and print it.")
        else:
            messages.info(request, "A pack is being made right now. Look again in a moment.")
        return go_to("clinic:downtime")
    return render_page(request, "clinic/downtime.html", downtime_page(clinic, at))


@staff_page(roles=BOOKS)
@require_safe
def downtime_pack(request: AppRequest) -> HttpResponse:
    """The newest pack itself. Who opened it is on record; no browser keeps a copy of its own."""
    clinic, pack = clinic_of(request), newest_packs().first()
    if pack is None:
        return go_to("clinic:downtime")
    if request.method == "GET":
        services.note_opened(pack, by=staff_of(request), at=timezone.now())
    response = HttpResponse(bytes(pack.pdf), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{pack_name(clinic, pack.made_at)}"'
    response["Cache-Control"] = "no-store"
    return response
