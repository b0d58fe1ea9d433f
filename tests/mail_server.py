"""A small SMTP server on loopback that behaves as it is told: well, silent, slow or refusing."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from typing import Any

# The longest that a connection lives, whatever it does.
_LONGEST_SECONDS = 60.0


class MailServer(socketserver.ThreadingTCPServer):
    """Keeps what it has accepted.

    `mood`: "well"; "silent" says nothing at all; "slow" says a letter every half second; "mute" takes the
    message and never says so; "full" takes no message for now; "away" ends each connection at once.
    """

    allow_reuse_address = daemon_threads = True
    request_queue_size = 100

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Dialogue)
        self.mood = "well"
        # Address: what it is answered.
        self.refused: dict[str, str] = {}
        self.letters: list[Message] = []
        self.connections = 0
        self.closing = threading.Event()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        """Its EMAIL_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    def recipients(self) -> list[str]:
        """To whom it has accepted mail, in order."""
        return [str(letter["To"]) for letter in self.letters]


class _Dialogue(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.connections += 1
        mood = self.server.mood
        if mood == "away":
            return
        if mood == "silent":
            self.server.closing.wait(_LONGEST_SECONDS)
            return
        try:
            self._say("220 here")
            self._talk()
        except OSError:
            return

    def _talk(self) -> None:
        for raw in self.rfile:
            line = raw.decode().strip()
            verb = line[:4].upper()
            if verb == "QUIT":
                self._say("221 bye")
                return
            if verb == "DATA":
                self._take()
            elif verb == "RCPT":
                address = line.partition("<")[2].partition(">")[0]
                self._say(self.server.refused.get(address, "250 fine"))
            elif verb == "AUTH":
                self._say("535 who are you")
            else:
                self._say("250-here\r\n250 AUTH PLAIN" if verb == "EHLO" else "250 fine")

    def _take(self) -> None:
        if self.server.mood == "full":
            self._say("452 no room")
            return
        self._say("354 go on")
        lines: list[bytes] = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line)
        self.server.letters.append(message_from_bytes(b"".join(lines)))
        if self.server.mood == "mute":
            self.server.closing.wait(_LONGEST_SECONDS)
        self._say("250 taken")

    def _say(self, text: str) -> None:
        if self.server.mood != "slow":
            self.wfile.write(f"{text}\r\n".encode())
            return
        ends_at = time.monotonic() + _LONGEST_SECONDS
        for letter in f"{text}\r\n":
            if self.server.closing.wait(0.5) or time.monotonic() > ends_at:
                return
            self.wfile.write(letter.encode())


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A running one."""
    server = MailServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def send_by(server: MailServer, settings: Any, *, seconds: int = 1) -> None:
    """Have this process send by it."""
    settings.EMAIL_BACKEND = "topview_portal.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_TIMEOUT = seconds


__all__ = ["MailServer", "mail_server", "send_by"]
