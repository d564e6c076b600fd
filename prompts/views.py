"""The patient's messages, the provider's webhook for STOP, and the demo's phone."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.access import demo_page, patient_of, patient_page, public_page
from accounts.middleware import AppRequest
from accounts.services import set_texts, stop_texts
from aftercare.http import render_page, see_other
from prompts.forms import TextsForm
from prompts.queries import lock_screen, messages_page
from prompts.services import back_to_texts, is_from_provider
from prompts.words import says_stop

PAGE = "prompts/messages.html"


@patient_page
@require_safe
def messages(request: AppRequest) -> HttpResponse:
    return render_page(request, PAGE, messages_page(patient_of(request), timezone.now()))


@patient_page
@require_POST
def texts(request: AppRequest) -> HttpResponse:
    """Turns text messages on or off, at once. The page then offers the other one."""
    patient, form, at = patient_of(request), TextsForm(request.POST), timezone.now()
    if not form.is_valid():
        return render_page(request, PAGE, messages_page(patient, at), part="all", form=form, status=422)
    is_on = form.cleaned_data["texts"] == "on"
    set_texts(patient, on=is_on, at=at)
    if is_on:
        back_to_texts(patient.pk)
    if getattr(request, "htmx", False):
        return render_page(request, PAGE, messages_page(patient, at), part="all", has_switched=True)
    return see_other(f"{reverse('prompts:messages')}#texts")


@csrf_exempt
@public_page
@require_POST
def inbound(request: HttpRequest) -> HttpResponse:
    """A text that somebody sent us. Only the provider's signature opens it; STOP ends texts to that number at once."""
    form = {key: str(value) for key, value in request.POST.items()}
    url = f"{settings.PUBLIC_URL}{request.path}"
    if not is_from_provider(url, form, signed=request.headers.get("X-Twilio-Signature", "")):
        return HttpResponse(status=403)
    if says_stop(form.get("Body", "")) and form.get("From"):
        stop_texts(form["From"], at=timezone.now())
    return HttpResponse("<Response/>", content_type="text/xml")


@demo_page
@require_safe
def phone(request: HttpRequest) -> HttpResponse:
    """Each text as it would arrive on a lock screen. htmx asks every few seconds with the mark of what it shows."""
    page = lock_screen(timezone.now())
    if getattr(request, "htmx", False) and request.GET.get("seen") == page.mark:
        return HttpResponse(status=204)
    return render_page(request, "prompts/phone.html", page, part="screen")
