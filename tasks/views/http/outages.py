"""Which exceptions mean that the portal works but cannot just now, and what is then said."""

from __future__ import annotations

import smtplib
import sqlite3

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils.translation import gettext as _

from tasks.commands.runtime.disk import is_out_of_room
from tasks.views.http.bare_pages import Told, bare
from tasks.views.http.busy import database_is_busy
from tasks.views.http.disk_space import NoRoom, no_room

# The low byte of SQLite's codes: locked by others, or its file out of reach for now.
_SQLITE_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR)
_POSTGRES_FULL = "53100"


def outage(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """The page for an exception that no code of ours is to blame for; None for all others."""
    if is_full(error):
        return no_room(request)
    if is_busy(error):
        return database_is_busy(request)
    if isinstance(error, UnreadablePostError):
        text = _("What you sent stopped coming before it was complete. Nothing was taken: send it again.")
        return bare(request, Told(_("It did not arrive"), (text,)), status=408)
    if isinstance(error, smtplib.SMTPException):
        text = _("The mail server does not take mail just now, so that none was sent. Try again later.")
        return bare(request, Told(_("Mail cannot be sent"), (text,), 60), status=503)
    return None


def is_full(error: BaseException | None) -> bool:
    """Whether a disk has no room for what was to be written, ours or the database's."""
    if isinstance(error, NoRoom) or (isinstance(error, OSError) and is_out_of_room(error)):
        return True
    if not isinstance(error, DatabaseError):
        return False
    cause = error.__cause__
    return _sqlite_code(cause) == sqlite3.SQLITE_FULL or getattr(cause, "sqlstate", "") == _POSTGRES_FULL


def is_busy(error: BaseException | None) -> bool:
    """Whether the database could not be asked for now: locked, restarted, or with too many at it."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    code = _sqlite_code(error.__cause__)
    return code is None or code in _SQLITE_BUSY


def _sqlite_code(cause: BaseException | None) -> int | None:
    """The low byte of SQLite's code; None for another database's error."""
    if not isinstance(cause, sqlite3.Error):
        return None
    return int(getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF
