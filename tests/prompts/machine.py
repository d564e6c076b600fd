"""`python -m tests.prompts.machine --runs 1000000 --seed 1`: random programs on the model. One line of JSON; 1 when a rule broke.

What broke is told in words, as short as it gets.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from random import Random
from typing import Any

from tests.prompts.engine import Broken
from tests.prompts.programs import LONGEST, Run, broken, shortest, told

CHUNK, MOST = 5_000, 10_000_000


def try_chunk(job: tuple[int, int, int]) -> tuple[Counter[str], bytes]:
    """`size` programs of a seed's chunk numbered `number`: what happened in them, and the first that broke a rule."""
    seed, number, size = job
    dice, counts = Random(f"{seed} {number}"), Counter[str]()  # noqa: S311  the same again is what it is for
    for _ in range(size):
        program = dice.randbytes(dice.randint(8, LONGEST + 1))
        try:
            model = Run(program).go()
        except Broken:
            return counts, program
        counts["runs"] += 1
        counts["acts"] += len(program) - 1
        counts["accepted"] += len(model.accepted)
        counts.update(row.state.name.lower() for row in model.rows.values())
    return counts, b""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.prompts.machine", description=__doc__)
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    options = parser.parse_args(arguments)
    if not 0 < options.runs <= MOST:
        parser.error(f"--runs is 1 to {MOST}")
    began, counts, failed = time.monotonic(), Counter[str](), b""
    sizes = [min(CHUNK, options.runs - start) for start in range(0, options.runs, CHUNK)]
    with ProcessPoolExecutor(options.processes) as processes:
        jobs = [(options.seed, number, size) for number, size in enumerate(sizes)]
        for counted, program in processes.map(try_chunk, jobs):
            counts.update(counted)
            failed = failed or program
    facts: dict[str, Any] = {"machine": "model", "seed": options.seed, **counts}
    facts |= {"broken": broken(failed) if failed else "", "seconds": round(time.monotonic() - began, 1)}
    print(json.dumps(facts))
    if failed:
        print(told(shortest(failed)), file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
