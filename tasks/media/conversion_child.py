"""The child process in which files are converted: `python -m tasks.media.conversion_child QUESTION`.

QUESTION is JSON as `conversion.convert` writes it. Prints lines of JSON: {"progress": hundredths} now and
then, and at last {"made": format}, {} when the file can be used as it is, {"undecodable": cause,
"detail": reason}, {"too_long": seconds} or {"too_many": [width, height]}.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from tasks.media.conversion import TooLong
from tasks.media.facts import TooManyPixels, Undecodable
from tasks.media.formats import FORMATS
from tasks.media.limits import limit_resources

# Of all threads together: a film may take several minutes on two cores.
CPU_SECONDS = 1500


def say(**told: Any) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def tell(done: float) -> None:
    """How much is done, 0 to 1."""
    say(progress=round(100 * done))


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Convert the file that the question names."""
    known, target = FORMATS[question["format"]], question["target"]
    path, into = Path(question["path"]), Path(question["into"])
    try:
        if known.role == "image":
            from tasks.media import converted_pictures

            made = converted_pictures.convert(
                path, known, into, target, question["pixels"], is_exact=question["exact"]
            )
        else:
            from tasks.media import converted_films

            most = converted_films.Most(question["pixels"], question["seconds"])
            made = converted_films.convert(path, known, into, target, most, tell, is_exact=question["exact"])
    except TooManyPixels as error:
        return {"too_many": [error.width, error.height]}
    except TooLong as error:
        return {"too_long": error.seconds}
    except Undecodable as error:
        return {"undecodable": error.cause, "detail": error.detail}
    return {"made": made} if made else {}


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    limit_resources(cpu_seconds=CPU_SECONDS, file_bytes=asked["bytes"])
    # People wait for pages on the same cores.
    os.nice(5)
    say(**answer(asked))
