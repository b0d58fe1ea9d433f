"""`manage.py deploy`: what an installation needs at first and after each update."""

import smtplib
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tasks.commands.operations.static_files import collect_static
from tasks.management.preparation import prepare_database

DONE = "The installation is up to date. Start web and worker again, so that they use it."
SUBJECT = "Topview Portal: mail works"
TEXT = f"""This was asked for by `manage.py deploy --mail`. Mail from the portal arrives.

{settings.PORTAL_URL}
"""


class Command(BaseCommand):
    """Refuses settings that cannot be used before it changes anything; can be repeated."""

    help = "Bring this installation up to date: settings, tables, static files, and a test mail when asked."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """To whom a test mail goes."""
        parser.add_argument("--mail", metavar="ADDRESS", help="also send a test mail there")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, prepare, and say how it ended."""
        self.stdout.write("Checking the settings ...")
        self.check(include_deployment_checks=True)
        self.stdout.write("Preparing the database ...")
        prepare_database()
        collect_static(self.stdout.write, clear=False)
        if address := options["mail"]:
            self.stdout.write(f"Sending a test mail to {address} ...")
            send_test(address)
        self.stdout.write(DONE)


def send_test(address: str) -> None:
    """Send a mail now. Raises CommandError with the settings to look at."""
    try:
        EmailMessage(SUBJECT, TEXT, to=[address]).send()
    except (smtplib.SMTPException, OSError) as error:
        code = getattr(error, "smtp_code", "")
        words = f"{type(error).__name__} {code}".strip()
        raise CommandError(
            f"No mail could be sent with EMAIL_URL and MAIL_FROM: {words}. Everything else is up to date."
        ) from error
