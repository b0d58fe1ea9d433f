"""`manage.py member ADDRESS`: give a person a role, making the person and the workspace where needed."""

import getpass
import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from tasks.commands.people.members import set_member
from tasks.models import Role


class Command(BaseCommand):
    """The way to the first admin of an installation without demo people."""

    help = "Give a person a role in a workspace; asks for a password, or reads it from standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="mail address, with which the person signs in")
        parser.add_argument("--role", choices=Role.values, default=Role.MARKETER.value)
        parser.add_argument("--workspace", default="Default", help="name of the workspace (default: Default)")
        parser.add_argument("--name", default="", help="name shown to colleagues")
        parser.add_argument("--owner", action="store_true", help="also make an owner of the installation")
        parser.add_argument("--keep-password", action="store_true", help="do not set a password")

    def handle(self, *args: Any, **options: Any) -> None:
        password = None
        try:
            validate_email(options["email"])
            if not options["keep_password"]:
                # Asked for without showing it; without a terminal, one line of standard input.
                line = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline()
                password = line.rstrip("\n")
            membership = set_member(
                email=options["email"],
                workspace=options["workspace"],
                role=Role(options["role"]),
                name=options["name"],
                is_owner=options["owner"],
                password=password,
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{membership.user.email} is {membership.role} in {membership.workspace}.")
