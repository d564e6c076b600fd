"""What the pages of patients and of anybody share: an address to type, and the words and status of a refusal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.forms import CodeForm
from accounts.middleware import PHONE_ENDED, AppRequest
from accounts.services import CardRefused, CodeWrong, LinkExpired, PinRefused, PinWrong, TooManyTries
from aftercare.http import render_page


def address_to_type(page: str) -> str:
    """The address of a page as a person types it, without https://."""
    return settings.PUBLIC_URL.partition("://")[2] + reverse(page)


def show_welcome(request: AppRequest, form: CodeForm, *, gone: str = "", status: int = 200) -> HttpResponse:
    """The page of a phone that is nobody's. `gone` says why a code opens nothing."""
    was_ended = bool(request.session.get(PHONE_ENDED))
    return render_page(request, "accounts/welcome.html", form=form, gone=gone, was_ended=was_ended, status=status)


def refuse(
    request: HttpRequest, template: str, form: forms.Form, field: str, error: Exception, **extra: Any
) -> HttpResponse:
    """The form with the words of a refusal at the field that it is about."""
    form.add_error(field, str(error))
    return render_page(request, template, form=form, status=_status(error), **extra)


def _status(error: Exception) -> int:
    if isinstance(error, CardRefused | CodeWrong | PinWrong):
        return 422
    return 429 if isinstance(error, TooManyTries | PinRefused) else 410 if isinstance(error, LinkExpired) else 422
