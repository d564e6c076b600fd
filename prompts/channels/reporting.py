"""The stand-in's reports: tells the app, signed as the provider signs, that what it took has arrived."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx

from prompts.channels.sms import signature

# What comes after a message was taken, in this order.
_STORIES = {"sms": ("sent", "delivered"), "voice": ("in-progress", "completed")}


class Reporter:
    """A few threads that post reports, so that no sender waits for them."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="report")

    def report(self, url: str, *, kind: str, sid: str, secret: str) -> None:
        """All reports of one message, one after the other."""
        self._threads.submit(_tell, url, kind=kind, sid=sid, secret=secret)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _tell(url: str, *, kind: str, sid: str, secret: str) -> None:
    name = "Call" if kind == "voice" else "Message"
    for status in _STORIES[kind]:
        form = {f"{name}Sid": sid, f"{name}Status": status}
        headers = {"X-Twilio-Signature": signature(url, form, secret=secret)}
        try:
            httpx.post(url, data=form, headers=headers, timeout=5)
        except (httpx.HTTPError, httpx.InvalidURL):
            return  # nobody listens
