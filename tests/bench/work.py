"""What processes cost: the processor's time of whole trees, ended children included, and their memory."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def tree(pids: Iterable[int]) -> list[int]:
    """These processes and all below them."""
    below = defaultdict(list)
    for folder in Path("/proc").glob("[0-9]*"):
        if stat := _stat(folder):
            below[int(stat[1])].append(int(folder.name))
    found = list(pids)
    for pid in found:
        found += below[pid]
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """What these trees have worked so far, in their own code and in the kernel; with children that ended."""
    stats = (_stat(Path(f"/proc/{pid}")) for pid in tree(pids))
    return sum(sum(map(int, stat[11:15])) for stat in stats if stat) / _TICK


def memory_mb(pids: Iterable[int]) -> float:
    """What these trees hold for themselves: what forks share is counted once for each that shares it (PSS)."""
    return round(sum(_pss_kb(pid) for pid in tree(pids)) / 1024, 1)


def _stat(folder: Path) -> list[str]:
    """The fields from the state on: the name before them may hold anything."""
    try:
        return (folder / "stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return []


def _pss_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
