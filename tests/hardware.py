"""What a run stood on, and how busy that was with other things: said beside whatever was measured there."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any


def machine(load_before: tuple[float, float, float]) -> dict[str, Any]:
    """Its cores, memory and kernel; the load of the minute before, and of the run."""
    model = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    memory = Path("/proc/meminfo").read_text().split()[1]
    return {
        "cores": os.cpu_count(),
        "model": model[0].partition(": ")[2] if model else platform.machine(),
        "memory_gb": round(int(memory) / 1024**2, 1),
        "kernel": platform.release(),
        "load_before": round(load_before[0], 1),
        "load_after": round(os.getloadavg()[0], 1),
    }
