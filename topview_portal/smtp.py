"""Mail by SMTP with a limit on the whole dialogue.

The timeout of Django's own back end is one of each wait: a server that sends a byte now and then holds it for
ever. Here looking up the name, connecting, TLS and every line together end after EMAIL_TIMEOUT seconds.
"""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from threading import Lock, Thread
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends import smtp


class Line:
    """The connection of one dialogue, which another thread may cut."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.is_cut = False
        self._handle: socket.socket | None = None

    def opened(self, connection: socket.socket) -> None:
        """Note the connection. One that was cut before it was there is of no use any more."""
        with self._lock:
            # A second handle: TLS takes the first one away from whoever holds it.
            self._handle = connection.dup()
            is_late = self.is_cut
        if is_late:
            self.cut()

    def cut(self) -> None:
        """End the dialogue: whoever waits for an answer meets the end of the connection."""
        with self._lock, suppress(OSError):
            self.is_cut = True
            if self._handle is not None:
                self._handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """The dialogue has ended by itself."""
        with self._lock:
            if self._handle is not None:
                self._handle.close()


class _Connection(smtplib.SMTP):
    def __init__(self, *arguments: Any, line: Line, **options: Any) -> None:
        self._line = line
        super().__init__(*arguments, **options)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        self._line.opened(connection)
        return connection


class _SecureConnection(smtplib.SMTP_SSL, _Connection):
    def __init__(self, *arguments: Any, line: Line, **options: Any) -> None:
        self._line = line
        smtplib.SMTP_SSL.__init__(self, *arguments, **options)


class EmailBackend(smtp.EmailBackend):
    """Django's, which gives up after EMAIL_TIMEOUT seconds in all. Raises TimeoutError then."""

    line: Line

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.limit = self.timeout
        # Each single wait ends by itself a little later, should nothing else end it.
        self.timeout = 2 * self.limit if self.limit else None

    @property
    def connection_class(self) -> Any:
        """Connections that can be cut."""
        return partial(_SecureConnection if self.use_ssl else _Connection, line=self.line)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send in a thread of its own, since nothing else ends a look-up of a name or a slow answer."""
        self.line = Line()
        ends: list[int | Exception] = []
        thread = Thread(target=self._talk, args=(email_messages, ends), daemon=True)
        thread.start()
        thread.join(self.limit)
        if not ends:
            self.line.cut()
            thread.join(1)
        self.line.close()
        if not ends:
            raise TimeoutError("the mail server took too long")
        end = ends[0]
        if isinstance(end, Exception):
            raise TimeoutError("the mail server took too long") if self.line.is_cut else end
        return end

    def _talk(self, messages: Sequence[EmailMessage], ends: list[int | Exception]) -> None:
        try:
            ends.append(super().send_messages(messages))
        except Exception as error:  # noqa: BLE001 - raised again in the thread that waits
            ends.append(error)
