"""The patient's messages, the ways to stop them without the app, and the demo's phone."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.access import demo_page, patient_of, patient_page, public_page
from accounts.middleware import AppRequest
from accounts.services import set_emails, set_texts
from accounts.services import stop_emails as stop_emails_to
from aftercare.http import get_or_post, render_page, see_other, show_form, typed
from prompts.forms import EmailsForm, StopEmailsForm, TextsForm
from prompts.queries import lock_screen, messages_page
from prompts.services import is_from_provider, read_stop_link, take_report, take_text

PAGE, STOP_PAGE = "prompts/messages.html", "prompts/stop_emails.html"


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


@csrf_exempt
@public_page
@require_POST
def inbound(request: HttpRequest) -> HttpResponse:
    """A text that somebody sent us. Only the provider's signature opens it; STOP ends texts to that number at once.

    Any other words go to whoever waits for them (`text_arrived`), and may be answered by text.
    """
    if (form := _signed_form(request)) is None:
        return HttpResponse(status=403)
    return HttpResponse(take_text(form, at=timezone.now()), content_type="text/xml")


@csrf_exempt
@public_page
@require_POST
def reports(request: HttpRequest) -> HttpResponse:
    """What became of a text or a call that had a key. Only the provider's signature opens it."""
    if (form := _signed_form(request)) is None:
        return HttpResponse(status=403)
    take_report(form, key=request.GET.get("key", ""), at=timezone.now())
    return HttpResponse(status=204)


@csrf_exempt
@public_page
@get_or_post
def stop_emails(request: HttpRequest, signed: str) -> HttpResponse:
    """Ends e-mails to one address, at once and at every clinic: by an answer here or by the button of a mail program.

    A GET only asks, for mail scanners follow links; and a button pressed without an answer stops nothing, for some press
    buttons too. A mail program sends what its standard (RFC 8058) asks for, which the form here does not. Nobody has to be
    signed in, and nothing of the person is shown.
    """
    named = read_stop_link(signed)
    if named is None:
        return render_page(request, STOP_PAGE, is_broken=True, status=404)
    form = StopEmailsForm(typed(request))
    if not _is_one_click(request) and not form.is_valid():
        return show_form(request, STOP_PAGE, form)
    if not _is_one_click(request) and form.cleaned_data["answer"] == "keep":
        return render_page(request, STOP_PAGE, is_kept=True)
    clinic_id, channel_id, mark = named
    stop_emails_to(channel_id, clinic_id=clinic_id, mark=mark, at=timezone.now())
    return render_page(request, STOP_PAGE, is_done=True)


def _is_one_click(request: HttpRequest) -> bool:
    return request.POST.get("List-Unsubscribe") == "One-Click"


@demo_page
@require_safe
def phone(request: HttpRequest) -> HttpResponse:
    """Each text as it would arrive on a lock screen. htmx asks every few seconds with the mark of what it shows."""
    page = lock_screen(timezone.now())
    if getattr(request, "htmx", False) and request.GET.get("seen") == page.mark:
        return HttpResponse(status=204)
    return render_page(request, "prompts/phone.html", page, part="screen")


def _signed_form(request: HttpRequest) -> dict[str, str] | None:
    """What the provider posted; None when it was not the provider. The query is signed as well."""
    form = {name: str(value) for name, value in request.POST.items()}
    url = f"{settings.PUBLIC_URL}{request.get_full_path()}"
    signed = request.headers.get("X-Twilio-Signature", "")
    return form if is_from_provider(url, form, signed=signed) else None


def _switched(request: AppRequest, form: Form, name: str, *, switch: Callable[..., None]) -> HttpResponse:
    patient, at = patient_of(request), timezone.now()
    if not form.is_valid():
        return render_page(request, PAGE, messages_page(patient, at), part="all", form=form, status=422)
    switch(patient, on=form.cleaned_data[name] == "on", at=at)
    if getattr(request, "htmx", False):
        return render_page(request, PAGE, messages_page(patient, at), part="all", has_switched=name)
    return see_other(f"{reverse('prompts:messages')}#{name}")
