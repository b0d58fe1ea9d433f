"""Every template compiles, so that a typo in a rarely seen state is found before it is seen."""

from pathlib import Path

import pytest
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parent.parent / "templates"
NAMES = sorted(
    path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.*") if path.suffix in (".html", ".txt")
)


@pytest.mark.parametrize("name", NAMES)
def test_a_template_compiles(name: str) -> None:
    assert get_template(name)
