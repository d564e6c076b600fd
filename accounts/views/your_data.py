"""The patient's own data: a copy of all of it after the PIN, and the wish that the clinic deletes the rest."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from accounts.access import patient_of, patient_page
from accounts.copies import Copy, as_json, as_read, moment_words
from accounts.forms import CopyForm
from accounts.middleware import AppRequest
from accounts.models import Patient
from accounts.queries import deletion_wish
from accounts.services import PinRefused, ask_deletion, check_pin, has_pin, make_copy
from accounts.views.common import refuse
from aftercare.dates import day_words
from aftercare.http import get_or_post, render_page, see_other, show_form, typed

COPY, ASK = "accounts/copy.html", "accounts/ask_deletion.html"
# The file stands alone, on whatever machine it is opened: its look is in it.
_STYLE = (settings.BASE_DIR / "static/css/copy.css").read_text("utf-8")


@patient_page
@require_safe
def your_data(request: AppRequest) -> HttpResponse:
    """What is kept, in a few lines, and what can be done about it."""
    return render_page(request, "accounts/your_data.html", wish=_wish(patient_of(request)))


@sensitive_post_parameters()
@patient_page
@get_or_post
def copy(request: AppRequest) -> HttpResponse:
    """After the PIN a file: a page to read and print, or the same for a machine."""
    patient, at, form = patient_of(request), timezone.now(), CopyForm(typed(request))
    if not form.is_valid():
        return show_form(request, COPY, form, has_pin=has_pin(patient))
    try:
        check_pin(patient, form.cleaned_data["known_pin"], at=at)
    except PinRefused as error:
        return refuse(request, COPY, form, "known_pin", error, has_pin=has_pin(patient))
    kind = form.cleaned_data["kind"]
    made = make_copy(patient, kind=kind, at=at)
    return _file(made, as_json(made), "json") if kind == "data" else _file(made, _page(made), "html")


def _page(made: Copy) -> str:
    zone = ZoneInfo(made.zone)
    return render_to_string(
        "accounts/copy_file.html",
        {
            "style": SafeString(f"<style>{_STYLE}</style>"),
            "made": moment_words(made.made_at, zone),
            "missing": made.missing,
            "sections": [(section, as_read(section, zone=zone)) for section in made.sections],
        },
    )


def _file(made: Copy, content: str, ending: str) -> HttpResponse:
    """Saved, and never opened in our own pages."""
    response = HttpResponse(
        content, content_type="application/json" if ending == "json" else "text/html; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{made.file_name}.{ending}"'
    return response


@patient_page
@get_or_post
def ask(request: AppRequest) -> HttpResponse:
    """Asks the clinic to delete what it keeps. A second tap asks nothing new until the clinic is done with the first."""
    patient = patient_of(request)
    if request.method != "POST":
        return render_page(request, ASK, wish=_wish(patient))
    ask_deletion(patient, at=timezone.now())
    return see_other(reverse("accounts:ask_deletion"))


def _wish(patient: Patient) -> dict[str, str]:
    """The days on which they asked and on which the clinic was done with it; "" for not yet."""
    wish, zone = deletion_wish(patient), ZoneInfo(patient.zone)
    moments = {"asked_on": wish and wish.asked_at, "seen_on": wish and wish.seen_at}
    return {name: day_words(at.astimezone(zone).date()) if at else "" for name, at in moments.items()}
