"""What stands in docs/production.md and the files beside it, as a shell, systemd and nginx are given it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.parts import ROOT

DOCS = ROOT / "docs"


def shell_blocks() -> list[str]:
    """The commands of the page, block by block, in their order."""
    return re.findall(r"^```sh\n(.*?)^```", (DOCS / "production.md").read_text(), re.MULTILINE | re.DOTALL)


def by_shell(file: Path) -> dict[str, str]:
    """What a POSIX shell exports that sources the file, beyond what it had."""
    script = 'set -a; . "$1"; env -0'
    done = subprocess.run(
        ["/bin/sh", "-eu", "-c", script, "sh", str(file)], env={}, check=True, capture_output=True, text=True
    )
    assert done.stderr == ""
    pairs = dict(line.split("=", 1) for line in done.stdout.split("\0") if line)
    return {name: value for name, value in pairs.items() if name not in ("PWD", "OLDPWD", "SHLVL", "_")}


def by_systemd(file: Path) -> dict[str, str]:
    """The same by the rules of EnvironmentFile= (systemd.exec(5)): nothing is expanded.

    Lines that begin with # or ; are comments. In double quotes a backslash escapes \" \\ ` and $; in single
    quotes it is itself; outside of both it escapes anything, and blanks at the end are cut.
    """
    found = {}
    for line in file.read_text().splitlines():
        name, sign, value = line.strip().partition("=")
        if sign and not name.startswith(("#", ";")):
            assert re.fullmatch(r"[A-Za-z_]\w*", name), f"systemd ignores {name!r}"
            found[name] = _systemd_value(value.strip())
    return found


def _systemd_value(text: str) -> str:
    if text[:1] == '"':
        assert len(text) > 1 and text[-1] == '"', f"not closed: {text}"
        return re.sub(r'\\(["\\`$])', r"\1", text[1:-1])
    if text[:1] == "'":
        assert len(text) > 1 and text[-1] == "'", f"not closed: {text}"
        return text[1:-1]
    return re.sub(r"\\(.)", r"\1", text)


def unit(file: Path) -> dict[str, str]:
    """The settings of a unit's section [Service]."""
    section = re.search(r"^\[Service\]\n(.*?)(?=^\[|\Z)", file.read_text(), re.MULTILINE | re.DOTALL)
    assert section
    return dict(line.split("=", 1) for line in section[1].splitlines() if "=" in line)
