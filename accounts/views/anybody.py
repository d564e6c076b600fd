"""Pages for anybody: welcome, help, and the theme."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accounts.access import public_page
from accounts.context import THEME_COOKIE, THEMES
from accounts.forms import CodeForm
from accounts.middleware import AppRequest
from accounts.views.common import show_welcome
from aftercare.http import render_page, see_other


@public_page
@require_safe
def welcome(request: AppRequest) -> HttpResponse:
    """What somebody without a bound phone sees: how to begin, and help."""
    return show_welcome(request, CodeForm())


@public_page
@require_safe
def help_page(request: AppRequest) -> HttpResponse:
    return render_page(request, "accounts/help.html")


@public_page
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Day or Dim, kept on the device. No health data: readable by nobody else all the same."""
    wanted, back = request.POST.get("theme", ""), request.POST.get("next", "/")
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    response = see_other(back if is_ours else "/")
    if wanted in THEMES:
        response.set_cookie(
            THEME_COOKIE, wanted, max_age=31_536_000, secure=settings.IS_HTTPS, httponly=True, samesite="Lax"
        )
    return response
