"""Reads back what a PDF of ours says, page by page: what a person could copy from it."""

from __future__ import annotations

import re
import zlib

_PART = re.compile(rb"/(F\d+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\) Tj|(ET)", re.DOTALL)
_STREAM = re.compile(rb"\n(\d+) 0 obj\n<<(?:(?!endobj).)*?\nstream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_ESCAPED = {ord("n"): 10, ord("r"): 13, ord("t"): 9, ord("b"): 8, ord("f"): 12}


def pages_of(pdf: bytes) -> list[str]:
    """The words of each page, in the order in which they were drawn, a space between two pieces."""
    streams = {int(number): _inflate(stream) for number, stream in _STREAM.findall(pdf)}
    fonts = _fonts(pdf, streams)
    contents = [int(number) for number in re.findall(rb"/Contents (\d+) 0 R", pdf)]
    return [_words(streams[number], fonts) for number in contents]


def _inflate(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def _fonts(pdf: bytes, streams: dict[int, bytes]) -> dict[bytes, dict[int, str]]:
    """Per font of the pages, which glyph stands for what."""
    told = dict(re.findall(rb"/(F\d+) (\d+) 0 R", pdf))
    return {name: _letters(streams[_to_unicode(pdf, int(number))]) for name, number in told.items()}


def _to_unicode(pdf: bytes, number: int) -> int:
    match = re.search(rb"\n%d 0 obj\n<<(?:(?!endobj).)*?/ToUnicode (\d+) 0 R" % number, pdf, re.DOTALL)
    assert match
    return int(match[1])


def _letters(cmap: bytes) -> dict[int, str]:
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>", cmap)
    return {int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for glyph, text in pairs}


def _words(content: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    font: dict[int, str] = {}
    words = ""
    for name, shown, ends in _PART.findall(content):
        if name:
            font = fonts[name]
        elif ends:
            words += "" if words.endswith(" ") else " "
        else:
            raw = _unescape(shown)
            words += "".join(font[int.from_bytes(raw[at : at + 2])] for at in range(0, len(raw), 2))
    return words.strip()


def _unescape(raw: bytes) -> bytes:
    return re.sub(rb"\\(.)", lambda match: bytes([_ESCAPED.get(match[1][0], match[1][0])]), raw, flags=re.DOTALL)
