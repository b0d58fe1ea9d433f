"""What kinds raise, and the one place where whatever else their code raises becomes one of these."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext

logger = logging.getLogger(__name__)

# What odd data raise where a kind takes them apart. Anything else is a fault in the kind's own code.
_ODD_DATA = (ArithmeticError, LookupError, ValueError)


class UnusableBrief(ValueError):
    """A stored brief does not fit its kind (another schema version, a file that was not sent)."""


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
        raise UnusableBrief(gettext("the portal cannot read what was stored for it any more")) from error


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
