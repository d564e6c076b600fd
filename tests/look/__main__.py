"""`python -m tests.look [shots|structure|reading|layout|weight …] [--url …] [--only NAME]`: looks at every page.

Pictures go to .shots/. Without --url the whole app is started for it. Ends with 1 when anything was found.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser import browser_flags, chosen_browser
from tests.look.screens import SCREENS
from tests.look.session import DAY, DIM, HARDEST, VIEWPORTS, Looker, weigh
from tests.stack import Stack

SHOTS = Path(".shots")
WHAT = ("shots", "structure", "reading", "layout", "weight")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.look", description=__doc__)
    parser.add_argument("what", nargs="*", default=list(WHAT), choices=WHAT)
    parser.add_argument("--url", help="a running demo, such as http://localhost:8000")
    parser.add_argument("--only", default="", help="only the pages whose name holds this")
    told = parser.parse_args()
    with ExitStack() as ends:
        url = told.url or _own_stack(ends)
        driver = ends.enter_context(sync_playwright())
        os.environ.update(chosen_browser())
        browser = driver.chromium.launch(executable_path=os.environ["CHROMIUM"], args=browser_flags())
        ends.callback(browser.close)
        found = look(browser, url=url, what=told.what, only=told.only)
    print(f"{found} found" if found else "nothing found")
    return 1 if found else 0


def look(browser: Browser, *, url: str, what: list[str], only: str) -> int:
    """Prints what is wrong, a line each. Returns how many lines."""
    found = 0
    screens = [screen for screen in SCREENS if only in screen.name]
    with Looker(browser, url=url) as looker:
        for screen in screens:
            lines = looker.look(screen, what=what, shots=SHOTS if "shots" in what else None)
            found += len(lines)
            for line in lines:
                print(f"{screen.name}: {line}")
            if "reading" in what and screen.audience in HARDEST:
                print(f"{screen.name}: grade {looker.grade:.1f}")
    if "shots" in what:
        print(f"{len(screens) * len((DAY, DIM)) * len(VIEWPORTS)} pictures in {SHOTS}/")
    if "weight" in what:
        weight = weigh(browser, url=url)
        print("\n".join([*weight.said, *weight.wrong]))
        found += len(weight.wrong)
    return found


def _own_stack(ends: ExitStack) -> str:
    stack = Stack(Path(ends.enter_context(tempfile.TemporaryDirectory())) / "data")
    ends.callback(stack.stop)
    return stack.url


if __name__ == "__main__":
    sys.exit(main())
