"""Writes the lock files from pyproject.toml, or says whether they are in step with it.

`lock.py [--upgrade]` resolves with uv and writes; `lock.py --check` needs no network: each lock file's
first line carries a digest of the dependencies it was made from.
"""

import hashlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Lock file -> extras of pyproject.toml that it holds.
LOCKS = {"requirements.lock": ["sandbox", "postgres"], "requirements-dev.lock": ["dev"]}
# One file serves Python 3.11 and newer on every system; no addresses, so any index or mirror serves.
OPTIONS = [
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-header",
    "--no-annotate",
    "--quiet",
]


def first_line(pyproject: Path) -> str:
    """The comment that ties a lock file to the dependencies in `pyproject`."""
    project = tomllib.loads(pyproject.read_text())["project"]
    wanted = [project["requires-python"], project["dependencies"], project["optional-dependencies"]]
    digest = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()
    return f"# Made by `make lock` from the dependencies with digest {digest[:16]}\n"


def stale_locks(root: Path) -> list[str]:
    """Names of the lock files in `root` that were made from other dependencies than pyproject.toml's."""
    line = first_line(root / "pyproject.toml")
    return [name for name in LOCKS if not (root / name).read_text().startswith(line)]


def write_lock(name: str, extras: list[str], *, options: list[str]) -> None:
    """Resolve and write one lock file; versions already in it are kept where they still fit."""
    command = ["uv", "pip", "compile", "pyproject.toml", *OPTIONS, *options, f"--output-file={name}"]
    command += [f"--extra={extra}" for extra in extras]
    subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    path = ROOT / name
    packages = "".join(
        line for line in path.read_text().splitlines(keepends=True) if not line.startswith("#")
    )
    path.write_text(first_line(ROOT / "pyproject.toml") + packages)


def main(arguments: list[str]) -> int:
    """Write the locks, or with `--check` return 1 when they are out of step."""
    if "--check" in arguments:
        stale = stale_locks(ROOT)
        if stale:
            sys.stderr.write(f"Out of step with pyproject.toml: {', '.join(stale)}. Run: make lock\n")
        return 1 if stale else 0
    upgrade = [option for option in arguments if option == "--upgrade"]
    write_lock("requirements.lock", LOCKS["requirements.lock"], options=upgrade)
    # The second one follows the first, so that both install the same versions side by side.
    constraint = ["--constraint=requirements.lock"]
    write_lock("requirements-dev.lock", LOCKS["requirements-dev.lock"], options=[*upgrade, *constraint])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
