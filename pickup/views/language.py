"""The language of an escort's pages."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.access import public_page
from accounts.middleware import AppRequest
from aftercare.http import see_other
from pickup.access import keep_language

# Where the switch stands, and leads back to.
_PAGES = ("pickup:list", "pickup:tonight", "pickup:cant_come", "pickup:stop")


@public_page
@require_POST
def pick_language(request: AppRequest) -> HttpResponse:
    """For anybody, also where a link opens nothing. A language that we do not have changes nothing."""
    language, back = request.POST.get("language", ""), request.POST.get("next", "")
    if language in dict(settings.LANGUAGES):
        keep_language(request, language)
    return see_other(back if back in map(reverse, _PAGES) else reverse("pickup:list"))
