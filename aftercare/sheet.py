"""A page to draw on: our fonts, words that wrap, and page breaks that split nothing which was measured together."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Literal

from fpdf import FPDF
from fpdf.fonts import TTFFont

FONTS = Path(__file__).resolve().parent / "fonts"
_OURS, _WIDE = "atkinson", "dejavu"
# For what no font has; the record number beside a name says who it is.
UNKNOWN = "\ufffd"
# Stands for the number of pages until it is known. No text can hold it: clean() makes every space the usual one.
_PAGES = "{\u00a0}"
MARGIN, HEAD, FOOT = 15.0, 12.0, 12.0
_MM = 25.4 / 72
_LEADING = 1.3


# Elsewhere a page is A4.
_LETTER = frozenset({"US", "CA"})


def paper_of(country: str) -> str:
    """What paper a country (its two letters) prints on: "letter" or "a4"."""
    return "letter" if country in _LETTER else "a4"


class Sheet(FPDF):
    """Black on white, in millimetres. `header` and `footer` stand on each page, with page x of y."""

    def __init__(self, *, paper: str, title: str, note: str, foot: str, made_at: datetime) -> None:
        super().__init__(unit="mm", format="a4" if paper == "a4" else "letter")
        self._title, self._note, self._foot = title, note, foot
        self.add_font(_OURS, "", FONTS / "atkinson-next-regular.ttf")
        self.add_font(_OURS, "B", FONTS / "atkinson-next-bold.ttf")
        self.add_font(_WIDE, "", FONTS / "dejavu-sans.ttf")
        self.set_fallback_fonts([_WIDE], exact_match=False)
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.c_margin = 0.0
        self.set_auto_page_break(False)
        self.alias_nb_pages(_PAGES)
        self.set_creation_date(made_at)
        self.set_producer("")
        self.set_creator("")
        self.y_at = 0.0

    def finished(self) -> bytes:
        """The file as it is now; nothing can be drawn after it. Lets go of the font files, which fpdf2 keeps open."""
        made = bytes(self.output())
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()
        return made

    @cached_property
    def _known(self) -> frozenset[int]:
        return frozenset(code for font in self.fonts.values() for code in getattr(font, "cmap", ()))

    @property
    def wide(self) -> float:
        """How wide the part is that is drawn on."""
        return float(self.w) - 2 * MARGIN

    @property
    def bottom(self) -> float:
        return float(self.h) - MARGIN - FOOT

    def header(self) -> None:
        self.put(MARGIN, MARGIN, self._title, size=9, bold=True)
        self.put(MARGIN, MARGIN, self._note, size=9, align="R")
        self.rule(MARGIN + 5.5)
        self.y_at = MARGIN + HEAD

    def footer(self) -> None:
        y = float(self.h) - MARGIN - 5
        self.rule(y - 2)
        self.put(MARGIN, y, self._foot, size=8)
        self.put(MARGIN, y, f"Page {self.page_no()} of {_PAGES}", size=8, align="R")

    def need(self, height: float) -> None:
        """A new page, unless so much still fits on this one."""
        if self.page_no() == 0 or (self.y_at + height > self.bottom and self.y_at > MARGIN + HEAD):
            self.add_page()

    def clean(self, text: str) -> str:
        """What can be printed of it: one mark for a run of characters that no font has. Never raises."""
        composed = unicodedata.normalize("NFC", text)
        flat = "".join(" " if char.isspace() else char for char in composed if not _is_hidden(char))
        shown = "".join(char if ord(char) in self._known else UNKNOWN for char in flat)
        return re.sub(f"{UNKNOWN}+", UNKNOWN, shown)

    def measure(self, text: str, *, size: float, bold: bool = False) -> float:
        self.set_font(_OURS, "B" if bold else "", size)
        return float(self.get_string_width(text))

    def wrap(self, text: str, width: float, *, size: float, bold: bool = False) -> list[str]:
        """Lines that fit; a word that is longer than a line is broken. At least one line."""
        lines = [""]
        for word in self._words(text, width, size=size, bold=bold):
            joined = f"{lines[-1]} {word}" if lines[-1] else word
            if self.measure(joined, size=size, bold=bold) <= width:
                lines[-1] = joined
            else:
                lines.append(word)
        return lines if lines[0] or len(lines) == 1 else lines[1:]

    def _words(self, text: str, width: float, *, size: float, bold: bool) -> Iterator[str]:
        for word in self.clean(text).split():
            part = ""
            for char in word:
                if part and self.measure(part + char, size=size, bold=bold) > width:
                    yield part
                    part = ""
                part += char
            yield part

    def put(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float,
        bold: bool = False,
        width: float | None = None,
        align: Literal["L", "R"] = "L",
        white: bool = False,
    ) -> None:
        """One line at this place, cut where it would leave it."""
        wide = width or float(self.w) - MARGIN - x
        self.set_font(_OURS, "B" if bold else "", size)
        self.set_text_color(255 if white else 0)
        self.set_xy(x, y)
        self.cell(wide, line_height(size), self._cut(text, wide, size=size, bold=bold), align=align)
        self.set_text_color(0)

    def _cut(self, text: str, width: float, *, size: float, bold: bool) -> str:
        shown = text if _PAGES in text else self.clean(text)
        while shown and self.measure(shown, size=size, bold=bold) > width:
            shown = shown[:-1]
        return shown

    def rule(self, y: float, *, x: float = MARGIN, width: float | None = None, weight: float = 0.2) -> None:
        self.set_line_width(weight)
        self.line(x, y, x + (width or float(self.w) - MARGIN - x), y)

    def box(self, x: float, y: float, width: float, height: float, *, filled: bool = False) -> None:
        self.set_line_width(0.3)
        self.set_fill_color(0)
        self.rect(x, y, width, height, style="F" if filled else "D", round_corners=True, corner_radius=1.6)


def line_height(size: float) -> float:
    """Of a line in points, in millimetres."""
    return size * _MM * _LEADING


def _is_hidden(char: str) -> bool:
    """Control characters, joiners and changes of direction: nothing of them is seen on paper."""
    return unicodedata.category(char) in {"Cc", "Cf", "Cs"} and not char.isspace()
