"""Draws one page that is shared, or kept, as a PDF. No Django."""

from __future__ import annotations

import unicodedata
from datetime import datetime

from aftercare.sheet import MARGIN, UNKNOWN, Sheet, line_height
from journal.one_page import OnePage, Part

_BODY, _SMALL, _HEADING, _TITLE = 11.0, 9.0, 12.5, 18.0
_GAP = 4.0
# Scripts that run from right to left, and join their letters: this paper can't set them.
_RIGHT_TO_LEFT = {"R", "AL"}
NOT_ALL = "Some signs can not be printed here. Open the page, and print it from there."


def draw_page(page: OnePage, *, title: str, paper: str, made_at: datetime) -> bytes:
    """The PDF. The same page makes the same bytes. Where a sign can't be set, a line says so and how to print it all."""
    sheet = Sheet(paper=paper, title=title, note="", foot=page.written, made_at=made_at)
    sheet.add_page()
    _line(sheet, title, size=_TITLE, bold=True)
    if not is_printable(sheet, page.plain):
        _paragraph(sheet, NOT_ALL, size=_SMALL)
    sheet.y_at += _GAP
    for part in page.parts:
        _part(sheet, part)
    return sheet.finished()


def is_printable(sheet: Sheet, text: str) -> bool:
    """Whether every sign of a text can be set on this paper."""
    turns = any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in text)
    return not turns and UNKNOWN not in sheet.clean(text.replace(UNKNOWN, ""))


def _part(sheet: Sheet, part: Part) -> None:
    sheet.need(line_height(_HEADING) + 2 * line_height(_BODY))
    if part.heading:
        _paragraph(sheet, part.heading, size=_HEADING, bold=True)
        sheet.y_at += 1
    lines = part.text.split("\n")
    for line in [", ".join(lines)] if part.kind == "themes" else lines:
        _paragraph(sheet, line, size=_BODY)
    sheet.y_at += _GAP


def _paragraph(sheet: Sheet, text: str, *, size: float, bold: bool = False) -> None:
    for line in sheet.wrap(text, sheet.wide, size=size, bold=bold):
        _line(sheet, line, size=size, bold=bold)


def _line(sheet: Sheet, text: str, *, size: float, bold: bool = False) -> None:
    sheet.need(line_height(size))
    sheet.put(MARGIN, sheet.y_at, text, size=size, bold=bold)
    sheet.y_at += line_height(size)
