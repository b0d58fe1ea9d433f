"""`manage.py restore FOLDER`: bring a backup back."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tasks.commands.operations.backup.manifest import BackupFailed
from tasks.commands.operations.backup.restore import restore_backup

AFTERWARDS = """The backup is restored. Start web and worker: what TopView works on is followed and saved.
Calls that were waiting are on hold until an admin has decided about each, under Settings > On hold."""


class Command(BaseCommand):
    """Runs while web and worker stand still; checks everything before it touches anything."""

    help = "Bring back a backup made by `backup`. Stop web and worker on every node first."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Where from, and what may be lost."""
        parser.add_argument("folder", type=Path, help="the folder of the backup")
        parser.add_argument("--replace", action="store_true", help="lose the database that is here now")
        parser.add_argument(
            "--without-keys",
            action="store_true",
            help="go on though the vault lacks a key; it is asked for again",
        )
        parser.add_argument(
            "--without-damaged",
            action="store_true",
            help="go on though files of the backup are damaged; a report names what was left out",
        )
        parser.add_argument(
            "--keep-sessions",
            action="store_true",
            help="leave people signed in, and links for guests open",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore, and say what to do next."""
        try:
            restored = restore_backup(
                folder=options["folder"].absolute(),
                say=self.stdout.write,
                replace=options["replace"],
                without_keys=options["without_keys"],
                without_damaged=options["without_damaged"],
                keep_sessions=options["keep_sessions"],
            )
        except BackupFailed as error:
            raise CommandError(str(error)) from error
        if restored.left_out:
            self.stderr.write("These files could not be brought back:\n  " + "\n  ".join(restored.left_out))
            self.stderr.write(f"What they belong to stands in {restored.report}")
        self.stdout.write(AFTERWARDS)
