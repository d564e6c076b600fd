"""The language of an escort's pages, and of what goes wrong there. Nobody else is asked for one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from aftercare.http import GetResponse
from pickup.access import language_of

ESCORTS = ("/pickup/", "/f/")
HELP = "pickup/parts/help.html"


class LanguageMiddleware:
    """Around every answer under an escort's addresses; sets request.help_part, so that an error shows their help too."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(ESCORTS):
            return self.get_response(request)
        request.help_part = HELP  # type: ignore[attr-defined]
        with translation.override(language_of(request)):
            return self.get_response(request)
