"""The patient's messages, each with a page of its own, and the switches for the ways that they come by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.forms import Form
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import patient_of, patient_page
from accounts.middleware import AppRequest
from accounts.services import set_emails, set_push, set_texts
from aftercare.http import is_htmx, render_page, see_other
from prompts.forms import EmailsForm, TextsForm
from prompts.queries import MessagesPage, PromptPage, messages_page, prompt_page

LIST, ONE = "prompts/messages.html", "prompts/prompt.html"


@patient_page
@require_safe
def messages(request: AppRequest) -> HttpResponse:
    return render_page(request, LIST, messages_page(patient_of(request), timezone.now()))


@patient_page
@require_safe
def prompt(request: AppRequest, prompt_id: int) -> HttpResponse:
    """Where the link in a message leads. Nobody else's, and none that has not left."""
    page = prompt_page(patient_of(request), prompt_id, timezone.now())
    return render_page(request, ONE, page, status=200 if page else 404)


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
    """Ends notices on every phone of theirs, from any. Each is turned on by itself."""
    at = timezone.now()
    set_push(patient_of(request), on=False, at=at)
    return show_again(request, "push", at=at)


def _switched(request: AppRequest, form: Form, name: str, *, switch: Callable[..., None]) -> HttpResponse:
    at = timezone.now()
    if not form.is_valid():
        return show_wrong(request, form, at=at)
    switch(patient_of(request), on=form.cleaned_data[name] == "on", at=at)
    return show_again(request, name, at=at)


def show_again(request: AppRequest, name: str, *, at: datetime, prompt_id: int = 0) -> HttpResponse:
    """After an act: the page that it was on, with the focus on what was touched."""
    if not is_htmx(request):
        address = reverse("prompts:prompt", args=[prompt_id]) if prompt_id else reverse("prompts:messages")
        return see_other(f"{address}#{name}")
    template, page = _page(request, prompt_id, at)
    return render_page(request, template, page, part="all", has_switched=name)


def show_wrong(request: AppRequest, form: Form, *, at: datetime, prompt_id: int = 0) -> HttpResponse:
    """What can't be taken: the same page, with what is wrong and what was typed."""
    template, page = _page(request, prompt_id, at)
    return render_page(request, template, page, part="all", form=form, status=422)


def _page(request: AppRequest, prompt_id: int, at: datetime) -> tuple[str, PromptPage | MessagesPage]:
    """That of one message where there is one, else of all."""
    patient = patient_of(request)
    one = prompt_page(patient, prompt_id, at) if prompt_id else None
    return (ONE, one) if one else (LIST, messages_page(patient, at))
