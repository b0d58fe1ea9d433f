"""Takes out of TopView's answers what nobody may read later: signatures, keys, and sheer size."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from tasks.text import storable

# Query parts of addresses carry signatures; words like these are API keys.
_SIGNATURE = re.compile(r"(https?://[^\s?\"']+)\?[^\s\"']*")
_KEY = re.compile(r"\bsk-[\w-]+")
_SECRET_NAMES = ("apikey", "authorization", "token", "secret", "signature", "noticeurl")
_LONGEST_TEXT, _MOST_ITEMS, _DEEPEST = 2000, 200, 12
# Signs of the whole; what is longer is kept as the beginning of its text.
_LONGEST = 64 * 1024

Clean = Callable[[str], str]


def redacted(answer: Any, *, clean: Clean = str) -> Any:
    """The same JSON without signatures, keys and sheer size. `clean` takes a further secret out of a text."""
    kept = _part(answer, clean, 0)
    text = json.dumps(kept, ensure_ascii=False)
    return kept if len(text) <= _LONGEST else {"cut": text[:_LONGEST]}


def _part(value: Any, clean: Clean, depth: int) -> Any:
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, dict):
        kept = {}
        for name, one in list(value.items())[:_MOST_ITEMS]:
            is_secret = any(word in str(name).lower() for word in _SECRET_NAMES)
            kept[_text(str(name), clean)] = "…" if is_secret else _part(one, clean, depth + 1)
        return kept
    if isinstance(value, list):
        return [_part(one, clean, depth + 1) for one in value[:_MOST_ITEMS]]
    return _text(value, clean) if isinstance(value, str) else value


def _text(value: str, clean: Clean) -> str:
    # The secret goes first: a cut through its middle would leave a half that nothing recognises.
    shown = _KEY.sub("sk-…", _SIGNATURE.sub(r"\1?…", clean(value)))
    return storable(shown[:_LONGEST_TEXT])
