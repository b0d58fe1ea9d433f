"""What kinds raise, and the one place where whatever else their code raises becomes one of these."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from tasks.causes import Cause, Code

logger = logging.getLogger(__name__)

# What odd data raise where a kind takes them apart. Anything else is a fault in the kind's own code.
_ODD_DATA = (ArithmeticError, LookupError, ValueError)


class UnusableBrief(ValueError):
    """A stored brief does not fit its kind (another schema version, a file that was not sent).

    `cause` is what people are told: a `code` that says it all, else that of a brief that has this `problem`.
    """

    def __init__(self, problem: str, *, code: Code | None = None) -> None:
        super().__init__(problem)
        self.cause = Cause.of(code) if code else Cause.of(Code.BRIEF_UNUSABLE, problem=problem)


class UnexpectedShape(ValueError):
    """An answer is not of the documented shape. Holds the path that was read, never the value found there."""


@contextmanager
def reading_brief() -> Iterator[None]:
    """Raises UnusableBrief for whatever goes wrong inside. A fault in code is logged with its story."""
    try:
        yield
    except UnusableBrief:
        raise
    except Exception as error:
        _log_fault(error)
        raise UnusableBrief("what was stored cannot be read", code=Code.BRIEF_OUTDATED) from error


@contextmanager
def reading_answer() -> Iterator[None]:
    """Raises UnexpectedShape for whatever goes wrong inside. A fault in code is logged with its story."""
    try:
        yield
    except UnexpectedShape:
        raise
    except Exception as error:
        _log_fault(error)
        raise UnexpectedShape(f"{type(error).__name__} where it was read") from error


def _log_fault(error: Exception) -> None:
    if not isinstance(error, _ODD_DATA):
        logger.error("kinds.fault", exc_info=error)
