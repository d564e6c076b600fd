"""What every page and answer shares: rendering a page or its part, headers, and plain words for what goes wrong."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string

log = logging.getLogger("aftercare.http")

GetResponse = Callable[[HttpRequest], HttpResponse]

_HEADERS = {
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}


def render_page(
    request: HttpRequest, template: str, page: Any = None, *, part: str | None = None, status: int = 200, **extra: Any
) -> HttpResponse:
    """The whole page, or only its named part when htmx asks for it."""
    if part and getattr(request, "htmx", False):
        template = f"{template}#{part}"
    return render(request, template, {"page": page, **extra}, status=status)


def see_other(address: str) -> HttpResponse:
    """After a POST: the browser looks at `address` (a path of ours) with a GET."""
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


def client_address(request: HttpRequest) -> str:
    """Who asks, for counting tries: the address that the trusted proxy in front of us saw, else the connection's own."""
    if settings.PROXIES:
        seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        if len(seen) >= settings.PROXIES:
            return str(seen[-settings.PROXIES])
    return str(request.META.get("REMOTE_ADDR", ""))


class HeadersMiddleware:
    """Headers that Django does not set. Every page is private: nothing is kept by a cache."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class PlainBytesMiddleware:
    """Refuses a NUL in an address, a query or a cookie before anything can stumble over it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        meta = request.META
        raw = f"{request.path}?{meta.get('QUERY_STRING', '')};{meta.get('HTTP_COOKIE', '')}"
        # Django reads \000 in a quoted cookie as a NUL: what it made of the cookies counts too.
        if b"\0" in unquote_to_bytes(raw.encode("utf-8", "surrogateescape")) or "\0" in "".join(
            request.COOKIES.values()
        ):
            raise BadRequest("An address or a cookie holds a NUL.")
        return self.get_response(request)


class NotAllowedMiddleware:
    """An address that only takes a button press, opened by hand: a page with a way out instead of an empty one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content and not _is_htmx(request):
            response.content = render_to_string("405.html", request=request).encode()
        return response


# For htmx, which puts no error on the page: app.js says there that it was not saved.
_LINES = {
    400: "We could not read that. Go back and try once more.",
    403: "This page is not for you to open.",
    404: "There is no page here.",
    413: "That was too long to send. Go back and make it shorter.",
    500: "Something broke on our side. Go back and try once more.",
    503: "We are not here for a moment. Wait one minute, then try once more.",
}
_WAITED = "This page waited too long. Open it again, then send once more."
# When even the error page can't be made. It needs nothing: no template, no database, no style.
_LAST_WORDS = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Something broke on our side</title>
<main>
<h1>Something broke on our side</h1>
<p>It was not you. Wait one minute. Then go back and try once more.</p>
<h2>Not well?</h2>
<p>In an emergency, call your local emergency number now. Do not wait for this page.</p>
<p>The number of your clinic is on the papers that they gave you.</p>
<p><a href="/">Go to the start</a></p>
</main>
</html>
"""


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What can't be read; a form that is too long says so."""
    return _trouble(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _trouble(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _trouble(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """The page that can't fail. A database that is away, or too busy, is told apart: waiting helps there."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        response = _trouble(request, 503)
        response["Retry-After"] = "60"
        return response
    return _trouble(request, 500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that waited too long. Nothing was done, and what was typed is still on the page before this one."""
    if _is_htmx(request):
        return _line(_WAITED, status=403)
    return _trouble(request, 403, template="403_csrf.html")


def _trouble(request: HttpRequest, status: int, *, template: str = "") -> HttpResponse:
    if _is_htmx(request):
        return _line(_LINES[status], status=status)
    # So early that no cookie can be set: a form on the page could not be sent.
    values = {} if hasattr(request, "session") else {"csrf_token": ""}
    try:
        return render(request, template or f"{status}.html", values, status=status)
    except Exception as error:  # noqa: BLE001  this is the last place where an answer can be given
        log.error("The page for a %s could not be made: %s", status, type(error).__name__)
        return HttpResponse(_LAST_WORDS, status=status)


def _line(text: str, *, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


def _is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"
