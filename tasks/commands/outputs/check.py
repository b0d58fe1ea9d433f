"""What is to be thought of the bytes that came for an output. They are paid for: whole ones are kept."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from tasks import causes
from tasks.media import (
    Cause,
    Examined,
    MediaFacts,
    NotNow,
    TooManyPixels,
    Undecodable,
    examine,
    foreign_content,
    sniff,
)
from tasks.media.formats import HEAD_BYTES
from tasks.models import AssetRole, Output
from tasks.topview.downloads import Downloaded

logger = logging.getLogger(__name__)

_LONGEST_ENDING = 5
# How often an examiner may be ended from outside before a file is kept without its word.
_PATIENT_TRIES = 3


class Foreign(Exception):
    """What came is no file, or not known to be whole. It is fetched again."""

    def __init__(self, cause: causes.Cause) -> None:
        super().__init__(cause.code)
        self.cause = cause


@dataclass(frozen=True)
class Judged:
    """The examiner's findings; with an `unchecked_cause`, only what the first bytes and the address say."""

    examined: Examined
    unchecked_cause: Cause | None = None


def judge_output(output: Output, path: Path, fetched: Downloaded, *, into: Path) -> Judged:
    """Examine what came; a poster is written to `into`. Raises Foreign, and at first NotNow.

    An examiner that refuses, dies or takes too long is no reason to lose the file: it is kept with the cause.
    """
    if output.role not in (AssetRole.TEXT, AssetRole.FILE) and (what := foreign_content(path)):
        raise Foreign(causes.Cause.of(causes.Code.WORDS_INSTEAD_OF_FILE, what=what))
    try:
        examined = examine(path, into=into)
    except (Undecodable, TooManyPixels) as error:
        judged = Judged(Examined(_guessed(output, path), None), error.cause)
        logger.warning("save.not-checked", extra={"output": str(output.pk), "reason": str(error)})
    except NotNow:
        if output.tries < _PATIENT_TRIES:
            raise
        judged = Judged(Examined(_guessed(output, path), None), Cause.CRASHED)
        logger.warning("save.not-checked", extra={"output": str(output.pk), "reason": "interrupted"})
    except OSError as error:
        judged = Judged(Examined(_guessed(output, path), None), Cause.CRASHED)
        logger.warning("save.not-checked", extra={"output": str(output.pk), "reason": type(error).__name__})
    else:
        is_other = examined.facts.role != output.role
        judged = Judged(examined, Cause.OTHER_ROLE if is_other else None)
    if judged.unchecked_cause and not fetched.is_whole:
        raise Foreign(causes.Cause.of(causes.Code.FILE_NOT_WHOLE))
    return judged


def _guessed(output: Output, path: Path) -> MediaFacts:
    """What the file seems to be, for its name."""
    with path.open("rb") as file:
        known = sniff(file.read(HEAD_BYTES))
    role = "text" if output.role == AssetRole.FILE else output.role
    if known is not None:
        return MediaFacts(role, known.name, known.media_type)  # type: ignore[arg-type]  # a role by the model
    ending = PurePosixPath(urlsplit(output.source_url).path).suffix.lstrip(".").lower()
    if not (ending.isalnum() and ending.isascii() and len(ending) <= _LONGEST_ENDING):
        ending = ""
    return MediaFacts(role, ending, "application/octet-stream")  # type: ignore[arg-type]  # as above
