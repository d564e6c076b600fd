"""Patients who write phrases by the real pages of the demo, what goes wrong meanwhile, and everybody who looks afterwards."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx
import psycopg

from tests.clinic.pdf import pages_of
from tests.journal.canary import Phrase
from tests.journal.pages import PIN, Hidden

# Each has a day behind them and a PIN.
WRITERS = ("hour_1", "hour_5", "night", "hour_20")
MORNING = "hour_20"
ROLES = ("nurse", "front_desk", "clinician", "manager", "other_nurse")
WRITE, UNLOCK, READ, TIMEOUT = "/words/", "/words/open/", "/words/read/", 30.0


class Browser:
    """One person of the demo, signed in, with cookies."""

    def __init__(self, url: str, who: str) -> None:
        self.who, self._url = who, url
        # A connection each: what was refused before its body was read closes the one that it came by.
        once = httpx.Limits(max_keepalive_connections=0)
        self._http = httpx.Client(base_url=url, timeout=TIMEOUT, headers={"Origin": url}, limits=once)
        self.send("/start/", {"who": who}, action="/start/as/")

    def get(self, address: str) -> httpx.Response:
        """As far as it leads, past the PIN where one is asked for."""
        answer = self._http.get(address, follow_redirects=True)
        if answer.url.path == UNLOCK and address != UNLOCK:
            self._http.post(UNLOCK, data={**self._hidden(answer, ""), "known_pin": PIN})
            answer = self._http.get(address, follow_redirects=True)
        return answer

    def send(self, address: str, form: dict[str, Any], *, action: str = "", **more: Any) -> httpx.Response:
        """Opens the page, fills in its form and sends it."""
        page = self.get(address)
        target = action or address
        return self._http.post(target, data={**self._hidden(page, action), **form}, **more)

    def raw(self, method: str, address: str, **more: Any) -> httpx.Response:
        """Any request, with nothing filled in."""
        return self._http.request(method, address, **more)

    def _hidden(self, page: httpx.Response, action: str) -> dict[str, str]:
        """Of the form that goes to `action`, else of the one that goes to its own page."""
        forms = Hidden(page.text).forms
        return next((forms[to] for to in (action, page.url.path, "") if to in forms), {})

    def close(self) -> None:
        self._http.close()


def write(browser: Browser, phrase: Phrase) -> httpx.Response:
    return browser.send(WRITE, {"text": phrase.text, "feelings": "Calm"})


def autosave(browser: Browser, phrase: Phrase) -> httpx.Response:
    return browser.send(WRITE, {"text": phrase.text}, action="/words/save/")


def ask_oneself(browser: Browser, phrase: Phrase) -> httpx.Response:
    return browser.send(WRITE, {"text": "One line.", "question": phrase.text})


def intend(browser: Browser, phrase: Phrase) -> httpx.Response:
    return browser.send("/set-up/your-line/", {"line": phrase.text})


def note_day(browser: Browser, phrase: Phrase) -> httpx.Response:
    return browser.send("/words/note/", {"note": phrase.text})


def put_away(browser: Browser, phrase: Phrase) -> httpx.Response:
    return browser.send("/words/not-today/", {"line": phrase.text})


def change(browser: Browser, phrase: Phrase) -> httpx.Response:
    return browser.send(f"{a_text(browser)}change/", {"text": phrase.text})


def name_themes(browser: Browser, phrase: Phrase) -> httpx.Response:
    return browser.send("/words/morning/", {"own_1": phrase.mark})


def sum_up(browser: Browser, phrase: Phrase) -> httpx.Response:
    return browser.send("/words/page/?change=1", {"question": phrase.text}, action="/words/page/")


def share(browser: Browser, phrase: Phrase) -> httpx.Response:
    return browser.send(f"{a_text(browser)}share/", {"whom": phrase.text[:50], "days": "7"})


# Every way by which private words come in, and who can go it.
WAYS: dict[str, tuple[Callable[[Browser, Phrase], httpx.Response], tuple[str, ...]]] = {
    "write": (write, WRITERS),
    "autosave": (autosave, WRITERS),
    "question": (ask_oneself, WRITERS),
    "line before a visit": (intend, WRITERS),
    "note of a day": (note_day, WRITERS),
    "not today": (put_away, WRITERS),
    "change": (change, WRITERS),
    "themes": (name_themes, (MORNING,)),
    "page for a talk": (sum_up, WRITERS),
    "share": (share, WRITERS),
}
# Of these the newest takes the place of the one before; and what was put away for a day nobody reads today.
NOT_READ_AGAIN = {"change", "themes", "page for a talk", "not today"}


def a_text(browser: Browser) -> str:
    """The address of the oldest text: what each began with."""
    found = re.findall(rf'href="({READ}[0-9a-f-]{{36}}/)"', browser.get(READ).text)
    assert found, "there is no text to change or share"
    return str(found[-1])


@dataclass(slots=True)
class Written:
    """How many phrases went in by each way, what was answered wrongly, and which of them stay to be read again."""

    ways: Counter[str] = field(default_factory=Counter)
    wrong: set[str] = field(default_factory=set)
    stay: set[str] = field(default_factory=set)


def written(url: str, phrases: list[Phrase]) -> Written:
    """Writes them by all ways in turn."""
    browsers, done = {who: Browser(url, who) for who in WRITERS}, Written()
    for browser in browsers.values():
        write(browser, Phrase("an ordinary line, to have one"))
    for number, phrase in enumerate(phrases):
        way = list(WAYS)[number % len(WAYS)]
        act, people = WAYS[way]
        answer = act(browsers[people[number // len(WAYS) % len(people)]], phrase)
        done.ways[way] += 1
        if answer.status_code not in (200, 303):
            done.wrong.add(f"{way}: {answer.status_code}")
        if way not in NOT_READ_AGAIN:
            done.stay.add(phrase.mark)
    for browser in browsers.values():
        browser.close()
    return done


def stumbled(url: str, phrases: list[Phrase], superuser: str) -> Counter[str]:
    """Everything that goes wrong on the way, each with a phrase in hand. What was answered; a 500 shows no phrase."""
    browser, answers = Browser(url, WRITERS[0]), Counter[str]()
    for phrase in phrases:
        for what, act in _refused(browser, phrase.text):
            answers[f"{what}: {act().status_code}"] += 1
        for what, hurt in (("no right to write", no_right), ("locked", locked)):
            with hurt(superuser):
                answer = write(browser, phrase)
            answers[f"{what}: {answer.status_code}"] += 1
            assert phrase.mark not in answer.text
    browser.close()
    return answers


def _refused(browser: Browser, text: str) -> list[tuple[str, Callable[[], httpx.Response]]]:
    foreign = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    return [
        ("no token", lambda: browser.raw("POST", WRITE, data={"text": text})),
        ("another site", lambda: browser.raw("POST", WRITE, data={"text": text}, headers=foreign)),
        ("wrong type", lambda: browser.raw("POST", WRITE, content=text, headers={"Content-Type": "text/plain"})),
        ("wrong method", lambda: browser.raw("PUT", WRITE, content=text)),
        ("no such page", lambda: browser.raw("POST", "/words/no-such-page/", data={"text": text})),
        ("in the address", lambda: browser.get(f"{WRITE}?text={text}&q={text}")),
        ("in headers", lambda: browser.raw("GET", WRITE, headers={"User-Agent": text.encode()})),
        ("as a key", lambda: browser.send(WRITE, {"text": "x", "key": text})),
        ("too long", lambda: browser.send(WRITE, {"text": text * 2000})),
        ("far too long", lambda: browser.send(WRITE, {"text": text * 20000})),
        ("as a PIN", lambda: browser.raw("POST", UNLOCK, data={"known_pin": text})),
    ]


@contextmanager
def no_right(superuser: str) -> Iterator[None]:
    """The journal's role may not write: a statement fails with its values in hand."""
    words = "INSERT, UPDATE ON journal_journalentry"
    with psycopg.connect(superuser, autocommit=True) as database:
        database.execute(f"REVOKE {words} FROM aftercare_journal")
        try:
            yield
        finally:
            database.execute(f"GRANT {words} TO aftercare_journal")


@contextmanager
def locked(superuser: str) -> Iterator[None]:
    """Somebody holds the table: a statement waits too long."""
    with psycopg.connect(superuser) as database:
        database.execute("LOCK TABLE journal_journalentry IN ACCESS EXCLUSIVE MODE")
        yield
        database.rollback()


def seen_by_patients(url: str) -> bytes:
    """All that the writers read again with their PIN: the list, each text, the log of openings and their whole copy."""
    found = []
    for who in WRITERS:
        browser = Browser(url, who)
        listed = browser.get(READ).text
        pages = dict.fromkeys(re.findall(rf'href="({READ}[0-9a-f-]{{36}}/)"', listed))
        found += [listed, *(browser.get(address).text for address in list(pages)[:20])]
        found += [browser.get("/words/openings/").text]
        found += [
            browser.send("/your-data/copy/", {"known_pin": PIN, "kind": kind}, action="/your-data/copy/").text
            for kind in ("page", "data")
        ]
        browser.close()
    return "\n".join(found).encode()


def told_to_staff(url: str, phrase: Phrase) -> int:
    """The control: an open phrase as the name of a new patient, whom staff see. What was answered."""
    browser, add = Browser(url, "nurse"), "/staff/patients/add/"
    page = browser.get(add).text
    version = re.search(r'<option value="([0-9a-f-]{36})"', page)
    assert version, "there is no protocol to plan by"
    tomorrow = datetime.now(tz=UTC) + timedelta(days=1)
    answer = browser.send(
        add,
        {
            "first_name": "Robin",
            "last_name": phrase.mark,
            "record_number": "C-1",
            "born_on": "1988-05-06",
            "zone": "America/New_York",
            "version": version[1],
            "planned_for": f"{tomorrow:%Y-%m-%dT12:00}",
        },
    )
    browser.close()
    return answer.status_code


def alarmed(url: str) -> None:
    """A red flag, so that staff are paged; and a code that somebody asks for."""
    browser = Browser(url, WRITERS[1])
    page = browser.get("/check-in/").text
    red = re.search(r'name="answer"[^>]*value="([a-z_]+)"[^>]*data-flag="emergency"', page) or re.search(
        r'data-flag="emergency"[^>]*value="([a-z_]+)"', page
    )
    assert red, "there is no red flag to tap"
    browser.send("/check-in/", {"answer": red[1]})
    browser.send("/phone-and-pin/forgot/", {})
    browser.close()


def staff_pages(url: str, *, most: int) -> tuple[int, bytes]:
    """What each role can come to by links from the first page, papers and files included, `most` pages each."""
    count, found = 0, []
    for who in ROLES:
        browser = Browser(url, who)
        browser.send("/staff/downtime/", {})
        for page in _crawl(browser, url, most=most):
            found.append(page)
            count += 1
        browser.close()
    return count, b"\n".join(found)


def _crawl(browser: Browser, url: str, *, most: int) -> Iterator[bytes]:
    waiting, known = deque(["/staff/", "/staff/patients/", "/staff/alerts/"]), {"/staff/"}
    while waiting and most:
        address = waiting.popleft()
        answer = browser.get(address)
        most -= 1
        yield answer.headers.get("location", "").encode() + _words(answer)
        if "html" in answer.headers.get("content-type", ""):
            links = (urldefrag(urljoin(address, link))[0] for link in re.findall(r'href="([^"]+)"', answer.text))
            fresh = [link for link in links if urlsplit(link).path.startswith("/staff/") and link not in known]
            known |= set(fresh)
            waiting += dict.fromkeys(fresh)


def _words(answer: httpx.Response) -> bytes:
    if answer.content.startswith(b"%PDF"):
        return "\n".join(pages_of(answer.content)).encode() + answer.content
    return answer.content
