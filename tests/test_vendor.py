"""The vendored front-end files are the ones their manifest names, and carry their licences. Needs no Node."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
MANIFEST: list[dict[str, Any]] = json.loads((VENDOR / "manifest.json").read_text())
FILES = [(entry["package"], file) for entry in MANIFEST for file in entry["files"]]


@pytest.mark.parametrize(
    ("package", "file"), FILES, ids=lambda value: value["path"] if type(value) is dict else ""
)
def test_a_vendored_file_has_the_bytes_its_manifest_names(package: str, file: dict[str, str]) -> None:
    assert file["path"].startswith(f"{package}/")
    assert hashlib.sha384((VENDOR / file["path"]).read_bytes()).hexdigest() == file["sha384"]


def test_no_file_lies_in_the_folder_that_the_manifest_does_not_name() -> None:
    found = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert found == {file["path"] for _, file in FILES} | {"manifest.json"}


def test_each_package_is_at_the_version_that_package_json_asks_for() -> None:
    asked = json.loads((ROOT / "package.json").read_text())["dependencies"]
    assert {entry["package"]: entry["version"] for entry in MANIFEST} == asked


def test_each_package_names_a_licence_and_brings_its_text() -> None:
    for entry in MANIFEST:
        assert entry["licence"]
        assert f"{entry['package']}/LICENSE" in {file["path"] for file in entry["files"]}


def test_each_icon_that_package_json_asks_for_is_in_the_sprite() -> None:
    asked = json.loads((ROOT / "package.json").read_text())["vendor"]["lucide-static"]["icons"]
    sprite = (VENDOR / "lucide-static" / "icons.svg").read_text()
    assert re.findall(r'<symbol id="([^"]+)"', sprite) == asked
