"""The search that has to find nothing finds a phrase in every form that it could have been kept in."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.journal.canary import CHUNK, PRIVATE, Phrase, Search

MARK = Phrase.make()
TEXT = MARK.text.encode()


@pytest.mark.parametrize(
    "kept",
    [
        TEXT,
        MARK.text.encode("utf-16-le"),
        TEXT.hex().encode(),
        b"\\\\x" + TEXT.hex().upper().encode(),
        *(base64.b64encode(b"x" * before + TEXT) for before in range(3)),
    ],
    # The phrase is another one in each process.
    ids=["plain", "utf-16", "hex", "bytea", "base64", "base64-1", "base64-2"],
)
def test_a_phrase_is_found_in_whatever_form_it_was_kept(kept: bytes) -> None:
    assert Search(PRIVATE).count(b"before " + kept + b" after") >= 1


def test_what_is_something_else_is_not_found() -> None:
    assert Search(PRIVATE).count(b"quiet fern, quietly; " + base64.b64encode(b"a quiet fern") * 9) == 0


def test_a_phrase_between_two_pieces_of_a_large_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(CHUNK - 20) + TEXT)
    assert Search(PRIVATE).count_in(tmp_path / "large", tmp_path / "not there") == 1
