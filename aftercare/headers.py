"""The headers of every answer, whoever made it: a page, a file, a redirect, a refusal."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from aftercare.http import GetResponse
from aftercare.logs import asked_by

# Nothing of a device is ours to use.
_OFF = (
    *("accelerometer", "autoplay", "browsing-topics", "camera", "clipboard-read", "display-capture"),
    *("encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts"),
    *("magnetometer", "microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock", "serial", "usb"),
    *("window-management", "xr-spatial-tracking"),
)
_HEADERS = {
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in _OFF),
    "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}


class HeadersMiddleware:
    """The outermost: nothing that stands further in can answer without these. Only hashed files may be kept."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.log_id = uuid4().hex[:12]  # type: ignore[attr-defined]
        mark = asked_by.set(request)
        try:
            response = self.get_response(request)
        finally:
            asked_by.reset(mark)
        for name, value in _HEADERS.items():
            response.headers[name] = value
        if request.headers.get("X-Keep"):
            # A page that a phone only keeps: its cookie would take the place of the one that the open page was made with.
            response.cookies.pop(settings.CSRF_COOKIE_NAME, None)
        if "immutable" not in response.headers.get("Cache-Control", ""):
            response.headers["Cache-Control"] = "no-store"
        if request.is_secure() and settings.SECURE_HSTS_SECONDS:
            response.headers["Strict-Transport-Security"] = (
                f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains; preload"
            )
        return response
