"""Starts children that decode, and reads what they tell. They get no variables of ours, which hold keys."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Any

from tasks.media.facts import Cause, Interrupted, MediaError, Undecodable

logger = logging.getLogger(__name__)

# The moments of many thousand frames among it.
ANSWER_BYTES = 512 * 1024
# Signals that no limit of a child sends.
_FROM_OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_ROOT = Path(__file__).resolve().parents[2]


def start(module: str, question: dict[str, Any], *, stdout: int | IO[bytes]) -> subprocess.Popen[bytes]:
    """A child that runs the module with the question as its one argument."""
    return subprocess.Popen(
        [sys.executable, "-s", "-m", module, json.dumps(question)],
        cwd=_ROOT,
        env={"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.DEVNULL,
    )


def ask(module: str, question: dict[str, Any], *, seconds: float) -> dict[str, Any]:
    """The object that the child prints within so many seconds. Raises Undecodable or Interrupted."""
    with tempfile.TemporaryFile() as answer:
        child = start(module, question, stdout=answer)
        try:
            code = child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise Undecodable(Cause.TOO_SLOW, f"more than {seconds} seconds") from None
        finally:
            # Whatever went wrong here, such as the caller's own end, nothing goes on decoding.
            child.kill()
            child.wait()
        answer.seek(0)
        text = answer.read(ANSWER_BYTES)
    if code:
        logger.warning("media.child-failed", extra={"code": code, "format": question["format"]})
        raise ending(code)
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise Undecodable(Cause.CRASHED, "its answer is not readable")
    return told


def ending(code: int) -> MediaError:
    """What it means that a child ended with this code, which is not 0."""
    words = f"the child ended with {code}"
    if -code in _FROM_OUTSIDE:
        return Interrupted(words)
    return Undecodable(Cause.TOO_SLOW if -code == signal.SIGXCPU else Cause.CRASHED, words)
