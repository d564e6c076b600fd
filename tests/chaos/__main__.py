"""`python -m tests.chaos --n 1000 --seed 1`: the whole app under random kills. One line of JSON; 1 on a broken promise.

With --prompts it is the messages of a visit that are tried (tests/chaos/prompts.py).
Everything runs on loopback on a data folder of its own, and only what was started here is killed. Never two at a time on
one machine: the times are part of the promise.
"""

from __future__ import annotations

import argparse
import signal
import sys

from tests.chaos.nemesis import KINDS
from tests.chaos.prompts import main as run_prompts
from tests.chaos.run import Told, run

MOST, FASTEST = 20_000, 50.0


def kinds(text: str) -> tuple[str, ...]:
    found = tuple(text.split(","))
    if strange := [kind for kind in found if kind not in KINDS]:
        raise argparse.ArgumentTypeError(f"{strange[0]!r} is none of {', '.join(KINDS)}")
    return found


def told(arguments: list[str]) -> Told:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--n", type=int, default=200, help="check-ins")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=5.0, help="check-ins a second")
    parser.add_argument("--kill", type=kinds, default=KINDS, help=f"of {','.join(KINDS)}; all of them")
    parser.add_argument("--calm", action="store_true", help="no kills, and a provider with good days only")
    parser.add_argument("--valkey-off", action="store_true", help="calm, without Valkey, worker and beat")
    parser.add_argument(
        "--naive", action="store_true", help="the control: staff told through Celery. It must lose messages"
    )
    parser.add_argument("--keep", action="store_true", help="leave the data folder with the log for a look")
    found = parser.parse_args(arguments)
    if not (0 < found.n <= MOST and 0 < found.rate <= FASTEST):
        parser.error(f"--n is 1 to {MOST}, --rate up to {FASTEST:g}")
    is_calm = found.calm or found.valkey_off
    return Told(
        n=found.n,
        seed=found.seed,
        rate=found.rate,
        kinds=() if is_calm else tuple(kind for kind in found.kill if not (found.naive and kind == "sender")),
        is_naive=found.naive,
        has_valkey=not found.valkey_off,
        keeps=found.keep,
    )


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _interrupt)
    if "--prompts" in sys.argv:
        sys.exit(run_prompts([word for word in sys.argv[1:] if word != "--prompts"]))
    sys.exit(run(told(sys.argv[1:])))
