"""`manage.py plan --protocol iv-ketamine --ended 2027-03-13T16:30 --zone America/New_York`: the plan, in the patient's clock."""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser

from prompts.schedule import plan_prompts
from timeline.document import QuietHours
from timeline.packs import pack_keys, read_pack
from timeline.protocol import ProtocolErrors, load


class Command(BaseCommand):
    """Prints when each prompt would leave, and by which channel, for a patient with texts agreed."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--protocol", required=True, help=f"a pack ({', '.join(pack_keys())}) or a YAML file")
        parser.add_argument("--ended", required=True, help="hour 0 on the patient's clock, like 2027-03-13T16:30")
        parser.add_argument("--zone", default="America/New_York")
        parser.add_argument("--quiet", default="21:00-08:00", help="the patient's quiet hours")

    def handle(self, *args: Any, **options: Any) -> None:
        zone = _zone(options["zone"])
        hour_zero = _moment(options["ended"], zone)
        document = _document(options["protocol"])
        plan = plan_prompts(
            document.prompts,
            hour_zero=hour_zero,
            zone=zone,
            quiet_hours=_quiet(options["quiet"]),
            budget=document.budget,
        )
        self.stdout.write(f"{document.name}, hour 0 {hour_zero.astimezone(zone):%a %Y-%m-%d %H:%M %Z} ({zone.key})")
        for prompt in plan:
            due, ends = prompt.due_at.astimezone(zone), prompt.window_ends_at.astimezone(zone)
            hours = (prompt.due_at - hour_zero).total_seconds() / 3600
            channel = "text" if prompt.by_text else "in app"
            self.stdout.write(
                f"  {due:%a %H:%M %Z}  +{hours:5.2f} h  until {ends:%a %H:%M}  {channel:6}  {prompt.step:10}  {prompt.title}"
            )
        texts, asks = sum(p.by_text for p in plan), sum(p.asks for p in plan)
        self.stdout.write(f"{len(plan)} notices, {asks} of them ask, {texts} by text")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise CommandError(f"{name!r} is not a time zone such as America/New_York.") from None


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text!r} is not a moment like 2027-03-13T16:30.") from None
    if not 1970 <= moment.year <= 2100:
        raise CommandError(f"The year {moment.year} is too far away.")
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _quiet(text: str) -> QuietHours:
    try:
        starts, ends = (time.fromisoformat(part) for part in text.split("-"))
    except ValueError:
        raise CommandError(f"{text!r} are no quiet hours like 21:00-08:00.") from None
    return QuietHours(starts, ends)


def _document(name: str) -> Any:
    try:
        return read_pack(name) if name in pack_keys() else load(Path(name).read_text("utf-8"))
    except OSError:
        raise CommandError(f"There is no pack and no file {name!r}. The packs are {', '.join(pack_keys())}.") from None
    except (ProtocolErrors, UnicodeDecodeError) as error:
        raise CommandError(str(error)) from None
