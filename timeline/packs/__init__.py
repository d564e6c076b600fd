"""The protocols that ship with the app, as drafts: one YAML file each."""

from __future__ import annotations

from pathlib import Path

from timeline.document import ProtocolDocument
from timeline.protocol import load

_FOLDER = Path(__file__).parent


def pack_keys() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


def read_pack(key: str) -> ProtocolDocument:
    """One shipped protocol. Raises KeyError for an unknown key."""
    if key not in pack_keys():
        raise KeyError(key)
    return load((_FOLDER / f"{key}.yaml").read_text("utf-8"))
