"""Runs a command that ends when its parent does: `python -m topview_portal.tied PARENT_PID command ...`.

A supervisor that is killed with SIGKILL cannot stop its children. On Linux the kernel can: a process asks for
a signal at the death of its parent, and keeps asking across exec. Elsewhere the command runs untied.
"""

import ctypes
import os
import signal
import sys

_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG


def tied(command: list[str]) -> list[str]:
    """The command line that runs `command` tied to this process. Start it from the main thread."""
    return [sys.executable, "-m", "topview_portal.tied", str(os.getpid()), *command]


def main(parent: int, command: list[str]) -> None:
    """Become `command`, to be sent SIGTERM when `parent` dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGTERM)
    # The parent may have died before the kernel was asked.
    if os.getppid() == parent:
        os.execvp(command[0], command)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
