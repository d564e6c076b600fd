"""Finds a Chromium that shows a page, or fetches one: `python -m tests.browser .browser/env`. Standard library only.

Ends with 3 and a text that says what to do when there is none: browser tests are never skipped. An ordinary user without
sudo gets Debian's packages unpacked into .browser/; nothing else of the machine changes.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent / ".browser"
ENV = HOME / "env"
# Playwright's own node needs libatomic; without a font Chromium dies at its first page.
PACKAGES = ("chromium", "fonts-dejavu-core", "libatomic1")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)
HELP = """
The browser tests need Chromium and libatomic1. They are not here and could not be fetched.
  as root:   apt-get install --no-install-recommends chromium fonts-dejavu-core libatomic1
  or:        CHROMIUM=/path/to/chromium make test
"""


def browser_flags() -> list[str]:
    """How Chromium is started: quiet, and without its sandbox where that can't work."""
    has_sandbox = os.geteuid() != 0 and not os.environ.get("CHROMIUM_NO_SANDBOX")
    return [*FLAGS, *(() if has_sandbox else ("--no-sandbox",))]


def chosen_browser() -> dict[str, str]:
    """What was found before, for a pytest that was not started by make. Raises when nothing was."""
    if os.environ.get("CHROMIUM"):
        return {}
    if not ENV.exists() and main(ENV):
        raise RuntimeError("There is no browser: run `make test`, which fetches one.")
    words = shlex.split(ENV.read_text())
    return dict(word.split("=", 1) for word in words if word != "export")


def find() -> dict[str, str]:
    """The variables that name a Chromium that shows a page and a node that starts; fewer when something is missing."""
    found = next(filter(None, map(_probe, _candidates())), {})
    if node := _node():
        found["PLAYWRIGHT_NODEJS_PATH"] = node
    return found


def _candidates() -> Iterator[str]:
    yield os.environ.get("CHROMIUM", "")
    yield os.environ.get("CHROME_PATH", "")
    yield from (shutil.which(name) or "" for name in NAMES)
    yield str(HOME / "chromium")


def _probe(program: str) -> dict[str, str]:
    """Loads a page: a Chromium that tells its version may still lack a font or a sandbox."""
    for more in ({}, {"CHROMIUM_NO_SANDBOX": "1"}):
        sandbox = ["--no-sandbox"] if more or os.geteuid() == 0 else []
        page = "data:text/html,<p>a page of words</p>"
        command = [program, "--headless", *FLAGS, *sandbox, "--dump-dom", page]
        if os.access(program, os.X_OK) and "a page of words" in _output(command):
            return {"CHROMIUM": program, **more}
    return {}


def _node() -> str:
    """The node that Playwright carries, or a wrapper that shows it the libraries unpacked here."""
    spec = importlib.util.find_spec("playwright")
    node = Path(spec.origin).parent / "driver" / "node" if spec and spec.origin else Path()
    for program in (node, HOME / "node"):
        if program.is_file() and _output([str(program), "--version"]).startswith("v"):
            return str(program)
    return ""


def _output(command: list[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=90, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def install_as_root() -> None:
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    install = ["apt-get", "-qq", "-y", "--no-install-recommends", "install", *PACKAGES]
    for command in (["apt-get", "-qq", "update"], install):
        subprocess.run(
            [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", *command], check=True, stdout=subprocess.DEVNULL
        )


def unpack_as_anybody() -> None:
    """Debian's packages, with lists and a cache of our own, unpacked and never installed."""
    apt, root = HOME / "apt", HOME / "root"
    for folder in ("lists/partial", "cache/archives/partial"):
        (apt / folder).mkdir(parents=True, exist_ok=True)
    places = {"Dir::State::Lists": f"{apt}/lists", "Dir::Cache": f"{apt}/cache", "Debug::NoLocking": "1"}
    places |= {"Dir::Cache::pkgcache": "", "Dir::Cache::srcpkgcache": ""}
    get = ["apt-get", "-qq", "-y", *(word for name, value in places.items() for word in ("-o", f"{name}={value}"))]
    subprocess.run([*get, "update"], check=True)
    subprocess.run([*get, "--no-install-recommends", "--download-only", "install", *PACKAGES], check=True)
    for package in (apt / "cache" / "archives").glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, root], check=True)
    shutil.rmtree(apt)
    _write_wrappers(root)


def _write_wrappers(root: Path) -> None:
    libraries = next(root.glob("usr/lib/*-linux-gnu"), None)
    if libraries is None:
        raise OSError("apt-get fetched nothing: it takes the packages for installed")
    path = f"{libraries}:{libraries}/pulseaudio:{root}/lib/{libraries.name}"
    fonts = HOME / "fonts.conf"
    fonts.write_text(
        f'<?xml version="1.0"?><fontconfig><dir>{root}/usr/share/fonts</dir><dir>/usr/share/fonts</dir>'
        f"<cachedir>{HOME}/fontcache</cachedir></fontconfig>"
    )
    _write_wrapper(
        "chromium", f"{root}/usr/lib/chromium/chromium", f'LD_LIBRARY_PATH="{path}" FONTCONFIG_FILE="{fonts}"'
    )
    spec = importlib.util.find_spec("playwright")
    if spec and spec.origin:
        _write_wrapper("node", f"{Path(spec.origin).parent}/driver/node", f'LD_LIBRARY_PATH="{path}"')


def _write_wrapper(name: str, program: str, env: str) -> None:
    wrapper = HOME / name
    wrapper.write_text(f'#!/bin/sh\nexport {env}\nexec "{program}" "$@"\n')
    wrapper.chmod(0o755)


def _ways() -> Iterator[Callable[[], None]]:
    if not shutil.which("apt-get"):
        return
    if os.geteuid() == 0 or _has_sudo():
        yield install_as_root
    if os.geteuid() != 0:
        yield unpack_as_anybody


def _has_sudo() -> bool:
    """Without a password: nobody is there to type one."""
    return (
        bool(shutil.which("sudo"))
        and not subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode
    )


def main(out: Path) -> int:
    """Writes the variables to `out`. Returns 0, or 3 when there is no browser and none can be fetched."""
    HOME.mkdir(exist_ok=True)
    found = find()
    for fetch in _ways():
        if {"CHROMIUM", "PLAYWRIGHT_NODEJS_PATH"} <= found.keys():
            break
        sys.stderr.write(f"There is no browser here yet: {fetch.__name__.replace('_', ' ')} …\n")
        try:
            fetch()
        except (OSError, subprocess.CalledProcessError) as error:
            sys.stderr.write(f"  that failed: {error}\n")
        found = find()
    if not {"CHROMIUM", "PLAYWRIGHT_NODEJS_PATH"} <= found.keys():
        sys.stderr.write(HELP)
        return 3
    out.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in found.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
