"""What a phone keeps for when there is no network: the acts of the red levels, and the script that keeps them."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import patient_of, patient_page, public_page
from accounts.middleware import AppRequest
from aftercare.http import render_page
from checkin.queries import offline_page
from timeline.levels import LEVELS, RED

_SCRIPT = Path(settings.BASE_DIR) / "static" / "js" / "worker.js"
_KEPT_FILES = (
    "css/app.css",
    "js/app.js",
    "js/breathe.js",
    "js/offline.js",
    "js/words.js",
    "vendor/htmx/htmx.min.js",
    "icons/icons.svg",
    "fonts/atkinson-next-latin.woff2",
)


@patient_page
@require_safe
def action(request: AppRequest, need: int) -> HttpResponse:
    """What to do at one level, for a phone that could not send the answer. It says that the clinic does not have it."""
    level = LEVELS[need] if need < len(LEVELS) else None
    if level not in RED:
        raise Http404
    page = offline_page(patient_of(request), level, at=timezone.now())
    return render_page(request, "checkin/offline.html", page)


@public_page
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, at the root, so that it holds for every page. Its list of files carries their versions."""
    script = _SCRIPT.read_text("utf-8")
    for mark, names in (("files", _KEPT_FILES), ("icon", ("icons/app-192.png",)), ("badge", ("icons/badge-96.png",))):
        script = script.replace(f"/* {mark} */", ", ".join(f'"{static(name)}"' for name in names))
    return HttpResponse(script, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})
