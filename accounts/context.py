"""What every page may show: the clinic, the numbers to call, the theme. Asks the database only when nobody is known."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from accounts.help import HelpNumbers, help_numbers
from accounts.phones import show_phone
from accounts.queries import default_country

THEMES = ("day", "dim")
THEME_COOKIE: str = settings.THEME_COOKIE_NAME


def page(request: HttpRequest) -> dict[str, Any]:
    clinic = getattr(request, "clinic", None)
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "clinic": clinic,
        "clinic_phone_display": show_phone(clinic.phone) if clinic else "",
        "help": SimpleLazyObject(lambda: _help(request)),
        "language": (get_language() or "en")[:2],
        "theme": theme if theme in THEMES else "",
        "demo": settings.DEMO,
        "only_guests": bool(settings.SEND_ONLY_TO),
    }


def _help(request: HttpRequest) -> HelpNumbers | None:
    clinic, at = getattr(request, "clinic", None), timezone.now()
    country = clinic.country if clinic else default_country()
    return help_numbers(country, clinic=clinic, at=at) if country else None
