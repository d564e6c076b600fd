"""The way to stop e-mails without the app, and the demo's phone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from accounts.access import demo_page, public_page
from accounts.services import stop_emails as stop_emails_to
from aftercare.http import get_or_post, render_page, show_form, typed
from prompts.forms import StopEmailsForm
from prompts.queries import lock_screen
from prompts.services import read_stop_link

STOP_PAGE = "prompts/stop_emails.html"


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
