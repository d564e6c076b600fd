"""What the text provider tells us: it opens to the provider's signature alone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.access import public_page
from aftercare.outbox import database_now
from prompts.services import is_from_provider, note_accepted, note_refused, take_report, take_text

log = logging.getLogger(__name__)


@csrf_exempt
@public_page
@require_POST
def inbound(request: HttpRequest) -> HttpResponse:
    """A text that somebody sent us. Only the provider's signature opens it; STOP ends texts to that number at once.

    Any other words go to whoever waits for them (`text_arrived`), and may be answered by text.
    """
    if (form := _signed_form(request)) is None:
        return HttpResponse(status=403)
    answer = take_text(form, at=timezone.now())
    _count(note_accepted)
    return HttpResponse(answer, content_type="text/xml")


@csrf_exempt
@public_page
@require_POST
def reports(request: HttpRequest) -> HttpResponse:
    """What became of a text or a call that had a key. Only the provider's signature opens it."""
    if (form := _signed_form(request)) is None:
        return HttpResponse(status=403)
    take_report(form, key=request.GET.get("key", ""), at=database_now())
    _count(note_accepted)
    return HttpResponse(status=204)


def _signed_form(request: HttpRequest) -> dict[str, str] | None:
    """What the provider posted; None when it was not the provider. The query is signed as well.

    One that is signed and does not fit may be the provider's all the same, where our secret or address is wrong: both are
    counted for the watchdog, which tells the platform's people.
    """
    form = {name: str(value) for name, value in request.POST.items()}
    url = f"{settings.PUBLIC_URL}{request.get_full_path()}"
    signed = request.headers.get("X-Twilio-Signature", "")
    if is_from_provider(url, form, signed=signed):
        return form
    if signed:
        _count(partial(note_refused, form))
        log.warning("A hook was signed by somebody else, or SMS_AUTH_TOKEN or PUBLIC_URL is wrong: no STOP is heard")
    return None


def _count(note: Callable[[], None]) -> None:
    """What is counted beside a hook may not lose it."""
    try:
        note()
    except DatabaseError:
        log.exception("A hook could not be counted")
