"""Every link that the app sends or shows, the state of the whole database, and what a mail scanner makes of a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import Channel
from accounts.services import invite, offer_binding
from accounts.services.invitations import invitation_link
from accounts.services.staff import invite_staff
from accounts.states import ChannelKind, Role
from aftercare.tenancy import as_journal, tenant
from journal.models import JournalEntry, JournalKey, KeyEvent, ParkedUrge, Share
from prompts.services.stop_links import stop_link
from tests.journal.sharing import a_share
from tests.pickup.ways import a_joined, a_link, an_escort
from tests.pickup.ways import path_of as path_of_link
from tests.world import World, make_staff
from timeline.models import Treatment
from timeline.states import TreatmentState

# What may change when somebody looks: no state of anybody's.
NOT_STATE: Mapping[str, str] = {
    "django_session": "what this one browser holds, such as which link it came by",
    "accounts_throttle": "how often somebody tried",
    "aftercare_cache": "the same, of the library for signing in",
    "django_migrations": "what the database is made of",
    "journal_canary": "a fixed row that no role but the journal's may read",
}
_SEALED = tuple(model._meta.db_table for model in (JournalKey, JournalEntry, KeyEvent, ParkedUrge, Share))


def _invitation(world: World) -> str:
    token = invite(world.patient, planned_for=timezone.now() + timedelta(days=1), by=world.nurse, at=timezone.now())
    return invitation_link(token)


def _binding(world: World) -> str:
    binding = offer_binding(world.patient, by=world.nurse, at=timezone.now())
    return reverse("accounts:open_binding", args=[binding.secret])


def _staff_invitation(world: World) -> str:
    manager = make_staff(world.clinic, Role.MANAGER)
    names = {"name": "Ivo Lind", "credentials": "RN", "email": "ivo@cedar.example.org", "role": "nurse"}
    return reverse("open_join", args=[invite_staff(by=manager, at=timezone.now(), **names).secret])


def _stop_emails(world: World) -> str:
    values = {"kind": ChannelKind.EMAIL, "address": "maya@example.org", "consented_at": timezone.now()}
    return stop_link(Channel.objects.create(clinic=world.clinic, patient=world.patient, **values))


def _pickup(world: World) -> str:
    """Of an escort who has not answered yet."""
    return path_of_link(a_link(_visit(world), an_escort(world)))


def _pickup_answered(world: World) -> str:
    """Of an escort who said yes on another phone: in a second text, or shown to somebody else."""
    return path_of_link(a_joined(_visit(world), an_escort(world)))


def _share(world: World) -> str:
    """Of a copy that nobody has opened yet."""
    with tenant(world.clinic.pk):
        return a_share(world.patient).link


def _visit(world: World) -> Treatment:
    return Treatment.objects.get(patient=world.patient)


# By what it is. A prompt, a nudge and an answered check-in open the day; a page to staff opens their board.
LINKS: Mapping[str, Callable[[World], str]] = {
    "prompt": lambda _: "/",
    "invitation": _invitation,
    "binding": _binding,
    "staff invitation": _staff_invitation,
    "stop e-mails": _stop_emails,
    "pickup": _pickup,
    "pickup, answered": _pickup_answered,
    "share": _share,
    "way back": lambda _: reverse("accounts:way_back"),
    "page to staff": lambda _: "/staff/alerts/",
}
# The modules that know the app's own address, and which of the links above each makes; "" for none.
MAKERS: Mapping[str, str] = {
    "accounts/services/escorts.py": "pickup",
    "accounts/services/invitations.py": "invitation",
    "accounts/views/common.py": "invitation",
    "aftercare/devstack.py": "",
    "aftercare/http.py": "",
    "aftercare/settings.py": "",
    "alerts/services/sending.py": "page to staff",
    "alerts/services/texts.py": "page to staff",
    "alerts/services/watching.py": "",
    "alerts/words.py": "",
    "clinic/views/reach.py": "binding",
    "clinic/views/team.py": "staff invitation",
    "journal/services/shares.py": "share",
    "prompts/services/asked_letters.py": "invitation",
    "prompts/services/shares.py": "prompt",
    "prompts/services/stop_links.py": "stop e-mails",
    "prompts/services/ways.py": "",
    "prompts/views/hooks.py": "",
}


def path_of(link: str) -> str:
    return link.removeprefix(settings.PUBLIC_URL)


def ready(world: World) -> None:
    """A real clinic's patient on the day: a visit under way, and a check-in that waits to be answered."""
    world.clinic.is_demo = False
    world.clinic.save()
    with tenant(world.clinic.pk):
        treatment = world.treatment(TreatmentState.RECOVERING, hour_zero=timezone.now() - timedelta(hours=1))
        world.prompt(treatment, step="check_1", due_at=timezone.now(), kind="check_in", asks=True)


def dump(world: World) -> dict[str, list[str]]:
    """Every row of every table that holds state, as text. Inside the clinic's own block, which it opens."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = sorted({name for (name,) in cursor.fetchall()} - set(NOT_STATE))
    with tenant(world.clinic.pk):
        open_rows = {table: _rows(table) for table in tables if table not in _SEALED}
        with as_journal():
            return open_rows | {table: _rows(table) for table in _SEALED}


def _rows(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT each::text FROM "{table}" each ORDER BY 1')
        return [row for (row,) in cursor.fetchall()]


@dataclass(frozen=True)
class Press:
    """One button of a page, and what is sent with it when nobody typed anything."""

    method: str
    path: str
    fields: tuple[tuple[str, str], ...] = ()


@dataclass
class _Form:
    method: str
    path: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Page(HTMLParser):
    """The links and forms of a page, as a program finds them."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.links: list[str] = []
        self.forms: list[_Form] = []
        self._open: _Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in values:
            self.links.append(urljoin(self.path, values["href"]))
        elif tag == "form":
            action = urljoin(self.path, values.get("action") or self.path)
            self._open = _Form(values.get("method", "get").upper(), action)
            self.forms.append(self._open)
        elif self._open and tag == "button" and values.get("type", "submit") == "submit":
            self._open.buttons.append((values.get("name", ""), values.get("value", "")))
        elif self._open and tag == "input" and values.get("name"):
            is_pick = values.get("type") in {"radio", "checkbox"}
            if not is_pick or "checked" in values:
                self._open.fields.append((values["name"], values.get("value", "on" if is_pick else "")))
        elif self._open and tag == "textarea" and values.get("name"):
            self._open.fields.append((values["name"], ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


def presses(html: str, path: str) -> Iterator[Press]:
    """What can be pressed on a page of ours: every link of the app, and every button of every form, with nothing typed."""
    page = _Page(path)
    page.feed(html)
    for link in page.links:
        parts = urlsplit(link)
        if not parts.scheme and not parts.netloc and parts.path.startswith("/"):
            yield Press("GET", parts.path + (f"?{parts.query}" if parts.query else ""))
    for form in page.forms:
        for name, value in form.buttons or [("", "")]:
            yield Press(form.method, form.path, (*form.fields, *([(name, value)] if name else [])))
