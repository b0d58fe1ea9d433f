"""Ties the life of a process to its parent's, so that nothing is left behind when a parent is killed."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent dies. Linux only; elsewhere it does nothing.

    django-q2's workers otherwise outlive a killed sentinel and go on taking work.
    """
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def die_with_parent_and_so_will_forks() -> None:
    """The same for this process and for every process it forks from now on."""
    die_with_parent()
    os.register_at_fork(after_in_child=die_with_parent)
