"""Pages that only programs read."""

from __future__ import annotations

from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import public_page

TEXT = "text/plain; charset=utf-8"
# What stands under the icon, on a screen that anybody may see.
NAME = "Your day"
PAPER = "#eee9df"


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


@public_page
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to keep the app on its home screen. Nothing in it tells what the app is for."""
    told = {
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "name": NAME,
        "short_name": NAME,
        "lang": "en",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": [
            _icon("app-192", 192, "any"),
            _icon("app-512", 512, "any"),
            _icon("app-maskable-512", 512, "maskable"),
        ],
        "shortcuts": [
            {"name": "Check in", "url": reverse("checkin:start")},
            {"name": "Get help", "url": reverse("accounts:help")},
        ],
    }
    return JsonResponse(told, content_type="application/manifest+json")


def _icon(name: str, size: int, purpose: str) -> dict[str, str]:
    return {"src": static(f"icons/{name}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
