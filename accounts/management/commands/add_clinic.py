"""`manage.py add_clinic --name … --sender … --phone … --hours mon=08:00-18:00 …`: a real clinic, without anybody yet."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Clinic, Country


class Command(BaseCommand):
    """Prints the clinic's id; `add_staff` then gives it people."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True)
        parser.add_argument("--sender", required=True, help="begins each text; must not tell what the clinic treats")
        parser.add_argument("--address", required=True)
        parser.add_argument("--phone", required=True, help="like +15550100142")
        parser.add_argument("--after-hours-phone", default="")
        parser.add_argument("--zone", required=True, help="like America/New_York")
        parser.add_argument("--country", default="US")
        parser.add_argument(
            "--hours", required=True, nargs="+", metavar="DAY=FROM-TO", help="each day that it is open, mon=08:00-18:00"
        )
        parser.add_argument("--holidays", nargs="*", default=[], help="days on which it stays closed, like 2027-01-01")
        parser.add_argument("--instructions", default="", help="the clinic's own aftercare line; it comes first")

    def handle(self, *args: Any, **options: Any) -> None:
        country = Country.objects.filter(pk=options["country"].upper()).first()
        if country is None:
            known = ", ".join(Country.objects.order_by("pk").values_list("pk", flat=True))
            raise CommandError(f"The help numbers of this country are not known. Known are {known}.")
        clinic = Clinic(
            name=options["name"],
            sender_name=options["sender"],
            address=options["address"],
            phone=options["phone"],
            after_hours_phone=options["after_hours_phone"],
            zone=options["zone"],
            country=country,
            opening_hours={day: span.split("-") for day, _, span in (word.partition("=") for word in options["hours"])},
            holidays=options["holidays"],
            instructions=options["instructions"],
        )
        try:
            clinic.full_clean()
        except ValidationError as error:
            raise CommandError(
                "\n".join(f"{name}: {' '.join(words)}" for name, words in error.message_dict.items())
            ) from None
        clinic.save()
        self.stdout.write(str(clinic.pk))
