"""`python -m tests.prompts.machine --runs 1000000 --seed 1`: random programs on the model. One line of JSON; 1 when a rule broke.

With --postgres on the model and on the engine, side by side, in a PostgreSQL of its own. What broke is told in words.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from random import Random
from typing import Any

import django
from django.utils.module_loading import import_string

from tests.prompts.engine import Broken, Model
from tests.prompts.programs import LONGEST, Run, broken, shortest, told
from tests.services import Services

CHUNK, MOST = 5_000, 10_000_000


def programs(job: tuple[int, int, int], *, longest: int = LONGEST) -> Iterator[bytes]:
    """Those of a seed's chunk numbered `number`, `size` of them, of up to so many acts."""
    seed, number, size = job
    dice = Random(f"{seed} {number}")  # noqa: S311  the same again is what it is for
    for _ in range(size):
        yield dice.randbytes(dice.randint(8, longest + 1))


def try_chunk(job: tuple[int, int, int]) -> tuple[Counter[str], bytes]:
    """What happened in them, and the first that broke a rule."""
    counts = Counter[str]()
    for program in programs(job):
        try:
            count(counts, program, Run(program).go())
        except Broken:
            return counts, program
    return counts, b""


def count(counts: Counter[str], program: bytes, model: Model) -> None:
    counts["runs"] += 1
    counts["acts"] += len(program) - 1
    counts["accepted"] += len(model.accepted)
    counts.update(row.state.name.lower() for row in model.rows.values())


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.prompts.machine", description=__doc__)
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--postgres", action="store_true", help="on the engine too; one process")
    options = parser.parse_args(arguments)
    if not 0 < options.runs <= MOST:
        parser.error(f"--runs is 1 to {MOST}")
    began, counts, failed = time.monotonic(), Counter[str](), b""
    sizes = [min(CHUNK, options.runs - start) for start in range(0, options.runs, CHUNK)]
    jobs = [(options.seed, number, size) for number, size in enumerate(sizes)]
    if options.postgres:
        counts, failed, rule = on_postgres(jobs)
    else:
        with ProcessPoolExecutor(options.processes) as processes:
            for counted, program in processes.map(try_chunk, jobs):
                counts.update(counted)
                failed = failed or program
        failed = failed and shortest(failed)
        rule = broken(failed)
    facts: dict[str, Any] = {"machine": "model and postgres" if options.postgres else "model", "seed": options.seed}
    print(json.dumps({**facts, **counts, "broken": rule, "seconds": round(time.monotonic() - began, 1)}))
    if failed:
        print(told(failed), file=sys.stderr)
    return 1 if failed else 0


def on_postgres(jobs: Sequence[tuple[int, int, int]]) -> tuple[Counter[str], bytes, str]:
    """As try_chunk, one program after the other; with the rule that was broken."""
    services = Services()
    services.announce()
    try:
        services.start_postgres()
        os.environ["DJANGO_SETTINGS_MODULE"] = "aftercare.settings"
        django.setup()
        found: tuple[Counter[str], bytes, str] = import_string("tests.prompts.real.try_all")(jobs)
        return found
    finally:
        services.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
