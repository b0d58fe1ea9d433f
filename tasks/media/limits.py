"""What a child process that meets untrusted bytes may use at most."""

from __future__ import annotations

import resource

MEMORY_BYTES = 3 * 1024**3
# By how much longer than its limit of time a child lives at most.
_SPARE_SECONDS = 1


def limit_resources(*, cpu_seconds: int, file_bytes: int) -> None:
    """Give up, for this process and for ever, memory, time and disk it should not need.

    All its threads together get `cpu_seconds`, each file that it writes `file_bytes`. Out of time, it ends by
    SIGXCPU: SIGKILL, which the kernel sends at the hard limit, is the sign of somebody outside.
    """
    for what, most, hard in (
        (resource.RLIMIT_AS, MEMORY_BYTES, MEMORY_BYTES),
        (resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + _SPARE_SECONDS),
        (resource.RLIMIT_FSIZE, file_bytes, file_bytes),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(what, (most, hard))
