"""Phrases that are found wherever they are written down, and whatever they were written down as."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Nothing else of ours holds these words.
PRIVATE, OPEN = "quietfern", "plainfern"
CHUNK, OVERLAP = 1 << 22, 256


@dataclass(frozen=True, slots=True)
class Phrase:
    """One line that a patient could write, with a mark that is in no other."""

    mark: str

    @classmethod
    def make(cls, word: str = PRIVATE) -> Phrase:
        return cls(word + secrets.token_hex(6))

    @property
    def text(self) -> str:
        return f"I saw {self.mark} by the sea, naïve and calm."


class Search:
    """Looks for the marks that begin with one word: as UTF-8, as UTF-16, in hexadecimal digits and in base64."""

    def __init__(self, word: str) -> None:
        raw = word.encode()
        self._marks = re.compile(raw + rb"[0-9a-f]{12}")
        self._other = re.compile(
            b"|".join(
                re.escape(form)
                for form in (word.encode("utf-16-le"), raw.hex().encode(), raw.hex().upper().encode(), *_base64(raw))
            )
        )

    def count(self, found: bytes) -> int:
        """How many different phrases are in it; one that is written as something else counts each time."""
        return len(set(self._marks.findall(found))) + len(self._other.findall(found))

    def marks(self, found: bytes) -> set[str]:
        return {mark.decode() for mark in self._marks.findall(found)}

    def count_in(self, *files: Path) -> int:
        """Of all these files together, read as they lie on the disk."""
        return sum(self.count(chunk) for file in files for chunk in _chunks(file))


def _base64(raw: bytes) -> Iterator[bytes]:
    """What stands in base64 for it wherever it begins: without the letters that its neighbours have a part in."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + raw)
        yield encoded[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]


def _chunks(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as opened:
            tail = b""
            while chunk := opened.read(CHUNK):
                yield tail + chunk
                tail = chunk[-OVERLAP:]
    except OSError:
        # A socket, or a file that the server took away meanwhile.
        return
