"""`manage.py worker`: submit, follow and save."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """Runs the worker until it is stopped."""

    help = "Runs the jobs: submits, refreshes and saves. Stop it with SIGTERM or Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--cluster` is how the supervisor starts its own children."""
        parser.add_argument("--cluster", help="run one cluster only, without a supervisor")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["cluster"]:
            from tasks.worker.cluster import run_cluster

            run_cluster()
        else:
            from tasks.worker.supervisor import Supervisor

            Supervisor().run()
