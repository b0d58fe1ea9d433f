"""`manage.py verify_delivery <zip or folder>`: whether a delivery is what was approved here."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tasks.commands.delivery.checking import NotADelivery, check_delivery


class Command(BaseCommand):
    """Ends with 0 only if every file is as it was delivered and, where that was promised, approved now."""

    help = "Compare a package, packed or unpacked, with its sums and with this portal's decisions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "path", type=Path, help="a ZIP that the portal has made, or its files in a folder"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """A line for each file, and how many are wrong."""
        try:
            lines = check_delivery(options["path"])
        except NotADelivery as error:
            raise CommandError(str(error)) from error
        for line in lines:
            self.stdout.write(f"{line.verdict:<12}  {line.name}{f'  ({line.detail})' if line.detail else ''}")
        wrong = sum(line.is_fault for line in lines)
        if wrong:
            raise CommandError(f"{wrong} of {len(lines)} files are not as they should be.")
        self.stdout.write(f"All {len(lines)} files are as they were delivered.")
