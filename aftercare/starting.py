"""Refuses to start with settings that an app found wrong. Commands of manage.py check them by themselves."""

from __future__ import annotations

from django.core.checks import run_checks

# What an app registers under this tag is checked by the web and the worker as well.
SETTINGS = "settings"


class WrongSettings(SystemExit):
    """A setting can't be used as it is. Ends the process with what is wrong."""


def refuse_wrong_settings() -> None:
    """Raises WrongSettings."""
    wrong = [f"{message.msg} {message.hint or ''}".strip() for message in run_checks(tags=[SETTINGS])]
    if wrong:
        raise WrongSettings("\n".join(wrong))
