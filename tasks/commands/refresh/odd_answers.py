"""Keeps answers whose shape nobody knows, redacted: what was paid for may stand in them."""

from __future__ import annotations

import re
from typing import Any

from django.utils import timezone

from tasks.models import OddAnswer, Submission
from tasks.topview.results import JsonObject

# Query parts of addresses carry signatures; words like these are API keys.
_SIGNATURE = re.compile(r"(https?://[^\s?\"']+)\?[^\s\"']*")
_KEY = re.compile(r"\bsk-[\w-]+")
_SECRET_NAMES = ("apikey", "authorization", "token", "secret", "signature")
# NUL and half surrogate pairs, which JSON may hold and no database takes.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_LONGEST_TEXT, _MOST_ITEMS, _DEEPEST = 2000, 200, 12


def keep(submission: Submission, answer: JsonObject, *, what: str) -> None:
    """Keep the newest odd answer of a submission; `what` says what is odd about it."""
    facts = {"body": redacted(answer), "what": what[:300], "at": timezone.now()}
    defaults = {"workspace_id": submission.workspace_id, **facts}
    OddAnswer.objects.update_or_create(submission=submission, defaults=defaults)


def forget(submission: Submission) -> None:
    """The next answer was understood: the odd one is of no use any more."""
    OddAnswer.objects.filter(submission=submission).delete()


def redacted(value: Any, depth: int = 0) -> Any:
    """The same JSON without signatures, keys and sheer size."""
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, dict):
        pairs = list(value.items())[:_MOST_ITEMS]
        return {_text(str(name)): _named(str(name), one, depth) for name, one in pairs}
    if isinstance(value, list):
        return [redacted(one, depth + 1) for one in value[:_MOST_ITEMS]]
    return _text(value) if isinstance(value, str) else value


def _named(name: str, value: Any, depth: int) -> Any:
    if any(word in name.lower() for word in _SECRET_NAMES):
        return "…"
    return redacted(value, depth + 1)


def _text(value: str) -> str:
    shown = _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value[:_LONGEST_TEXT])
    return _KEY.sub("sk-…", _SIGNATURE.sub(r"\1?…", shown))
