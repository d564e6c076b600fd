"""The page of somebody who was given a link and a code."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.access import public_page
from accounts.middleware import AppRequest
from accounts.models import Token
from accounts.services import LinkExpired, TooManyTries, forgive, throttle
from accounts.tokens import hash_secret
from aftercare.http import client_address, get_or_post, render_page, see_other, show_form, typed
from aftercare.tenancy import tenant
from journal import services
from journal.forms import SharedCodeForm
from journal.guest_access import close, guest_page, is_opened, note_opened, opens_nothing, remember_link, token_of
from journal.models import Share
from journal.one_page import OnePage, date_words
from journal.services import CanNotOpen, CodeRefused, CodeRests, JournalClosed
from journal.sharing import TRIES_FROM_ONE_ADDRESS, TRIES_WITHIN
from journal.views.files import page_file

COVER, PAGE, CLOSED = "journal/shared_cover.html", "journal/shared.html", "journal/shared_closed.html"
_TRIES = "shared code"


@public_page
@require_safe
def open_share(request: AppRequest, secret: str) -> HttpResponse:
    """The address of a link. Changes nothing, whatever the secret: this browser keeps its hash and moves on."""
    remember_link(request, hash_secret(secret))
    return see_other(reverse("journal:shared"))


@sensitive_post_parameters()
@guest_page
@get_or_post
def shared(request: AppRequest) -> HttpResponse:
    """A cover that tells nothing; after the code the text, for some minutes in this browser."""
    if request.method == "POST":
        return _try_code(request)
    if is_opened(request, at=timezone.now()):
        return _show(request)
    return render_page(request, COVER, form=SharedCodeForm())


def _try_code(request: AppRequest) -> HttpResponse:
    at, address, form = timezone.now(), client_address(request), SharedCodeForm(typed(request))
    if not form.is_valid():
        return show_form(request, COVER, form)
    try:
        throttle(_TRIES, address, at_most=TRIES_FROM_ONE_ADDRESS, within=TRIES_WITHIN)
        services.open_with_code(token_of(request), form.cleaned_data["code"], at=at)
    except LinkExpired:
        return opens_nothing(request)
    except (CodeRefused, TooManyTries) as error:
        form.add_error("code", str(error))
        return render_page(
            request, COVER, form=form, status=429 if isinstance(error, CodeRests | TooManyTries) else 422
        )
    except (CanNotOpen, JournalClosed):
        return render_page(request, CLOSED, status=503)
    forgive(_TRIES, address)
    note_opened(request, at=at)
    return see_other(reverse("journal:shared"))


def _show(request: AppRequest) -> HttpResponse:
    def show(share: Share, page: OnePage) -> HttpResponse:
        return render_page(request, PAGE, page, until=date_words(share.ends_at, ZoneInfo(page.zone)))

    return _opened(request, services.read_copy, show)


@guest_page
@require_safe
def shared_file(request: AppRequest) -> HttpResponse:
    """The same as a PDF, as long as the page is open here."""
    at = timezone.now()
    if not is_opened(request, at=at):
        return see_other(reverse("journal:shared"))
    country = token_of(request).clinic.country_id
    return _opened(
        request, lambda token: services.take_copy(token, at=at), lambda _, page: page_file(page, country=country, at=at)
    )


def _opened(
    request: AppRequest,
    read: Callable[[Token], tuple[Share, OnePage]],
    show: Callable[[Share, OnePage], HttpResponse],
) -> HttpResponse:
    """The copy that `read` opens, as `show` answers with it; else why it does not open."""
    token = token_of(request)
    try:
        with tenant(token.clinic_id):
            share, page = read(token)
    except LinkExpired:
        return opens_nothing(request)
    except (CanNotOpen, JournalClosed):
        return render_page(request, CLOSED, status=503)
    return show(share, page)


@guest_page
@require_POST
def close_shared(request: AppRequest) -> HttpResponse:
    """The text is gone from this browser; the code opens it again."""
    close(request)
    return see_other(reverse("journal:shared"))
