"""What must be set before people's secrets are kept."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register


@register(Tags.security, deploy=True)
def check_pepper(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """Without one of its own, each new SECRET_KEY would void every patient's PIN."""
    if settings.DEMO or settings.PIN_PEPPER_IS_OWN:
        return []
    hint = "Set it once, to at least 50 random characters; where patients have PINs already, to the SECRET_KEY of now."
    return [checks.Warning("PIN_PEPPER is not set.", hint=hint, id="accounts.W001")]
