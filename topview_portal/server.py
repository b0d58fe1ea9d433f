"""How gunicorn serves the portal: `gunicorn -c python:topview_portal.server`, with `--bind` for the address.

Threads, not processes, carry the load: most of a request's time goes to the database and to sending files. A
thread waits as long as a visitor takes to send a request, so strangers meet nginx first: see production.md.
"""

import gc
import logging
import socket
from typing import Any

from tasks.logs import SecretPaths
from topview_portal import env

wsgi_app = "topview_portal.wsgi:application"
worker_class = "topview_portal.web_worker.WebWorker"
workers = 2
# Each process alone has room for a roomful of people with a paused video, which holds a thread. The portal
# reads the same variable, and keeps some of them free of files.
threads = env.integer("WEB_THREADS", 24, low=8)
# Both processes accept from one queue; a new server can take over the port before the old one has ended.
reuse_port = True
# Longer than the pause between two polls of a page, so that they share a connection.
keepalive = 15
# Seconds without a sign of life after which a process is replaced.
timeout = 60
# Seconds that running requests get to finish when the server stops.
graceful_timeout = 8
# The portal writes its own log; addresses of people are not kept.
accesslog = None
loglevel = "warning"
# It would be made in the home folder, which may be read-only.
control_socket_disable = True

# Seconds for which the system keeps a connection to itself on which nothing comes.
_SILENT_SECONDS = 15


def on_starting(server: Any) -> None:
    """gunicorn names the path of a request that it fails at: not the ones that let somebody in."""
    logging.getLogger("gunicorn.error").addFilter(SecretPaths())


def when_ready(server: Any) -> None:
    """Load what the first request would, before the processes part: what none of them changes they share.

    Connections are taken already, and wait. The collector must not touch, and so copy, what is shared.
    """
    from django.urls import get_resolver

    server.app.wsgi()
    get_resolver().url_patterns  # noqa: B018  # loading them is what is wanted
    gc.collect()
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """Be told of a connection when something comes on it, on Linux.

    Else each new one holds a thread for 5 seconds, and 300 silent ones stop all others for half a minute.
    """
    for listener in worker.sockets:
        if hasattr(socket, "TCP_DEFER_ACCEPT") and listener.sock.family != socket.AF_UNIX:
            listener.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, _SILENT_SECONDS)
