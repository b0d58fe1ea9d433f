"""`manage.py run`: the whole portal on this machine, with its sandbox; stops with Ctrl-C or SIGTERM."""

import json
import logging
import os
import sys
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from tasks.commands.runtime.shutdown import grace_seconds
from tasks.logs import JsonFormatter
from topview_portal import env
from topview_portal.bootstrap import close_to_others
from topview_portal.forked import ChildDied, in_a_child
from topview_portal.lockfile import AlreadyLocked, lock_folder
from topview_portal.parent_death import bind_forks
from topview_portal.ports import answers, is_free
from topview_portal.processes import Part, PartFailed, Supervisor

READY = """
  Topview Portal is ready:  {address}
{people}{sandbox}
  Everything it keeps is in {var}, with its logs in log/.
  Ctrl-C stops it.
"""
PEOPLE = """
  Sign in as                with the password  {password}
    marketer@example.com    makes videos
    reviewer@example.com    watches and downloads
    admin@example.com       looks after credentials and people
"""
SANDBOX = """
  The TopView sandbox:      {address}
"""
# The logger of single calls, several a second while tasks run.
CALLS = "tasks.topview.calls"


class Command(BaseCommand):
    """Prepares, starts and watches the parts; thin around `topview_portal.processes`."""

    help = "Run the portal on this machine: web, worker and the TopView sandbox."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until asked to stop. Settings that cannot be used are refused before anything starts."""
        # Database, logs and files are this user's alone, unless nginx is to read them.
        if not settings.X_ACCEL_PREFIX:
            os.umask(0o077)
            close_to_others(settings.VAR)
        bind_forks()
        in_a_child(self.check)
        self.port = env.integer("PORT", 8000, low=1, high=65535)
        self.sandbox_port = env.integer("SANDBOX_PORT", 8900, low=1, high=65535)
        if not is_free(self.port):
            raise CommandError(taken(self.port, "PORT"))
        if self._has_sandbox() and not is_free(self.sandbox_port):
            raise CommandError(taken(self.sandbox_port, "SANDBOX_PORT"))
        try:
            with lock_folder(settings.VAR):
                self._run()
        except AlreadyLocked as error:
            raise CommandError(f"The portal already runs on {settings.VAR}.") from error
        except (PartFailed, ChildDied) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            # Of what is prepared before the parts run; afterwards none leaves the supervisor.
            raise CommandError(f"{error.filename or 'A file'} cannot be used: {error.strerror}") from error

    def _run(self) -> None:
        # What this process logs goes to a file like that of the parts, not between their lines.
        handler = logging.FileHandler(settings.VAR / "log" / "run.log")
        handler.setFormatter(JsonFormatter())
        logging.getLogger().handlers[:] = [handler]
        supervisor = Supervisor(settings.VAR / "log", self._pass_on)
        supervisor.catch_signals()
        try:
            self._start(supervisor)
            supervisor.watch()
            self._say("Stopping ...")
        finally:
            supervisor.stop()
            self._say("Stopped.")

    def _start(self, supervisor: Supervisor) -> None:
        self._say("Preparing the database ...")
        in_a_child(self._prepare)
        self._say("Starting ...")
        if self._has_sandbox():
            supervisor.start(sandbox_part(self.sandbox_port))
        password = self._prepare_demo(supervisor)
        supervisor.start(worker_part())
        supervisor.start(web_part(self.port))
        if not supervisor.stopping:
            self._say(self._ready(password))

    def _prepare(self) -> None:
        # This process only watches for as long as the portal runs: what it never imports it never holds.
        from tasks.commands.operations.static_files import collect_static
        from tasks.management.preparation import prepare_database

        prepare_database()
        collect_static(self._say, clear=True)

    def _prepare_demo(self, supervisor: Supervisor) -> str | None:
        """The password of the demo people, who are made only in an empty database beside a sandbox."""
        if supervisor.stopping or not self._has_sandbox():
            return None
        return in_a_child(_make_demo)

    def _ready(self, password: str | None) -> str:
        return READY.format(
            address=settings.PORTAL_URL,
            people=PEOPLE.format(password=password) if password else "",
            sandbox=SANDBOX.format(address=settings.SANDBOX_URL) if self._has_sandbox() else "",
            var=settings.VAR,
        )

    def _has_sandbox(self) -> bool:
        """The sandbox is started here only when the portal is to use the one at this very address."""
        address = urlsplit(settings.SANDBOX_URL)
        return address.hostname in ("127.0.0.1", "localhost") and address.port == self.sandbox_port

    def _pass_on(self, name: str, line: str) -> None:
        if text := shorten(line):
            self._say(f"{name:>8} | {text}")

    def _say(self, text: str) -> None:
        """Print, where it can be: the terminal may be gone, or the disk full to which it is written."""
        with suppress(OSError, ValueError):
            self.stdout.write(text)
            self.stdout.flush()


def _make_demo() -> str | None:
    from tasks.commands.operations.demo import prepare_demo

    try:
        return prepare_demo()
    finally:
        connections.close_all()


def taken(port: int, variable: str) -> str:
    """What to say when a port is in use."""
    return (
        f"Port {port} is taken by another program. Stop that one, or choose another port:\n"
        f"    make run {variable}={port + 1}"
    )


def manage(*arguments: str) -> list[str]:
    """The command line of one of our management commands."""
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]


def sandbox_part(port: int) -> Part:
    return Part("sandbox", manage("sandbox", "--port", str(port)), answers=answers(port, "/"))


def worker_part() -> Part:
    """What submits, follows and saves. It stops its own processes in time, then itself."""
    return Part("worker", manage("worker"), grace=grace_seconds() + 10)


def web_part(port: int) -> Part:
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "python:topview_portal.server"]
    return Part("web", [*gunicorn, "--bind", f"127.0.0.1:{port}"], answers=answers(port, "/health/"))


def shorten(line: str, width: int = 160) -> str | None:
    """A log line as a person reads it: level when it matters, event, and what came with it.

    None for a line that is for the log file only: each single call to TopView.
    """
    try:
        record = json.loads(line)
    except ValueError:
        return line[:width]
    if not isinstance(record, dict) or "event" not in record:
        return line[:width]
    level = record.get("level", "info")
    if level == "info" and record.get("logger") == CALLS:
        return None
    known = {"at", "level", "logger", "event", "context", "error"}
    extras = " ".join(f"{name}={value}" for name, value in record.items() if name not in known)
    return f"{'' if level == 'info' else level.upper() + ': '}{record['event']} {extras}".strip()[:width]
