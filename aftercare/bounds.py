"""What a request may hold at all: refused at the door, before anything further in can stumble over it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIHandler
from django.db import DataError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils.datastructures import MultiValueDict

from aftercare.errors import trouble
from aftercare.http import GetResponse, hold_form, is_from_us

METHODS = ("GET", "HEAD", "POST")
FORM_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
# Bytes of path and query.
LONGEST_ADDRESS = 4096
_UNREADABLE_TYPE = "unreadable/unreadable"
# A type with parameters that no parser needs to decode, and no other charset than UTF-8.
_CHARSET = re.compile(r"""; ?charset="?utf-8"?""", re.IGNORECASE)
_TYPE = re.compile(
    rf"""[\w.+-]+/[\w.+-]+({_CHARSET.pattern}|; ?boundary="?[\w'()+,./:=?-]{{0,70}}"?)*;?""", re.ASCII | re.IGNORECASE
)


def is_plain_type(content_type: str) -> bool:
    """Whether a Content-Type can be parsed without surprise. Django meets an odd one with a bare 500."""
    return not content_type or (len(content_type) < 200 and bool(_TYPE.fullmatch(content_type)))


def make_readable(environ: dict[str, Any]) -> None:
    """Takes away what no request can be made of, so that the middleware is there to refuse it.

    A charset goes too: it can only be UTF-8, and Django reads the query while it sets one, before anybody can catch.
    """
    told = environ.get("CONTENT_TYPE", "")
    environ["CONTENT_TYPE"] = _CHARSET.sub("", told) if is_plain_type(told) else _UNREADABLE_TYPE


class Door:
    """The WSGI application, behind a look at what Django would meet before any middleware is asked."""

    def __init__(self, application: WSGIHandler) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        make_readable(environ)
        return self.application(environ, start_response)


class BoundsMiddleware:
    """Bytes, methods and where from at once; a body when its view is known, so that the page fits who asks."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            page = trouble(request, 405)
            page["Allow"] = ", ".join(METHODS)
            return page
        check_bytes(request)
        request.get_host()
        if request.method == "POST" and request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}:
            return trouble(request, 403)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """The body: its length and its kind before a byte of it is read."""
        if request.method != "POST":
            return None
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return trouble(request, 413)
        if request.META.get("CONTENT_LENGTH") not in {None, "", "0"} and request.content_type not in FORM_TYPES:
            return trouble(request, 415)
        try:
            holds_nul(request.POST)
        except (LookupError, ValueError, UnreadablePostError):
            raise BadRequest("A form could not be parsed.") from None
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A form answers for its own fields. Where a view stumbles over a NUL that no form looked at, this answers."""
        if not isinstance(exception, ValueError | DataError) or not holds_nul(request.POST):
            return None
        is_ours = is_from_us(request)
        page = hold_form(request, why="unreadable", status=422) if is_ours else trouble(request, 422)
        if transaction.get_connection().in_atomic_block:
            transaction.set_rollback(True)
        return page


def check_bytes(request: HttpRequest) -> None:
    """Raises BadRequest for a NUL, for what is not UTF-8, and for an address, a length or a type that can't be read."""
    if b"\0" in _plain_bytes(request) or "\0" in "".join(request.COOKIES.values()):
        # Django reads \000 in a quoted cookie as a NUL: what it made of the cookies counts too.
        raise BadRequest("An address or a header holds a NUL.")
    _check_shape(request)


def _plain_bytes(request: HttpRequest) -> bytes:
    """All that was asked but the body, its escapes undone."""
    meta = request.META
    try:
        # WSGI hands each byte of a header over as one character.
        query, cookies = (meta.get(name, "").encode("latin-1") for name in ("QUERY_STRING", "HTTP_COOKIE"))
        headers = "".join(value for name, value in meta.items() if name.startswith("HTTP_")).encode("latin-1")
        address = unquote_to_bytes(meta["PATH_INFO"].encode()) + b"?" + unquote_to_bytes(query)
        (address + cookies).decode()
    except UnicodeError:
        raise BadRequest("An address or a header is not UTF-8.") from None
    if len(address) > LONGEST_ADDRESS:
        raise BadRequest("An address is too long.")
    return b"".join((address, headers, unquote_to_bytes(cookies)))


def _check_shape(request: HttpRequest) -> None:
    told, length = request.META.get("CONTENT_TYPE", ""), str(request.META.get("CONTENT_LENGTH") or "0")
    if not (length.isascii() and length.isdigit() and len(length) < 16):
        raise BadRequest("A length can't be read.")
    if told == _UNREADABLE_TYPE or not is_plain_type(told):
        raise BadRequest("A type can't be read.")
    try:
        urlsplit(request.META.get("HTTP_HX_CURRENT_URL", ""))
    except ValueError:
        raise BadRequest("A header holds no address.") from None


def holds_nul(fields: MultiValueDict[str, str]) -> bool:
    """Whether any value of a form holds a NUL or half of a pair of surrogates, which no database keeps."""
    return any(
        "\0" in value or (not value.isascii() and _is_broken(value)) for _, values in fields.lists() for value in values
    )


def _is_broken(value: str) -> bool:
    try:
        value.encode()
    except UnicodeError:
        return True
    return False
