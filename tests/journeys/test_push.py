"""A note by push, from the real worker to a real Chromium: sealed by our own code, opened by the browser, shown, and gone."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Worker, expect

from aftercare.processes import ROOT
from aftercare.words import NOTICE_WORDS, found_words
from tests.browser import browser_flags
from tests.journeys.test_main_job import PHONE, be
from tests.push_service import PushService
from tests.stack import Stack, clean_env, wait_for

# Chromium names Google's own service: here it is the stand-in that the app is allowed to call.
HERE = """(origin) => {
  const told = PushSubscription.prototype.toJSON;
  PushSubscription.prototype.toJSON = function () {
    const { endpoint, ...more } = told.call(this);
    return { ...more, endpoint: origin + "/push/" + endpoint.split("/").pop() };
  };
}"""
# The next two that wait for the patient whose phone this is: one is due now, and the other at the word.
DUE = """
import json, sys, django
django.setup()
from datetime import timedelta
from django.utils import timezone
from aftercare.tenancy import tenant
from clinic.demo import CEDAR
from prompts.models import Prompt, PushSubscription
from prompts.states import PromptState
with tenant(CEDAR):
    patient = PushSubscription.objects.order_by("-made_at").first().patient_id
    waits = Prompt.objects.filter(patient=patient, state=PromptState.WAITING, channel="push").order_by("due_at").first()
    now = timezone.now()
    Prompt.objects.filter(pk=waits.pk).update(due_at=now, window_ends_at=now + timedelta(minutes=20))
print(waits.pk)
"""
# Waits, in one process, until it has ended. Then, at the word, the phone has another address from now on than we know.
FATE = """
import json, sys, time, django
django.setup()
from aftercare.tenancy import tenant
from clinic.demo import CEDAR
from prompts.models import Attempt, Prompt, PushSubscription
from prompts.states import PromptState
for _ in range(100):
    with tenant(CEDAR):
        row = Prompt.objects.get(pk=sys.argv[1])
    if row.state != PromptState.WAITING:
        break
    time.sleep(0.2)
with tenant(CEDAR):
    tries = [[each.channel, each.outcome] for each in Attempt.objects.filter(prompt=row).order_by("number")]
    alive = PushSubscription.objects.filter(patient=row.patient_id, gone_at=None)
    if sys.argv[2:]:
        alive.update(endpoint=sys.argv[2])
    alive = alive.count()
print(json.dumps({"state": PromptState(row.state).name, "way": row.channel, "tries": tries, "alive": alive}))
"""
# What was shown is asked for only once it is: a look in between would lose it.
WATCH = """() => {
  if (self.shown !== undefined) return self.shown;
  self.shown = 0;
  const show = self.registration.showNotification.bind(self.registration);
  ServiceWorkerRegistration.prototype.showNotification = (...told) => show(...told).then(() => { self.shown += 1; });
  return 0;
}"""
SHOWN = """async () => (await self.registration.getNotifications())
    .map(({ title, body, tag, icon, data }) => ({ title, body, tag, icon, to: data.navigate }))"""
# Nothing here can press what the system shows: the worker gets the event of that press.
PRESS = """async () => {
  const [notification] = await self.registration.getNotifications();
  self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
}"""
# Nor can anything here give the browser a new address by itself: the worker is told that it has one.
CHANGE = """() => { self.dispatchEvent(new ExtendableEvent("pushsubscriptionchange")); }"""
KNOWN = """async () => /data-endpoint="([^"]*)"/.exec(await (await fetch("/messages/", { cache: "no-store" })).text())?.[1]"""


# Nor block notes once they are on: the page is told that the phone does.
BLOCK = """() => {
  Object.defineProperty(Notification, "permission", { get: () => "denied" });
  document.dispatchEvent(new Event("htmx:after:settle"));
}"""


@pytest.fixture(scope="module")
def push_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PushService]:
    service = PushService(tmp_path_factory.mktemp("push"))
    yield service
    service.close()


@pytest.fixture(scope="module")
def phone(
    browser: Browser, stack: Stack, push_service: PushService, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """A phone of its own, not in private mode, which takes no push; its owner allows notices when asked."""
    quiet = "--disable-background-networking"
    context = browser.browser_type.launch_persistent_context(
        tmp_path_factory.mktemp("profile"),
        executable_path=os.environ["CHROMIUM"],
        args=[flag for flag in browser_flags() if flag != quiet] + push_service.flags,
        ignore_default_args=[quiet],
        permissions=["notifications"],
        base_url=stack.url,
        **PHONE,  # type: ignore[arg-type]
    )
    context.set_default_timeout(30_000)
    context.add_init_script(f"({HERE})({json.dumps(stack.env['PUSH_STAND_IN'])})")
    yield context
    context.close()


def ran(stack: Stack, script: str, *words: str) -> str:
    env = clean_env(**stack.env, DJANGO_SETTINGS_MODULE="aftercare.settings")
    command = [sys.executable, "-c", script, *words]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout.strip()


def sealed(stack: Stack) -> list[dict[str, Any]]:
    pushes: list[dict[str, Any]] = httpx.get(f"{stack.env['PUSH_STAND_IN']}/pushes.json").json()
    return pushes


def worker_of(phone: BrowserContext) -> Worker:
    assert wait_for(lambda: phone.pages[0].evaluate("1") and bool(phone.service_workers), seconds=15)
    return phone.service_workers[-1]


def push_straight(phone: BrowserContext, data: str) -> dict[str, Any]:
    """What the phone shows of a push that came as `data`, by whatever way: taken off the screen again."""
    devtools, found = phone.new_cdp_session(phone.pages[0]), []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    devtools.send("ServiceWorker.enable")
    assert wait_for(lambda: phone.pages[0].evaluate("1") and bool(found), seconds=15)
    worker, origin = worker_of(phone), f"{urlsplit(phone.pages[0].url).scheme}://{urlsplit(phone.pages[0].url).netloc}"
    before = worker.evaluate(WATCH)
    told = {"origin": origin, "registrationId": found[-1]["registrationId"], "data": data}
    devtools.send("ServiceWorker.deliverPushMessage", told)
    assert wait_for(lambda: worker.evaluate("() => self.shown") > before, seconds=15)
    (note,) = worker.evaluate(SHOWN)
    worker.evaluate("async () => { for (const each of await self.registration.getNotifications()) each.close(); }")
    return dict(note)


def turned_on(phone: BrowserContext) -> Page:
    page = phone.pages[0]
    be(page, "hour_1")
    page.goto("/messages/")
    page.get_by_role("button", name="Show notes on this phone").click()
    expect(page.get_by_text("Notes are on for this phone.")).to_be_visible()
    # A tap on a note opens what it is about in a page that is the worker's; on a busy machine that takes a moment.
    page.wait_for_function("() => navigator.serviceWorker.controller")
    return page


def test_a_note_is_sealed_sent_opened_shown_and_tapped_and_a_browser_that_is_gone_is_asked_no_more(
    phone: BrowserContext, stack: Stack, push_service: PushService
) -> None:
    page, before = turned_on(phone), len(sealed(stack))
    assert wait_for(lambda: page.evaluate("1") and push_service.has_browser, seconds=15)
    worker = worker_of(phone)
    worker.evaluate(WATCH)

    # It is due, and leaves by the real worker of prompts, which nobody on the way can read.
    first = ran(stack, DUE)
    assert wait_for(lambda: len(sealed(stack)) > before, seconds=15), stack.said()[-3000:]
    (push,) = sealed(stack)[before:]
    content = base64.b64decode(push["content"])
    assert b"notification" not in content

    # Chromium opens it, and the phone shows it.
    push_service.bring(push["token"], headers=push["headers"], content=content)
    assert wait_for(lambda: bool(worker.evaluate("() => self.shown")), seconds=15)
    (note,) = worker.evaluate(SHOWN)
    assert note["title"] == "Cedar Street"
    assert note["body"]
    assert (
        found_words(f"{note['title']} {note['body']} {urlsplit(note['to']).path}".replace("/", " "), NOTICE_WORDS) == []
    )
    assert note["to"] == f"{stack.url}/m/{first}/"
    assert note["icon"].startswith(f"{stack.url}/static/icons/app-192")
    addresses = f"{stack.env['PUSH_STAND_IN']}/push/"
    assert json.loads(ran(stack, FATE, first, f"{addresses}another")) == {
        "state": "SENT",
        "way": "push",
        "tries": [["push", "accepted"]],
        "alive": 1,
    }

    # On a phone that blocks notes since, they can be stopped all the same.
    page.evaluate(BLOCK)
    expect(page.get_by_text("Want no more? Stop them below.")).to_be_visible()
    expect(page.get_by_role("button", name="Stop notes on this phone")).to_be_visible()

    # A tap on it opens the page that it is about.
    worker.evaluate(PRESS)
    page.wait_for_url(note["to"])
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert worker.evaluate(SHOWN) == []

    # A browser that has a new address says it by itself, while notes are on.
    assert worker.evaluate(KNOWN) == f"{addresses}another"
    worker.evaluate(HERE, stack.env["PUSH_STAND_IN"])
    worker.evaluate(CHANGE)
    assert wait_for(lambda: worker.evaluate(KNOWN) == f"{addresses}{push['token']}", seconds=15)

    # The browser is gone: it is asked once and no more, and the same prompt goes by the next way that is open.
    httpx.post(f"{stack.env['PUSH_STAND_IN']}/push-answers.json", json=[{"status": 410}])
    fate = json.loads(ran(stack, FATE, ran(stack, DUE)))
    assert (fate["state"], fate["tries"][0], fate["alive"]) == ("SENT", ["push", "refused"], 0)
    assert fate["way"] != "push"
    assert len(sealed(stack)) == before + 1


def test_whatever_a_push_holds_the_phone_shows_a_neutral_line_and_opens_a_page_of_ours(
    phone: BrowserContext, stack: Stack
) -> None:
    """A browser ends pushes to a page that shows nothing for one; and an address in one is not ours to believe."""
    page = phone.pages[0]
    be(page, "hour_1")
    page.wait_for_function("() => navigator.serviceWorker.controller")
    home = f"{stack.url}/"
    for data in ("", "{", "null", '{"web_push": 8030}', '{"web_push": 1, "notification": {"title": "x"}}'):
        note = push_straight(phone, data)
        assert (note["title"], note["body"], note["to"]) == ("A short note for you", "", home), data
    for address in ("https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", "http://[", 7):
        told = {"web_push": 8030, "notification": {"title": "Cedar Street", "navigate": address}}
        assert urlsplit(push_straight(phone, json.dumps(told))["to"]).netloc == urlsplit(home).netloc, address
