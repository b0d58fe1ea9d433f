"""Named steps at which the crash tests kill the process. Without their setting, nothing happens here."""

import os
import signal

from django.conf import settings

# Every step a test may name; a test proves that each is reached.
NAMES = (
    "submit.claimed",
    "submit.files-sent",
    "submit.intent",
    "submit.answered",
    "submit.accepted",
    "refresh.leased",
    "refresh.answered",
    "refresh.written",
    "save.claimed",
    "save.downloaded",
    "save.published",
    "save.written",
)


def checkpoint(name: str) -> None:
    """Kill this process, as a power cut would, when the setting names this step."""
    if name == settings.CHECKPOINT:
        os.kill(os.getpid(), signal.SIGKILL)
