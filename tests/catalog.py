"""The words of the pages in other languages: what has to be translated, and `python -m tests.catalog`, which compiles them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
from django.utils.translation.template import templatize

ROOT = Path(__file__).parents[1]
CATALOG = ROOT / "locale" / "es" / "LC_MESSAGES" / "django.po"
COMPILED = CATALOG.with_suffix(".mo")
# Python whose words stand on an escort's page.
WRITERS = (*sorted((ROOT / "pickup").rglob("*.py")), ROOT / "accounts" / "phones.py")
_MARKED = re.compile(r"""\b(?:gettext|_)\((u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))\)""", re.DOTALL)


def wanted() -> set[str]:
    """Every text that the sources mark."""
    return {text for path in (ROOT / "templates").rglob("*.html") for text in marked_in(path.read_text("utf-8"))} | {
        text for path in WRITERS for text in _marked_in_python(path.read_text("utf-8"))
    }


def marked_in(template: str) -> Iterator[str]:
    """As Django's own extraction reads a template."""
    if "i18n" in template:
        for literal in _MARKED.findall(templatize(template)):
            # %% is what extraction makes of a plain sign; none of our pages holds one.
            yield ast.literal_eval(literal)


def _marked_in_python(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
            yield ast.literal_eval(node.args[0])


def read() -> polib.POFile:
    return polib.pofile(str(CATALOG), wrapwidth=118)


def main() -> None:
    """Adds what is new, empty; marks what nobody asks for any more as obsolete; compiles."""
    catalog, texts = read(), wanted()
    for entry in catalog:
        entry.obsolete = entry.msgid not in texts
    known = {entry.msgid for entry in catalog}
    catalog.extend(polib.POEntry(msgid=text) for text in sorted(texts - known))
    catalog.save()
    catalog.save_as_mofile(str(COMPILED))


if __name__ == "__main__":
    main()
