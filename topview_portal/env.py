"""Typed readers of the environment that fail loudly.

Every reader takes the name of a variable and a default, and raises `ImproperlyConfigured` with the name and
what is wanted when the value cannot be used. No message shows the value, since it may be a secret.
A variable that is set but empty counts as not set, because that is what `NAME=` means in a compose file.
Readers called without a default demand the variable.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Final, TypeVar, overload

import dj_database_url
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from topview_portal.origins import read_origin


class _Demanded(Enum):
    """The mark of a reader that was given no default."""

    DEMANDED = 0


DEMANDED: Final = _Demanded.DEMANDED

T = TypeVar("T")

_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off"})


def text(name: str, default: str | _Demanded = DEMANDED) -> str:
    """The value as it stands, without white space at its ends."""
    value = _read(name)
    return _fall_back(name, default) if value is None else value


def choice(name: str, default: str | _Demanded = DEMANDED, *, choices: Sequence[str]) -> str:
    """One of `choices`, exactly as spelled there."""
    value = text(name, default)
    if value not in choices:
        raise _wrong(name, "one of " + ", ".join(choices))
    return value


def flag(name: str, default: bool | _Demanded = DEMANDED) -> bool:  # noqa: FBT001
    """True for 1, true, yes, on; False for 0, false, no, off; in any case."""
    value = _read(name)
    if value is None:
        return _fall_back(name, default)
    if value.lower() in _YES:
        return True
    if value.lower() in _NO:
        return False
    raise _wrong(name, "a flag: true or false")


def integer(
    name: str, default: int | _Demanded = DEMANDED, *, low: int | None = None, high: int | None = None
) -> int:
    """A whole number from `low` to `high`, both included."""
    value = _read(name)
    if value is None:
        return _fall_back(name, default)
    try:
        number = int(value)
    except ValueError:
        raise _wrong(name, "a whole number") from None
    _check_bounds(name, number, low, high)
    return number


def seconds(name: str, default: float | _Demanded = DEMANDED, *, high: float | None = None) -> float:
    """A length of time in seconds, zero or more, fractions allowed."""
    value = _read(name)
    if value is None:
        return _fall_back(name, default)
    try:
        number = float(value)
    except ValueError:
        raise _wrong(name, "a number of seconds") from None
    if not math.isfinite(number):
        raise _wrong(name, "a finite number of seconds")
    _check_bounds(name, number, 0, high)
    return number


def listing(name: str, default: Sequence[str] | _Demanded = DEMANDED) -> list[str]:
    """Values separated by commas; white space round each and empty ones are dropped."""
    value = _read(name)
    if value is None:
        return list(_fall_back(name, default))
    return [part.strip() for part in value.split(",") if part.strip()]


@overload
def secret(name: str, default: str | _Demanded) -> str: ...
@overload
def secret(name: str, default: None = None) -> str | None: ...
def secret(name: str, default: str | _Demanded | None = None) -> str | None:
    """A secret from NAME, or from the file that NAME_FILE names (the way of Docker and systemd).

    Only line ends are cut from a file's text.
    """
    value, file = _read(name), _read(f"{name}_FILE")
    if value is not None and file is not None:
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set; set one of them.")
    if file is None:
        return _fall_back(name, default) if value is None else value
    path = Path(file)
    try:
        value = path.read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read: {error}.") from None
    if not value:
        raise ImproperlyConfigured(f"{name}_FILE names {path}, which is empty.")
    return value


@overload
def address(name: str, default: str | _Demanded = DEMANDED) -> str: ...
@overload
def address(name: str, default: None) -> str | None: ...
def address(name: str, default: str | _Demanded | None = DEMANDED) -> str | None:
    """An http or https origin such as `https://portal.example`, without path, user name or closing slash."""
    value = _read(name)
    if value is None:
        value = _fall_back(name, default)
    return None if value is None else read_origin(name, value)


def vault_keys(name: str, default: Sequence[str]) -> list[str]:
    """Fernet keys, separated by commas; at least one."""
    keys = listing(name, default)
    for place, key in enumerate(keys, start=1):
        if not is_vault_key(key):
            wanted = "Fernet keys (44 characters of URL-safe base64 each), separated by commas"
            raise ImproperlyConfigured(f"{name} must be {wanted}; number {place} is none.")
    if not keys:
        raise _wrong(name, "one Fernet key at least")
    return keys


def is_vault_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


def database(name: str, default: str) -> dict[str, Any]:
    """The address of a PostgreSQL or SQLite database, as Django's settings take it."""
    value = text(name, default)
    wanted = "like postgres://user:password@host/name or sqlite:////absolute/path"
    refusal = _wrong(name, f"{wanted}; what is special in a password is written as %XX")
    try:
        row = dj_database_url.parse(value)
    except ValueError:
        raise refusal from None
    is_known = row.get("ENGINE") in ("django.db.backends.postgresql", "django.db.backends.sqlite3")
    if not is_known or row["NAME"] in ("", ":memory:"):
        raise refusal
    return dict(row)


def folder(name: str, default: Path | str | _Demanded = DEMANDED) -> Path:
    """An absolute path, `~` opened. It need not exist yet, but must not be a file."""
    value = text(name, str(default) if isinstance(default, Path) else default)
    path = Path(value).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise _wrong(name, "a folder; a file is there")
    return path


def _read(name: str) -> str | None:
    return os.environ.get(name, "").strip() or None


def _fall_back(name: str, default: T | _Demanded) -> T:
    if isinstance(default, _Demanded):
        raise ImproperlyConfigured(f"{name} is not set; it has no default.")
    return default


def _wrong(name: str, wanted: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} must be {wanted}.")


def _check_bounds(name: str, number: float, low: float | None, high: float | None) -> None:
    if low is not None and number < low:
        raise _wrong(name, f"{low} or more")
    if high is not None and number > high:
        raise _wrong(name, f"{high} or less")
