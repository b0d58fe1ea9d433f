"""What every page's frame shows: the workspace, what the person may do, and what is wrong with the portal."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

def portal(request: HttpRequest) -> dict[str, Any]:
    """Add `portal` to every template; the second front engineer fills it."""
    return {"portal": {}}
