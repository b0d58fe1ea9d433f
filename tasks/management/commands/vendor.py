"""`manage.py vendor`: renew the front-end files under static/vendor from the versions in package.json.

Only this command needs npm. It runs no package script, takes the named files out of each package and writes
their SHA-384 to static/vendor/manifest.json; the files are committed, and a test holds them to that list.
"""

import base64
import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

_SPRITE_START = """<svg xmlns="http://www.w3.org/2000/svg">
<!-- lucide-static {version}, ISC: see LICENSE -->
"""


@dataclass(frozen=True)
class Package:
    """An npm package as fetched: its name, exact version, and the bytes of its archive."""

    name: str
    version: str
    archive: bytes

    @property
    def integrity(self) -> str:
        """The digest in npm's form, comparable with the registry's."""
        return "sha512-" + base64.b64encode(hashlib.sha512(self.archive).digest()).decode()

    def read(self, members: list[str]) -> Iterator[tuple[str, bytes]]:
        """Yield each named file; CommandError when the package does not have it."""
        with tempfile.TemporaryFile() as file:
            file.write(self.archive)
            file.seek(0)
            with tarfile.open(fileobj=file) as tar:
                for member in members:
                    try:
                        stream = tar.extractfile(f"package/{member}")
                    except KeyError:
                        stream = None
                    if stream is None:
                        raise CommandError(f"{self.name} {self.version} has no file {member}")
                    yield member, stream.read()


def fetch(name: str, version: str) -> Package:
    """Download one package with npm, without running any script; raises CommandError."""
    with tempfile.TemporaryDirectory() as folder:
        call = [
            "npm",
            "pack",
            "--json",
            "--ignore-scripts",
            "--pack-destination",
            folder,
            f"{name}@{version}",
        ]
        try:
            done = subprocess.run(call, capture_output=True, check=True, timeout=120, text=True, cwd=folder)
        except FileNotFoundError as error:
            raise CommandError("npm is needed to renew the vendored files") from error
        except subprocess.CalledProcessError as error:
            raise CommandError(f"npm could not fetch {name} {version}: {error.stderr[-400:]}") from error
        told = json.loads(done.stdout)
        # npm 11 answers a list, npm 12 an object by package name.
        report = told[0] if isinstance(told, list) else next(iter(told.values()))
        package = Package(name, version, (Path(folder) / report["filename"]).read_bytes())
    if package.integrity != report["integrity"]:
        raise CommandError(f"{name} {version} is not what the registry announced")
    return package


def sprite(package: Package, icons: list[str]) -> bytes:
    """One SVG that holds the named icons as symbols, used as `icons.svg#name`."""
    symbols = []
    for member, data in package.read([f"icons/{icon}.svg" for icon in icons]):
        inner = re.search(r"<svg[^>]*>(.*)</svg>", data.decode(), re.S)
        if inner is None:
            raise CommandError(f"{member} is not a drawing")
        shape = re.sub(r"\s+", " ", inner[1]).strip().replace(" />", "/>").replace("> <", "><")
        symbols.append(f'<symbol id="{Path(member).stem}" viewBox="0 0 24 24">{shape}</symbol>\n')
    return (_SPRITE_START.format(version=package.version) + "".join(symbols) + "</svg>\n").encode()


def taken(package: Package, wanted: Mapping[str, list[str]]) -> dict[str, bytes]:
    """What of the package is kept: file name to bytes, the licence always among them."""
    kept = {Path(member).name: data for member, data in package.read(["LICENSE", *wanted.get("files", [])])}
    if icons := wanted.get("icons"):
        kept["icons.svg"] = sprite(package, icons)
    return kept


class Command(BaseCommand):
    """Renew static/vendor, or with --check only compare it with what npm serves."""

    help = "Renew the vendored front-end files from the versions in package.json (needs npm)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Offer the comparison that writes nothing."""
        parser.add_argument("--check", action="store_true", help="write nothing; fail when a file differs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Fetch each package, then write or compare its files and the manifest."""
        plan = json.loads((settings.BASE_DIR / "package.json").read_text())
        folder = settings.BASE_DIR / "static" / "vendor"
        files: dict[Path, bytes] = {}
        manifest = []
        for name, wanted in sorted(plan["vendor"].items()):
            package = fetch(name, plan["dependencies"][name])
            kept = {f"{name}/{file}": data for file, data in sorted(taken(package, wanted).items())}
            files |= {folder / path: data for path, data in kept.items()}
            manifest.append(_entry(package, kept))
        files[folder / "manifest.json"] = (json.dumps(manifest, indent=2) + "\n").encode()
        self._compare(files) if options["check"] else self._write(files)

    def _write(self, files: Mapping[Path, bytes]) -> None:
        for path, data in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        self.stdout.write(f"{len(files)} files written")

    def _compare(self, files: Mapping[Path, bytes]) -> None:
        differing = [
            path.name for path, data in files.items() if not path.exists() or path.read_bytes() != data
        ]
        if differing:
            raise CommandError("differs from npm: " + ", ".join(differing))
        self.stdout.write("the vendored files are what npm serves")


def _entry(package: Package, kept: Mapping[str, bytes]) -> dict[str, Any]:
    _name, described = next(package.read(["package.json"]))
    return {
        "package": package.name,
        "version": package.version,
        "licence": str(json.loads(described)["license"]),
        "integrity": package.integrity,
        "files": [
            {"path": path, "sha384": hashlib.sha384(data).hexdigest()} for path, data in sorted(kept.items())
        ],
    }
