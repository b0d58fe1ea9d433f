"""Processes that end when their parent does.

`python -m topview_portal.parent_death PARENT_PID SIGNAL command ...` starts one.

A supervisor that is killed with SIGKILL cannot stop its children. On Linux the kernel can: a process asks for
a signal at the death of its parent, and keeps asking across exec. Elsewhere processes run on.
"""

import ctypes
import os
import signal
import sys

_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG


def bound_to_parent(command: list[str], *, by: signal.Signals = signal.SIGTERM) -> list[str]:
    """The command line that runs `command` bound to this process, to be sent `by` when this process dies.

    Start it from the main thread: the kernel watches the thread that started it.
    """
    return [sys.executable, "-m", "topview_portal.parent_death", str(os.getpid()), str(int(by)), *command]


def bind_forks() -> None:
    """Have every process forked from now on, here or below, be killed when its own parent dies."""
    os.register_at_fork(after_in_child=_bind_fork, before=_remember)


_parent = os.getpid()


def _remember() -> None:
    global _parent
    _parent = os.getpid()


def _bind_fork() -> None:
    _ask_kernel(signal.SIGKILL)
    if os.getppid() != _parent:
        os._exit(1)


def _ask_kernel(by: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, by)


def main(parent: int, by: int, command: list[str]) -> None:
    """Become `command`, to be sent the signal `by` when `parent` dies."""
    _ask_kernel(by)
    # The parent may have died before the kernel was asked.
    if os.getppid() == parent:
        os.execvp(command[0], command)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
