"""A small machine of its own on which docs/production.md is followed: users, folders, PostgreSQL, nginx."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

from tests.parts import ROOT, end_group, wait_until
from tests.ports import free_port
from tests.postgres import Postgres
from tests.production.files import by_systemd, unit

NGINX = Path("/usr/sbin/nginx")
# The host that the documents name; here it is 127.0.0.1.
HOST = "portal.example.com"
# Done before: the project, its environment and the packages are there already.
_DONE = ("apt-get ", "git clone", "python3 -m venv", "pip install", "cd /opt/")
_NGINX_CONF = """
user www-data;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 768; }}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    include {folder}/conf.d/*.conf;
}}
"""
# What `sudo` does on a machine where root is the one who asks.
_SUDO = """#!/bin/sh
user=root
if [ "$1" = -u ]; then user=$2; shift 2; fi
[ "$user" = postgres ] && user={postgres}
[ "$user" = root ] && exec "$@"
exec setpriv --reuid "$user" --regid "$(id -g "$user")" --init-groups {capabilities} env HOME=/ "$@"
"""
# Lets another user pass through the folders of whoever runs the tests; what they may write stays the same.
_MAY_PASS = ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]


def _is_for_all(program: Path) -> bool:
    as_nobody = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "env"]
    done = subprocess.run(
        [*as_nobody, program, "-c", "import django"], cwd=ROOT, check=False, capture_output=True
    )
    return done.returncode == 0


class Machine:
    """Follows the page block by block; `close` leaves nothing of it behind."""

    def __init__(self, folder: Path, certificate: Path) -> None:
        self.folder = folder
        self.user = f"portal{os.getpid()}"
        self.web, self.https, self.http = free_port(), free_port(), free_port()
        self.postgres = Postgres(folder / "postgres", with_passwords=True)
        self.processes: list[subprocess.Popen[bytes]] = []
        # None where everybody may use the tests' Python, as that of an installation.
        self.capabilities = [] if _is_for_all(Path(sys.executable)) else _MAY_PASS
        self._prepare(certificate)

    def rewritten(self, text: str) -> str:
        """The text of a document with the names, paths and ports of this machine. The one place for it."""
        places = {
            "/opt/topview-portal": str(ROOT),
            "/etc/topview-portal.env": str(self.folder / "topview-portal.env"),
            "/var/lib/topview-portal": str(self.folder / "var"),
            "/etc/systemd/system": str(self.folder),
            "/etc/nginx/conf.d": str(self.folder / "conf.d"),
            "/etc/ssl/topview-portal/fullchain.pem": str(self.folder / "tls.pem"),
            "/etc/ssl/topview-portal/key.pem": str(self.folder / "tls.pem"),
            "127.0.0.1:8000": f"127.0.0.1:{self.web}",
            "127.0.0.1:5432": f"127.0.0.1:{self.postgres.port}",
            "listen 443 ssl": f"listen 127.0.0.1:{self.https} ssl",
            "listen 80": f"listen 127.0.0.1:{self.http}",
            "docs/production": str(self.folder / "docs/production"),
            # So many processes are of no use here.
            "WORKERS=4": "WORKERS=1",
        }
        for there, here in places.items():
            text = text.replace(there, here)
        return re.sub(r"(?<![\w/.-])topview(?![\w/.-])", self.user, text)

    def follow(self, block: str, *, stdin: str = "") -> str:
        """Run a block of commands as the page gives it; what they said."""
        kept = "\n".join(line for line in block.splitlines() if not any(done in line for done in _DONE))
        done = subprocess.run(
            ["/bin/sh", "-eu", "-c", self.rewritten(kept)],
            cwd=ROOT,
            env={"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "LANG": "C.UTF-8"},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, f"{kept}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def start_unit(self, name: str) -> None:
        """Start a service as systemd would: its user, its umask, its environment and nothing else of ours."""
        service = unit(self.folder / name)
        command = shlex.split(service["ExecStart"])
        environment = by_systemd(Path(service["EnvironmentFile"]))
        as_user = ["setpriv", "--reuid", service["User"], "--regid", self.user, "--init-groups"]
        as_user += self.capabilities
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [*as_user, *command],
                cwd=service["WorkingDirectory"],
                env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **environment},
                stdout=log,
                stderr=log,
                umask=int(service["UMask"], 8),
                start_new_session=True,
            )
        self.processes.append(process)

    def log(self, name: str) -> str:
        """What a service has said."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def start_nginx(self) -> None:
        """Start nginx with the page's configuration inside of Debian's frame."""
        command = [
            str(NGINX),
            "-p",
            str(self.folder),
            "-c",
            str(self.folder / "nginx.conf"),
            "-g",
            "daemon off;",
        ]
        self.processes.append(subprocess.Popen(command, start_new_session=True))
        wait_until((self.folder / "nginx.pid").exists, what="nginx")

    def close(self) -> None:
        """End what runs, and forget the user."""
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            end_group(process.pid)
        self.postgres.stop()
        subprocess.run(["userdel", self.user], check=False, stderr=subprocess.DEVNULL)

    def _prepare(self, certificate: Path) -> None:
        """What a fresh Debian with these packages has, and a certificate."""
        for name in ("bin", "conf.d", "docs"):
            (self.folder / name).mkdir()
        (self.folder / "tls.pem").write_bytes(certificate.read_bytes())
        (self.folder / "nginx.conf").write_text(_NGINX_CONF.format(folder=self.folder))
        for file in (ROOT / "docs").glob("production*"):
            (self.folder / "docs" / file.name).write_text(self.rewritten(file.read_text()))
        self.postgres.start()
        self._stand_in(
            "sudo", _SUDO.format(postgres=self.postgres.user, capabilities=" ".join(self.capabilities))
        )
        self._stand_in("psql", f'#!/bin/sh\nexec {self.postgres.psql} "$@"\n')
        # systemd is the test itself: see `start_unit`.
        self._stand_in("systemctl", "#!/bin/sh\n")
        frame = f'-p "{self.folder}" -c "{self.folder}/nginx.conf"'
        self._stand_in("nginx", f'#!/bin/sh\nexec {NGINX} {frame} "$@"\n')

    def _stand_in(self, name: str, script: str) -> None:
        (self.folder / "bin" / name).write_text(script)
        (self.folder / "bin" / name).chmod(0o755)
