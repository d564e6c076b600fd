"""The cluster of a parallel run: copied whole or not at all, and never in the place of one that is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ready import IS_PARALLEL, PLACE, lay_out


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a run whose cluster is made by now."""
    place = tmp_path / "place"
    (place / "done" / "pg99").mkdir(parents=True)
    (place / "done" / "pg99" / "PG_VERSION").write_text("99")
    monkeypatch.setenv(PLACE, str(place))
    monkeypatch.setenv(IS_PARALLEL, "gw0")
    return place


def test_what_a_kill_left_of_a_copy_is_begun_anew(place: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "pg99.new" / "half").mkdir(parents=True)
    lay_out(data)
    assert [each.relative_to(data).as_posix() for each in sorted(data.rglob("*"))] == ["pg99", "pg99/PG_VERSION"]


def test_a_folder_with_its_own_cluster_keeps_it_and_waits_for_nobody(place: Path, tmp_path: Path) -> None:
    (place / "done").rename(place / "away")
    own = tmp_path / "data" / "pg98"
    own.mkdir(parents=True)
    lay_out(tmp_path / "data")
    assert [each.name for each in own.parent.iterdir()] == ["pg98"]
    assert not (place / "lock").exists()
