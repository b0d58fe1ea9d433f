"""Says good-bye to a worker that died: its heartbeat alarms until somebody knows that it is gone for good."""

import logging
from datetime import timedelta

from django.utils import timezone

from tasks.models import Heartbeat

logger = logging.getLogger(__name__)

# One that gave a sign so recently is alive.
_ALIVE = timedelta(minutes=1)


def forget_node(*, name: str) -> bool:
    """Take away the heartbeat of a silent worker; False when it is alive or unknown."""
    silent = Heartbeat.objects.nodes().filter(name=name, at__lt=timezone.now() - _ALIVE)
    count, _each = silent.delete()
    if count:
        logger.info("node.forgotten", extra={"node": name})
    return bool(count)
