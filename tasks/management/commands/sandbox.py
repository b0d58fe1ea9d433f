"""`manage.py sandbox`: a local TopView on a port of its own."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from tasks.sandbox.command_line import add_arguments, run


class Command(BaseCommand):
    """Serve the sandbox until it is told to stop."""

    help = "Run a local TopView that renders real videos and costs nothing."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        add_arguments(parser)
        # Two portals on one machine must not work with one store.
        parser.set_defaults(store=settings.VAR / "sandbox")

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(run(options))
