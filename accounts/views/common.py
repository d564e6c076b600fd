"""What the pages of patients and of anybody share: forms that are looked at or sent, and the status of a refusal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.services import CardRefused, CodeWrong, LinkExpired, PinRefused, PinWrong, TooManyTries
from aftercare.http import render_page

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def address_to_type(page: str) -> str:
    """The address of a page as a person types it, without https://."""
    return settings.PUBLIC_URL.partition("://")[2] + reverse(page)


def typed(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with; None on a GET, so that the form is only shown."""
    return request.POST if request.method == "POST" else None


def show_form(request: HttpRequest, template: str, form: forms.Form, **extra: Any) -> HttpResponse:
    """The form as it is: fresh, or with what is wrong with it."""
    return render_page(request, template, form=form, status=422 if form.is_bound else 200, **extra)


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
