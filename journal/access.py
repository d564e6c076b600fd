"""What opens old writing: the PIN, a few minutes ago, on this phone. Writing asks for nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts.access import patient_page
from aftercare.http import hold_form, is_from_us, is_htmx, see_other
from journal.gate import Gate

View = Callable[Concatenate[Any, ...], HttpResponse]
GATE = "words_open"


def open_words_page(view: View) -> View:
    """Like patient_page, with the PIN given in the last minutes; else the page that asks for it, which leads back here.

    A look begins the idle minutes anew. A form of ours that comes too late is held, to be sent again after the PIN.
    """
    return patient_page(after_the_pin(view))


def after_the_pin(view: View) -> View:
    """The second half of open_words_page, for a page that takes one method alone: inside patient_page and require_…."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        gate, at = Gate.read(request.session.get(GATE)), timezone.now()
        if gate is None or not gate.is_open(at):
            close_words(request)
            return _to_the_pin(request)
        if (seen := gate.seen(at)) is not gate:
            request.session[GATE] = seen.kept
        return view(request, *args, **kwargs)

    guarded.needs_pin = True  # type: ignore[attr-defined]
    return guarded


def open_words(request: HttpRequest, *, at: datetime) -> None:
    """The PIN was right."""
    request.session[GATE] = Gate.open(at).kept


def close_words(request: HttpRequest) -> None:
    request.session.pop(GATE, None)


def are_words_open(request: HttpRequest, *, at: datetime) -> bool:
    gate = Gate.read(request.session.get(GATE))
    return gate is not None and gate.is_open(at)


def _to_the_pin(request: HttpRequest) -> HttpResponse:
    address = f"{reverse('journal:unlock')}?{urlencode({'next': request.path})}"
    if request.method == "POST" and is_from_us(request):
        return hold_form(request, why="locked", status=401, door=address)
    if is_htmx(request):
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    return see_other(address)
