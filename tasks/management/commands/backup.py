"""`manage.py backup FOLDER`: copy database and files while the portal runs."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tasks.commands.operations.backup.make import make_backup, verify_backup
from tasks.commands.operations.backup.manifest import BackupFailed


class Command(BaseCommand):
    """Ends with 1 when the backup could not be made, or lacks a file."""

    help = "Back up database and files into a folder, also while the portal runs; `restore` brings them back."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to, and whether the keys go along."""
        parser.add_argument("folder", type=Path, help="a new folder, or one with an earlier backup")
        parser.add_argument(
            "--verify", action="store_true", help="read a backup again and compare the hashes"
        )
        parser.add_argument(
            "--with-keys",
            action="store_true",
            help="also keep SECRET_KEY and VAULT_KEYS there: who has the folder can use your credentials",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Back up or verify, and say what is missing."""
        folder = options["folder"].absolute()
        try:
            if options["verify"]:
                verify_backup(folder=folder, say=self.stdout.write)
                return
            manifest = make_backup(folder=folder, say=self.stdout.write, with_keys=options["with_keys"])
        except BackupFailed as error:
            raise CommandError(str(error)) from error
        if manifest.keys and not options["with_keys"]:
            self.stdout.write(
                f"The keys of the vault are not in it; it needs {', '.join(manifest.keys)}. Keep them apart."
            )
        if manifest.damaged:
            names = "\n  ".join(manifest.damaged)
            raise CommandError(
                f"The rest is backed up, but these files are missing or damaged here:\n  {names}"
            )
        self.stdout.write(f"The backup is finished: {folder}")
