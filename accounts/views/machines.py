"""Pages that only programs read."""

from __future__ import annotations

from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.access import public_page

TEXT = "text/plain; charset=utf-8"


@public_page
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether this process and its database answer. Says no more than that."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return HttpResponse("down\n", status=503, content_type=TEXT)
    return HttpResponse("up\n", content_type=TEXT)


@public_page
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Nothing here is for a search engine."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type=TEXT)
