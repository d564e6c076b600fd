"""A browser that goes from page to page as somebody, and measures each, in both themes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.look import checks
from tests.look.screens import ESCORT, PATIENT, STAFF, Screen

DAY, DIM = "day", "dim"
VIEWPORTS = {"phone": (390, 844), "desk": (1280, 800)}
SMALLEST = {PATIENT: 48, ESCORT: 48, STAFF: 40}
HARDEST = {PATIENT: 6.0, ESCORT: 5.0}
# Kilobytes over the wire on the first load of the day, all of it and of it the scripts.
HEAVIEST, HEAVIEST_SCRIPTS = 80.0, 21.0
MOST_REQUESTS = 8
# What a browser with the other theme's cookie gets: base.html writes this attribute, and the style sheet goes by it alone.
_WEAR = "(theme) => { document.documentElement.dataset.theme = theme; }"


# A page that goes, or is out of sight, locks opened words by a request that outlives it: it may come late, after the next
# screen has typed the PIN again.
_NO_LATE_LOCK = """{
navigator.sendBeacon = () => true;
const send = fetch;
globalThis.fetch = (to, how) => (how?.keepalive ? Promise.resolve(new Response(null, {status: 204})) : send(to, how));
}"""


class Looker:
    """Opens screens one after the other; signs in anew only when the person changes."""

    def __init__(self, browser: Browser, *, url: str) -> None:
        self._browser, self._url = browser, url
        self._contexts: dict[str, BrowserContext] = {}
        self._pages: dict[str, Page] = {}
        self.grade = 0.0

    def __enter__(self) -> Looker:
        """The demo begins anew: what an earlier look tapped and sent is no more."""
        context = self._browser.new_context(base_url=self._url)
        page = context.new_page()
        page.goto("/start/")
        with page.expect_navigation(timeout=60_000):
            page.get_by_role("button", name="Start over").click(timeout=60_000)
        context.close()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for context in self._contexts.values():
            context.close()

    def look(self, screen: Screen, *, what: list[str], shots: Path | None = None) -> list[str]:
        """What is wrong with a screen, a line each; pictures on both sizes and in both themes when a folder is given.

        The page is opened once. Words and places are the same in both themes: in the second, colours alone are looked at.
        """
        page = self._page_of(screen)
        refused: list[str] = []

        def listen(message: ConsoleMessage) -> None:
            _note_refusal(message.text, refused)

        page.on("console", listen)
        try:
            screen.go(page)
            if shots:
                self._picture(page, screen, shots)
            found = self._measure(page, screen, what=what)
            if "structure" in what:
                page.evaluate(_WEAR, DIM)
                found += [f"{line} ({DIM})" for line in checks.colours(page)]
            _blank(page)
            page.remove_listener("console", listen)
        except BaseException:
            self._close(screen, page)
            raise
        if not screen.who:
            self._close(screen, page)
        return [*found, *refused]

    def _measure(self, page: Page, screen: Screen, *, what: list[str]) -> list[str]:
        found: list[str] = []
        if "layout" in what:
            for name, (width, height) in VIEWPORTS.items():
                page.set_viewport_size({"width": width, "height": height})
                found += [f"{line} ({name})" for line in checks.layout(page, least=SMALLEST[screen.audience])]
        page.set_viewport_size(_size("phone"))
        if "structure" in what:
            found += checks.structure(page)
        if "reading" in what and screen.audience in HARDEST:
            found += checks.reading(page, hardest_page=HARDEST[screen.audience])
            self.grade = checks.page_grade(page)
        return found

    def _picture(self, page: Page, screen: Screen, shots: Path) -> None:
        shots.mkdir(exist_ok=True)
        for theme in (DIM, DAY):
            page.evaluate(_WEAR, theme)
            for name in VIEWPORTS:
                page.set_viewport_size(_size(name))
                page.screenshot(path=shots / f"{screen.name}-{name}-{theme}.png", full_page=True)

    def _page_of(self, screen: Screen) -> Page:
        """The page of this screen's person, blank: a new one costs a process. A stranger's browser is always a new one."""
        if screen.who in self._pages:
            return self._pages[screen.who]
        if screen.who in self._contexts:
            self._pages[screen.who] = self._contexts[screen.who].new_page()
            return self._pages[screen.who]
        context = self._browser.new_context(base_url=self._url, viewport=_size("phone"), reduced_motion="reduce")
        context.add_cookies([{"name": "theme", "value": DAY, "url": self._url}])
        context.set_default_timeout(15_000)
        context.add_init_script(_NO_LATE_LOCK)
        self._contexts[screen.who or screen.name] = context
        page = context.new_page()
        if screen.who:
            become(page, screen.who)
            self._pages[screen.who] = page
        return page

    def _close(self, screen: Screen, page: Page) -> None:
        """What went wrong on a page stays there; a stranger takes their browser with them."""
        self._pages.pop(screen.who, None)
        page.close()
        if not screen.who:
            self._contexts.pop(screen.name).close()


def _blank(page: Page) -> None:
    """As a new page of this browser would be."""
    page.unroute_all()
    page.evaluate("() => sessionStorage.clear()")
    page.goto("about:blank")
    page.set_viewport_size(_size("phone"))


def become(page: Page, who: str) -> None:
    """Signs this browser in as somebody of the demo, also those without a button of their own on the start page."""
    page.goto("/start/")
    token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    answer = page.request.post(
        "/start/as/", form={"csrfmiddlewaretoken": token, "who": who}, headers={"Origin": _origin(page)}
    )
    assert answer.ok, (who, answer.status)


def _origin(page: Page) -> str:
    parts = urlsplit(page.url)
    return f"{parts.scheme}://{parts.netloc}"


def _size(name: str) -> Any:
    width, height = VIEWPORTS[name]
    return {"width": width, "height": height}


def _note_refusal(text: str, refused: list[str]) -> None:
    if "Content Security Policy" in text or "integrity" in text:
        refused.append(text[:200])


@dataclass(slots=True)
class Weight:
    """What the first load of the day cost, in words, and where it was too much."""

    said: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def weigh(browser: Browser, *, url: str) -> Weight:
    """The day page of a patient, loaded by a browser that has nothing yet. Bytes as they came over the wire."""
    context = browser.new_context(base_url=url, viewport=_size("phone"))
    page = context.new_page()
    become(page, "hour_5")
    page.close()
    page = context.new_page()
    kinds: dict[str, str] = {}
    sizes: dict[str, int] = {}
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    devtools.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    devtools.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    page.goto("/", wait_until="networkidle")
    context.close()
    return _judge([(kinds.get(request, "Other"), size / 1000) for request, size in sizes.items()])


def _judge(loads: list[tuple[str, float]]) -> Weight:
    """From the kind and the kilobytes of each answer."""
    kilobytes = {kind: sum(size for each, size in loads if each == kind) for kind, _ in loads}
    whole, scripts, weight = sum(kilobytes.values()), kilobytes.get("Script", 0.0), Weight()
    parts = ", ".join(f"{kind.lower()} {size:.1f}" for kind, size in sorted(kilobytes.items()))
    weight.said.append(f"first load of the day: {whole:.1f} kB in {len(loads)} requests ({parts})")
    for name, is_much in (
        (f"more than {HEAVIEST} kB", whole > HEAVIEST),
        (f"more than {HEAVIEST_SCRIPTS} kB of scripts", scripts > HEAVIEST_SCRIPTS),
        (f"more than {MOST_REQUESTS} requests", len(loads) > MOST_REQUESTS),
    ):
        if is_much:
            weight.wrong.append(f"first load of the day: {name}")
    return weight
