"""When something goes wrong: a page in plain words with the numbers to call, whoever asks and whatever is away."""

from __future__ import annotations

import logging
import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render

from aftercare.http import GetResponse, hold_form, is_from_us, is_htmx

log = logging.getLogger(__name__)

# For htmx, which puts no error on the page: app.js says there that it was not saved.
_LINES = {
    400: "We could not read that. Go back and try once more.",
    403: "This page is not for you to open.",
    404: "There is no page here.",
    405: "This page opens with a button.",
    413: "That was too long to send. Go back and make it shorter.",
    415: "We cannot take that kind of file or form.",
    422: "We could not read all of what you sent. Go back and type it again.",
    429: "There were too many tries. Wait five minutes, then try once more.",
    500: "Something broke on our side. Go back and try once more.",
    503: "We are not here for a moment. Wait one minute, then try once more.",
}
_HELP = "In an emergency, call your local emergency number now."
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


class NotAllowedMiddleware:
    """An address that only takes a button press, opened by hand: a page with a way out instead of an empty one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            page = trouble(request, 405)
            page["Allow"] = response["Allow"]
            return page
        return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What can't be read; a form that is too long, or has too many parts, says so with the limit."""
    if isinstance(exception, RequestDataTooBig):
        return trouble(request, 413)
    fields = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS if isinstance(exception, TooManyFieldsSent) else 0
    return trouble(request, 400, most_fields=fields)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return trouble(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return trouble(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """The page that can't fail. A database that is away, or too busy, is told apart: waiting helps there."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        response = trouble(request, 503)
        response["Retry-After"] = "60"
        return response
    return trouble(request, 500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token. One of our own pages waited too long: its words are kept. Another site's gets nothing."""
    if is_from_us(request):
        return hold_form(request, why="waited", status=403)
    if is_htmx(request):
        return _line(_WAITED, status=403)
    return trouble(request, 403, template="403_csrf.html")


def trouble(request: HttpRequest, status: int, *, template: str = "", **words: Any) -> HttpResponse:
    """The page of a status, or for htmx one plain line."""
    if is_htmx(request):
        return _line(f"{_LINES[status]} {_HELP}", status=status)
    # So early that no cookie can be set: a form on the page could not be sent.
    values = {"most_kilobytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024, **words}
    values |= {} if hasattr(request, "session") else {"csrf_token": ""}
    try:
        return render(request, template or f"{status}.html", values, status=status)
    except Exception:
        # This is the last place where an answer can be given.
        log.exception("The page of an error could not be made", extra={"status": status})
        return HttpResponse(_LAST_WORDS, status=status)


def _line(text: str, *, status: int) -> HttpResponse:
    """For nobody to see: htmx swaps none of it, a 422 neither."""
    headers = {"HX-Reswap": "none"}
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8", headers=headers)
