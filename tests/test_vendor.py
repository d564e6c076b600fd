"""What we did not write is what we looked at: scripts are pinned by hash, and the page says the same hash."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HTMX_4_0_1 = "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"


def test_htmx_is_the_published_file() -> None:
    script = (ROOT / "static/vendor/htmx/htmx.min.js").read_bytes()
    assert hashlib.sha256(script).hexdigest() == HTMX_4_0_1
    assert (ROOT / "static/vendor/htmx/LICENSE").is_file()


SCRIPT = re.compile(r'<script src="{% static "([^"]+)" %}"(?: integrity="sha384-([^"]+)")?')


def test_every_script_is_loaded_only_with_its_own_hash() -> None:
    told = {
        (name, digest)
        for path in (ROOT / "templates").rglob("*.html")
        for name, digest in SCRIPT.findall(path.read_text("utf-8"))
    }
    scripts = {name for name, _ in told}
    assert scripts == {
        "vendor/htmx/htmx.min.js",
        *(
            f"js/{name}.js"
            for name in (
                "alerts",
                "answers",
                "app",
                "breathe",
                "gone",
                "lock",
                "offline",
                "push",
                "sign-in",
                "sign-out",
                "travel",
                "words",
            )
        ),
    }
    assert told == {(name, digest_of(name)) for name in scripts}


def digest_of(name: str) -> str:
    return base64.b64encode(hashlib.sha384((ROOT / "static" / name).read_bytes()).digest()).decode()


def test_fonts_and_icons_come_with_their_licences() -> None:
    assert (ROOT / "static/fonts/OFL.txt").is_file()
    assert (ROOT / "static/icons/LICENSE").is_file()
    assert {path.name for path in (ROOT / "aftercare/fonts").iterdir()} == {
        *("atkinson-next-regular.ttf", "atkinson-next-bold.ttf", "OFL.txt"),
        *("dejavu-sans.ttf", "DEJAVU-LICENSE.txt"),
    }


def test_nothing_is_inline() -> None:
    """The policy allows no inline script or style: no template may hold one."""
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|hx-on|javascript:|hx-vals=.js:", re.IGNORECASE
    )
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in (ROOT / "templates").rglob("*.html")
        for match in inline.finditer(path.read_text("utf-8"))
    ]
    assert found == []
