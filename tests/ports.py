"""Ports of loopback for servers that start a moment later."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from itertools import cycle

# Below those that the kernel gives to whoever asks for any: so nobody is given one before its server listens.
_FIRST, _END = 20_000, 32_000


def _candidates() -> Iterator[int]:
    """All of them in turn, from a place of this process's own: runs and their processes stay apart."""
    begin = os.getpid() * 613 % (_END - _FIRST)
    return cycle([*range(_FIRST + begin, _END), *range(_FIRST, _FIRST + begin)])


_ports = _candidates()


def free_port() -> int:
    """A port on which nobody listens. No other call in this process gives it soon again."""
    return next(port for port in _ports if _is_free(port))


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
