"""A phone that begins, or ends, to take notices. static/js/push.js asks; the answers are for it to show."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access import device_of, patient_of, set_up_page
from accounts.middleware import AppRequest
from aftercare.http import see_other
from prompts import services
from prompts.forms import SubscriptionForm
from prompts.services import SubscriptionRefused


@set_up_page
@require_POST
def subscribe(request: AppRequest) -> HttpResponse:
    """204; or 422 with the reason in plain words. Who taps says yes; a browser that renews says nothing of its own."""
    form = SubscriptionForm(request.POST)
    if not form.is_valid():
        return _said("This browser did not say how it can be reached.")
    told = form.cleaned_data
    act = services.renew_subscription if told["renew"] else services.subscribe
    try:
        act(
            patient_of(request),
            device_of(request),
            endpoint=told["endpoint"],
            public_key=told["p256dh"],
            auth_secret=told["auth"],
            at=timezone.now(),
        )
    except SubscriptionRefused as refused:
        return _said(str(refused))
    return HttpResponse(status=204)


@set_up_page
@require_POST
def unsubscribe(request: AppRequest) -> HttpResponse:
    """204, always: what is off stays off. Without a script the page that its card was on follows, and says so."""
    services.unsubscribe(patient_of(request), device_of(request), at=timezone.now())
    if request.headers.get("Sec-Fetch-Mode") != "navigate":
        return HttpResponse(status=204)
    page = "prompts:messages" if request.POST.get("from") == "messages" else "timeline:reach"
    return see_other(f"{reverse(page)}#push")


def _said(words: str) -> HttpResponse:
    return HttpResponse(words, content_type="text/plain; charset=utf-8", status=422)
