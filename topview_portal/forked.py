"""Work that a forked child does, which takes along the memory that it needed."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TypeVar

Result = TypeVar("Result")


class ChildDied(Exception):
    """The child was killed before it could say what came of its work."""


def in_a_child(work: Callable[[], Result]) -> Result:
    """What `work` returns, or raises; both travel through a pipe. Raises ChildDied.

    For a process with one thread and no open connection to a database.
    """
    context = get_context("fork")
    here, there = context.Pipe(duplex=False)
    with here:
        child = context.Process(target=_tell, args=(work, there))
        child.start()
        there.close()
        try:
            result, error = here.recv()
        except EOFError as end:
            raise ChildDied(f"a process of {work.__name__} was killed") from end
        finally:
            child.join()
    if error is not None:
        raise error
    return result  # type: ignore[no-any-return]  # what came through the pipe is what the work returned


def _tell(work: Callable[[], object], there: Connection) -> None:
    try:
        there.send((work(), None))
    except Exception as error:
        # Whoever waits raises it.
        there.send((None, error))
