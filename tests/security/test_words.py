"""No word of health where a stranger may read: titles, addresses, messages, file names; and none of a drug on an escort's page.

Read from the sources, so that what nobody has opened in a test counts as well.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.wordings import IN_OTHER_LANGUAGES
from aftercare.words import ESCORT_WORDS, NOTICE_WORDS, found_words
from prompts import words as prompts_words
from prompts.words import Message
from tests import catalog
from tests.prompts.test_words import MESSAGES

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
APPS = ("accounts", "aftercare", "alerts", "checkin", "clinic", "journal", "pickup", "prompts", "timeline")

# More than one of them tells as much.
STRANGERS = NOTICE_WORDS | {f"{word}s" for word in NOTICE_WORDS}
# What staff's own pages may be called after: whom they are about, and the work. No drug, no illness, no state of a person.
OF_THE_WORK = {"patient", "patients", "treatment", "treatments", "clinic", "clinics", "escort", "escorts"}
STAFF = STRANGERS - OF_THE_WORK
ESCORTS = ESCORT_WORDS | {f"{word}s" for word in ESCORT_WORDS}

# Every literal of these modules leaves the building.
WRITERS = ("prompts/words.py", "alerts/words.py", "timeline/calendar.py", "timeline/household.py")
# A name that code puts together, and why it tells of nobody.
NAMED_BY_CODE = {
    "clinic/views/protocols.py": "a protocol's own key: the file is a protocol, not a person's",
    "clinic/views/downtime.py": "the day alone",
    "accounts/views/your_data.py": "my-copy and the day",
}


def sources() -> Iterator[tuple[str, str]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), path.read_text("utf-8")


# --- Titles ---

_TITLE = re.compile(r"{% block title %}(.*?){% endblock(?: title)? %}", re.DOTALL)
_EXTENDS = re.compile(r"{% extends (.+?) %}")
STAFF_SHELLS = {'"staff.html"', '"account/base.html"'}
SHELLS = {"staff.html", "patient.html", "account/base.html"}
NO_PARENTS: Mapping[str, str] = {}


def templates() -> dict[str, str]:
    return {str(path.relative_to(TEMPLATES)): path.read_text("utf-8") for path in sorted(TEMPLATES.rglob("*.html"))}


def title_problem(template: str, parents: Mapping[str, str] = NO_PARENTS) -> str:
    """What is wrong with a page's title, its own or that of the page it extends; "" for nothing.

    What is filled in could hold anything: nothing is.
    """
    shell, title = _EXTENDS.search(template), _TITLE.search(template)
    if shell is None:
        return ""
    parent = shell[1].strip('"')
    if title is None:
        has_parent = parent in parents and parent not in SHELLS
        return title_problem(parents[parent], parents) if has_parent else "no title of its own"
    if "{{" in title[1] or "{% include" in title[1]:
        return "a title with something filled in"
    is_for_staff = shell[1] in STAFF_SHELLS or (parent in parents and STAFF_SHELLS & _chain(parent, parents))
    found = found_words(_bare(title[1]), STAFF if is_for_staff else STRANGERS)
    return f"a title with {found[0]}" if found else ""


def _chain(name: str, parents: Mapping[str, str]) -> set[str]:
    """Every page that a page extends, itself included, as its templates write them."""
    shell = _EXTENDS.search(parents.get(name, ""))
    return {f'"{name}"'} | (_chain(shell[1].strip('"'), parents) if shell else set())


_TRANSLATED = re.compile(r"""{% translate "([^"]+)" %}""")


def _bare(text: str) -> str:
    """What a template says by itself, with the words that it has in more than one language."""
    return re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "\n", _TRANSLATED.sub(r"\1", text), flags=re.DOTALL)


def test_no_title_tells_a_stranger_anything() -> None:
    every = templates()
    pages = {name: text for name, text in every.items() if name not in SHELLS}
    assert {name: problem for name, text in pages.items() if (problem := title_problem(text, every))} == {}


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ('{% extends "patient.html" %}{% block title %}Your ketamine day{% endblock %}', "a title with ketamine"),
        (
            '{% extends "patient.html" %}{% block title %}{% if x %}Your doses{% endif %}{% endblock %}',
            "a title with doses",
        ),
        (
            '{% extends "patient.html" %}{% block title %}{{ page.name }}{% endblock %}',
            "a title with something filled in",
        ),
        ('{% extends "patient.html" %}{% block main %}{% endblock %}', "no title of its own"),
        ('{% extends "patient.html" %}{% block title %}Your treatment{% endblock %}', "a title with treatment"),
        ('{% extends "staff.html" %}{% block title %}Treatment{% endblock %}', ""),
        ('{% extends "staff.html" %}{% block title %}Depression{% endblock %}', "a title with depression"),
    ],
)
def test_a_title_that_tells_is_found(template: str, problem: str) -> None:
    assert title_problem(template) == problem


def test_no_title_tells_it_in_another_language_either() -> None:
    spanish = {entry.msgid: entry.msgstr for entry in catalog.read()}
    titles = {
        text
        for page in templates().values()
        if (found := _TITLE.search(page))
        for text in _TRANSLATED.findall(found[1])
    }
    assert {"Your list", "This page waited too long"} <= titles
    assert [told for text in titles if (told := found_words(spanish[text], STRANGERS))] == []


# --- Addresses ---

# What may stand in an address besides fixed words: ids, numbers, secrets, and keys that their readers keep neutral.
_PART = re.compile(r"<(\w+):(\w+)>")
PARTS = {"uuid", "int"}
SAID = {("str", "secret"), ("str", "signed"), ("slug", "key"), ("slug", "item"), ("slug", "duty")}
_QUERY = re.compile(r"\?([\w=&-]+)")


def addresses() -> Iterator[str]:
    """Every route of the app."""

    def walk(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, f"{before}{pattern.pattern}")
            else:
                yield f"{before}{pattern.pattern}"

    return walk(get_resolver().url_patterns, "")


def address_problem(route: str) -> str:
    strange = [part for part in _PART.findall(route) if part[0] not in PARTS and part not in SAID]
    if strange:
        return f"an address with any {strange[0][1]}"
    fixed = _PART.sub("", route).replace("/", " ").replace("_", "-")
    found = found_words(fixed, STAFF if route.startswith("staff/") else STRANGERS)
    return f"an address with {found[0]}" if found else ""


def test_no_address_tells_whoever_reads_the_history_of_a_browser() -> None:
    assert {route: problem for route in addresses() if (problem := address_problem(route))} == {}


def test_no_query_of_a_link_tells_either() -> None:
    queries = {(name, query) for name, text in templates().items() for query in _QUERY.findall(_bare(text))}
    assert {each for each in queries if found_words(re.sub(r"[=&_]", " ", each[1]), STRANGERS)} == set()


@pytest.mark.parametrize(
    ("route", "problem"),
    [
        ("learn/ketamine/", "an address with ketamine"),
        ("treatments/<uuid:treatment_id>/", "an address with treatments"),
        ("staff/treatments/<uuid:treatment_id>/", ""),
        ("staff/mood-scores/", "an address with mood"),
        ("people/<str:name>/", "an address with any name"),
    ],
)
def test_an_address_that_tells_is_found(route: str, problem: str) -> None:
    assert address_problem(route) == problem


# --- Messages and files ---


def literals(source: str) -> list[str]:
    """Every text of a module but for its docstrings; of a text with gaps, the pieces around them."""
    tree = ast.parse(source)
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in said)
    return [node.value for node in texts if isinstance(node.value, str)]


def told_by(source: str) -> list[str]:
    return [word for text in literals(source) for word in found_words(text, STRANGERS)]


@pytest.mark.parametrize("module", WRITERS)
def test_nothing_that_a_writer_of_messages_says_tells(module: str) -> None:
    assert told_by((ROOT / module).read_text("utf-8")) == []


def test_every_kind_of_message_is_tried_with_a_name_that_tells() -> None:
    makers = {
        name
        for name, made in inspect.getmembers(prompts_words, inspect.isfunction)
        if made.__annotations__.get("return") in {"Message", Message} and not name.startswith("_")
    }
    tried = inspect.getsource(inspect.getmodule(MESSAGES["code"]) or prompts_words)
    assert {name for name in makers - {"plain_message"} if f"{name}(" not in tried} == set()


def test_nobody_else_writes_a_message() -> None:
    """A message in another app's words is written by a module of WRITERS, never where it is sent."""
    strays = []
    for name, source in sources():
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
        written = [call for call in calls if getattr(call.func, "id", "") in {"plain_message", "Message"} and call.args]
        if name not in WRITERS and any(isinstance(call.args[0], ast.Constant | ast.JoinedStr) for call in written):
            strays.append(name)
    assert strays == []


def test_what_a_phone_is_given_to_pass_on_tells_nobody() -> None:
    """The text of a link that opens the phone's own messages, `sms:…body=`: it stands quoted in the source."""
    told = {}
    for name, source in sources():
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
        passed_on = [
            ast.unparse(each) for call in calls if getattr(call.func, "id", "") == "quote" for each in call.args
        ]
        told[name] = [word for text in passed_on for word in told_by(text)]
    assert "pickup/queries/people.py" in told
    assert {name: words for name, words in told.items() if words} == {}


_FILE = re.compile(r"filename=\\?[\"']?([^\"';]+)")


def file_problem(name: str, source: str) -> str:
    for file in _FILE.findall(source):
        if "{" in file and name not in NAMED_BY_CODE:
            return f"a file with a name made by code: {file}"
        if found := found_words(re.sub(r"{.*?}|[._]", " ", file), STRANGERS):
            return f"a file with {found[0]} in its name"
    return ""


def test_no_file_tells_by_its_name() -> None:
    assert {name: problem for name, source in sources() if (problem := file_problem(name, source))} == {}


def test_a_message_or_a_file_that_tells_is_found() -> None:
    assert told_by('"""Of the patient."""\nLINE = f"Your {kind} treatment is ready, {name}."\n') == ["treatment"]
    assert file_problem("x.py", """headers={"Content-Disposition": 'attachment; filename="ketamine.ics"'}""")
    assert file_problem("x.py", """headers={"Content-Disposition": f'attachment; filename="{name}.pdf"'}""")
    assert not file_problem("x.py", """headers={"Content-Disposition": 'attachment; filename="appointment.ics"'}""")


# --- What an escort and the household read ---

INCLUDE = re.compile(r'{% include "(.+?)"')
READ_ALOUD = {"alt", "aria-label", "content", "placeholder", "title", "value"}


class _Reader(HTMLParser):
    """What somebody sees or hears of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.texts += [value for name, value in attrs if name in READ_ALOUD and value]


def seen_of(html: str) -> str:
    reader = _Reader()
    reader.feed(_bare(html))
    return "\n".join(reader.texts)


def of_escorts() -> dict[str, str]:
    """The escort's templates and the household card, with every part that they include."""
    every = templates()
    wanted = [
        name for name in every if name.startswith("pickup/") or name in {"escort.html", "timeline/home_card.html"}
    ]
    for name in wanted:
        wanted += [part for part in INCLUDE.findall(every[name]) if part not in wanted]
    return {name: every[name] for name in wanted}


def test_no_page_of_an_escort_or_of_the_household_holds_a_drug_or_an_illness() -> None:
    told = {name: found_words(seen_of(text), ESCORTS) for name, text in of_escorts().items()}
    assert {name: found for name, found in told.items() if found} == {}


def test_nothing_that_an_escort_reads_in_another_language_holds_one_either() -> None:
    spanish = {entry.msgid: entry.msgstr for entry in catalog.read()}
    assert {text: found for text, said in spanish.items() if (found := found_words(said, ESCORTS))} == {}
    consents = [wording.text for kinds in IN_OTHER_LANGUAGES.values() for wording in kinds.values()]
    assert [found for text in consents if (found := found_words(text, ESCORTS))] == []
    assert found_words("La dosis de ketamina, y su ánimo", ESCORTS) == ["dosis", "ketamina", "ánimo"]


def test_a_page_that_tells_an_escort_is_found() -> None:
    assert found_words(seen_of('<p class="mood">{{ page.mood }}</p><p title="After the drips">Hello</p>'), ESCORTS) == [
        "drips"
    ]
