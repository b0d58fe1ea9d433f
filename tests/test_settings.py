"""What the settings make of the environment, each time in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
READ = """
import json, sys
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}))
"""


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """An environment with these settings and no others."""
    own = {"TOPVIEW_PORTAL_VAR": str(folder), "DJANGO_SETTINGS_MODULE": "topview_portal.settings"}
    return {"PATH": os.environ["PATH"], **own, **variables}


def read_settings(folder: Path, *names: str, **variables: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", READ, *names],
        cwd=ROOT,
        env=environment(folder, **variables),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


PUBLIC = {"PORTAL_URL": "https://portal.example.com"}
ASKED = {"SANDBOX_URL": "http://127.0.0.1:8901"}


@pytest.mark.parametrize(
    ("variables", "url", "is_refused"),
    [
        ({}, "http://127.0.0.1:8900", False),
        ({"PORTAL_URL": "http://[::1]:8000", "SANDBOX_PORT": "8902"}, "http://127.0.0.1:8902", False),
        (ASKED, "http://127.0.0.1:8901", False),
        ({"SANDBOX_URL": "off"}, "", False),
        (PUBLIC, "", False),
        ({**PUBLIC, "SANDBOX_PORT": "8902"}, "", False),
        ({**PUBLIC, "SANDBOX_URL": "off", "ALLOW_SANDBOX": "yes"}, "", False),
        ({**PUBLIC, **ASKED}, "", True),
        ({**PUBLIC, **ASKED, "ALLOW_SANDBOX": "no"}, "", True),
        ({**PUBLIC, **ASKED, "ALLOW_SANDBOX": "yes"}, "http://127.0.0.1:8901", False),
        ({**PUBLIC, "ALLOW_SANDBOX": "yes"}, "http://127.0.0.1:8900", False),
        ({"PORTAL_URL": "https://localhost.example.com"}, "", False),
        ({"PORTAL_URL": "http://192.168.1.4:8000"}, "", False),
    ],
)
def test_a_portal_that_others_can_reach_has_no_sandbox_unless_that_is_allowed(
    tmp_path: Path, variables: dict[str, str], url: str, is_refused: bool
) -> None:
    read = read_settings(tmp_path, "SANDBOX_URL", "SANDBOX_IS_REFUSED", **variables)
    assert read == {"SANDBOX_URL": url, "SANDBOX_IS_REFUSED": is_refused}
