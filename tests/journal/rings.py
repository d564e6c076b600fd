"""Rings for tests: the one of the run, one that comes after it, and one of the same name that is not it."""

from __future__ import annotations

import base64

OLD = "tests:dGhpcnR5LXR3byBieXRlcyBmb3IgdGhlIHRlc3RzISE="
NEW = "next:" + base64.b64encode(bytes(range(32))).decode()
STRAY = "tests:" + base64.b64encode(bytes(32)).decode()
ROTATING = f"{NEW},{OLD}"
