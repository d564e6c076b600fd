"""The patient's messages, and the switches for the ways that they come by."""

from __future__ import annotations

from collections.abc import Callable

from django.forms import Form
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import patient_of, patient_page
from accounts.middleware import AppRequest
from accounts.services import set_emails, set_push, set_texts
from aftercare.http import render_page, see_other
from prompts.forms import EmailsForm, PushForm, TextsForm
from prompts.queries import messages_page
from prompts.services import takes_push

PAGE = "prompts/messages.html"


@patient_page
@require_safe
def messages(request: AppRequest) -> HttpResponse:
    return render_page(request, PAGE, messages_page(patient_of(request), timezone.now()))


@patient_page
@require_POST
def texts(request: AppRequest) -> HttpResponse:
    """Turns text messages on or off, at once. The page then offers the other one."""
    return _switched(request, TextsForm(request.POST), "texts", switch=set_texts)


@patient_page
@require_POST
def emails(request: AppRequest) -> HttpResponse:
    """Turns e-mails on or off, likewise."""
    return _switched(request, EmailsForm(request.POST), "emails", switch=set_emails)


@patient_page
@require_POST
def push(request: AppRequest) -> HttpResponse:
    """Turns notices on the phone on or off, likewise."""
    form = PushForm(request.POST, takes_push=takes_push(patient_of(request).pk))
    return _switched(request, form, "push", switch=set_push)


def _switched(request: AppRequest, form: Form, name: str, *, switch: Callable[..., None]) -> HttpResponse:
    patient, at = patient_of(request), timezone.now()
    if not form.is_valid():
        return render_page(request, PAGE, messages_page(patient, at), part="all", form=form, status=422)
    switch(patient, on=form.cleaned_data[name] == "on", at=at)
    if getattr(request, "htmx", False):
        return render_page(request, PAGE, messages_page(patient, at), part="all", has_switched=name)
    return see_other(f"{reverse('prompts:messages')}#{name}")
