"""`manage.py topview_coverage`: write docs/topview-coverage.md; `--check` says whether it is up to date."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tasks.management.coverage import PAGE, homeless, page


class Command(BaseCommand):
    """Writes the page only when it differs."""

    help = "Write docs/topview-coverage.md: which call of TopView is used where."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--check` changes nothing."""
        parser.add_argument("--check", action="store_true", help="fail when the page is stale; write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Fails when an operation of the contract's core has no place in the portal."""
        if missing := homeless():
            raise CommandError(f"Nothing in the portal uses: {', '.join(missing)}")
        wanted = page()
        if PAGE.exists() and PAGE.read_text("utf-8") == wanted:
            return
        if options["check"]:
            raise CommandError(f"{PAGE.name} is stale: run make docs")
        PAGE.write_text(wanted, "utf-8")
        self.stdout.write(f"Wrote {PAGE}")
