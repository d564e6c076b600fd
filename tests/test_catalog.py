"""The words in Spanish: all there, compiled as they are written, and with the same gaps."""

from __future__ import annotations

import re

import polib

from tests import catalog
from tests.catalog import COMPILED, ROOT, marked_in, read, wanted
from tests.security.test_words import INCLUDE, templates

_GAP = re.compile(r"%\(\w+\)s|\{\w+\}|<[^>]+>")
# What is no word of a language, and what a link's page is called in its own.
ANYWHERE = {"Aftercare", "English", "Español"}
_BLOCK = re.compile(r"{% blocktranslate.*?%}.*?{% endblocktranslate %}", re.DOTALL)
_CODE = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}|<[^>]+>|&\w+;", re.DOTALL)


def test_every_text_that_is_marked_has_its_spanish_and_no_other_is_kept() -> None:
    entries = read()
    assert {entry.msgid for entry in entries if entry.msgstr and not entry.fuzzy} == wanted()
    assert [entry.msgid for entry in entries if entry.obsolete] == []


def test_what_is_compiled_is_what_is_written() -> None:
    compiled = {entry.msgid: entry.msgstr for entry in polib.mofile(str(COMPILED))}
    assert compiled == {entry.msgid: entry.msgstr for entry in read()}


def test_each_gap_and_each_link_stands_in_both() -> None:
    assert [entry.msgid for entry in read() if set(_GAP.findall(entry.msgid)) != set(_GAP.findall(entry.msgstr))] == []


def test_no_page_of_an_escort_holds_words_in_one_language_alone() -> None:
    assert {name: found for name, text in behind_the_link().items() if (found := bare_words(text))} == {}


def behind_the_link() -> dict[str, str]:
    """The pages of a link, and what goes wrong there, with every part that they include."""
    every = templates()
    wanted = [name for name in every if name.startswith("pickup/") and "people" not in name]
    wanted += ["escort.html", "parts/trouble.html", "parts/demo.html"]
    wanted += [f"{code}.html" for code in (400, 403, 404, 405, 429, 500, 503)]
    for name in wanted:
        wanted += [part for part in INCLUDE.findall(every[name]) if part not in wanted]
    return {name: every[name] for name in wanted if name != "parts/error.html"}


def bare_words(template: str) -> list[str]:
    """What a page says that nobody translates."""
    text = _CODE.sub("\n", _BLOCK.sub("", template))
    return [line.strip() for line in text.split("\n") if re.search(r"[^\W\d_]", line) and line.strip() not in ANYWHERE]


def test_words_that_are_not_marked_are_found() -> None:
    assert bare_words('<p>{% translate "Yes" %} and no</p>') == ["and no"]
    assert list(marked_in('{% load i18n %}{% translate "Yes" %}{% firstof x _("No") %}')) == ["Yes", "No"]
    assert catalog.CATALOG.relative_to(ROOT).parts[:2] == ("locale", "es")
