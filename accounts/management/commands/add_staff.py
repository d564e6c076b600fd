"""`manage.py add_staff --clinic ID --email … --name … --role manager`: somebody who can sign in. Asks for the password."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from accounts.models import Clinic, StaffMember, User
from accounts.states import Role


class Command(BaseCommand):
    """The password is asked for at a terminal, or read as the first line of the input: never an argument."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--clinic", required=True, help="what add_clinic printed")
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True)
        parser.add_argument("--credentials", default="", help="like RN or MD")
        parser.add_argument("--role", required=True, choices=list(Role))

    def handle(self, *args: Any, **options: Any) -> None:
        password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            clinic = Clinic.objects.get(pk=options["clinic"])
            validate_password(password)
            validate_email(options["email"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        except Clinic.DoesNotExist:
            raise CommandError("There is no clinic with this id. add_clinic prints it.") from None
        with transaction.atomic():
            if User.objects.filter(email__iexact=options["email"]).exists():
                raise CommandError("Somebody signs in with this address already.")
            member = StaffMember(
                clinic=clinic,
                user=User.objects.create_user(options["email"], password),
                name=options["name"],
                credentials=options["credentials"],
                role=options["role"],
            )
            member.full_clean()
            member.save()
        self.stdout.write(f"{member} can sign in.")
