"""The child process in which untrusted bytes are decoded: `python -m tasks.media.examiner_child QUESTION`.

QUESTION is JSON with `path`, `format` (a name of FORMATS), `poster` (path), `max_pixels`.
Prints one line of JSON: {"facts": …}, {"undecodable": [cause, detail]} or {"too_many": [width, height]}.
Any other end, by signal or by exception, means that the file could not be decoded.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tasks.media.facts import Cause, MediaFacts, TooManyPixels, Undecodable
from tasks.media.formats import FORMATS
from tasks.media.lengths import is_cut_off
from tasks.media.limits import limit_resources

CPU_SECONDS = 45
# It writes the poster and its thumbnail, and nothing else.
FILE_BYTES = 8 * 1024**2


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Examine the file that the question names."""
    known = FORMATS[question["format"]]
    path, into = Path(question["path"]), Path(question["poster"])
    try:
        if is_cut_off(path, known):
            raise Undecodable(Cause.CUT_OFF)
        if known.role == "image":
            from tasks.media import pictures

            facts: MediaFacts = pictures.examine(path, known, into, question["max_pixels"])
        else:
            from tasks.media import films

            facts = films.examine(path, known, into, question["max_pixels"])
    except TooManyPixels as error:
        return {"too_many": [error.width, error.height]}
    except Undecodable as error:
        return {"undecodable": [error.cause, error.detail]}
    return {"facts": facts.as_json()}


if __name__ == "__main__":
    limit_resources(cpu_seconds=CPU_SECONDS, file_bytes=FILE_BYTES)
    sys.stdout.write(json.dumps(answer(json.loads(sys.argv[1]))))
