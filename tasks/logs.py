"""Log lines as JSON, each with the id of the request or job it belongs to."""

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime

# What is being worked on: a request id in the web server, a job's id in the worker.
context_id: ContextVar[str] = ContextVar("context_id", default="")

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "taskName",
    "request",
    "server_time",
}


# Paths that let in whoever knows them: where TopView calls back, a forgotten password, a new mail address, a
# link for guests.
_SECRET_PATH = re.compile(r"(/notices/|/password/reset/key/|/address/confirm/|/s/)[^/\s]+")


class SecretPaths(logging.Filter):
    """Keeps addresses that let somebody in out of the log: Django writes down the path of what fails."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Hide them; every record passes."""
        message = record.getMessage()
        hidden = _SECRET_PATH.sub(r"\1...", message)
        if hidden != message:
            record.msg, record.args = hidden, ()
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, event and whatever `extra` brought."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record; values that JSON does not know are written as text."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        if context := context_id.get():
            line["context"] = context
        line.update({name: value for name, value in vars(record).items() if name not in _STANDARD})
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)
