"""`manage.py new_kind <operationId> --slug <slug>`: the skeleton of a new kind, from the contract."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tasks.contract import load
from tasks.management.skeleton import NoSkeleton, skeleton


class Command(BaseCommand):
    """Writes new files only, and none when one of them exists."""

    help = "Write the skeleton of a new kind: its module, five examples and a test."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("operation", help="the submit's operationId in tasks/contract/openapi.yaml")
        parser.add_argument("--slug", required=True, help="hyphenated words that TopView does not use")
        parser.add_argument("--into", type=Path, default=settings.BASE_DIR, help="the project's folder")

    def handle(self, *args: Any, **options: Any) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", options["slug"]):
            raise CommandError("a slug is words of small letters with hyphens between them")
        try:
            made = skeleton(load(), options["operation"], options["slug"])
        except NoSkeleton as problem:
            raise CommandError(str(problem)) from None
        paths = {options["into"] / path: text for path, text in made.files.items()}
        if taken := [path for path in paths if path.exists()]:
            raise CommandError(f"there already: {', '.join(map(str, taken))}")
        for path, text in paths.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            self.stdout.write(f"Wrote {path}")
        # Into the house style, where the tool for it is installed.
        if ruff := shutil.which("ruff") or shutil.which(".venv/bin/ruff"):
            config = ["--config", str(settings.BASE_DIR / "pyproject.toml")]
            modules = [path for path in paths if path.suffix == ".py"]
            subprocess.run([ruff, "format", "--quiet", *config, *modules], check=False)
        if made.left_out:
            self.stdout.write(f"Not asked for, no field fits: {', '.join(made.left_out)}")
