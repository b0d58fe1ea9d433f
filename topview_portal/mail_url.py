"""Reads EMAIL_URL. What cannot be used is refused by name; the value, with its password, is never shown."""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_DJANGO = "django.core.mail.backends"
_SMTP = "topview_portal.smtp.EmailBackend"
# Scheme: back end, and how the connection is protected.
_SCHEMES: dict[str, tuple[str, dict[str, bool]]] = {
    "smtp": (_SMTP, {}),
    "smtps": (_SMTP, {"EMAIL_USE_TLS": True}),
    "smtp+tls": (_SMTP, {"EMAIL_USE_TLS": True}),
    "smtp+ssl": (_SMTP, {"EMAIL_USE_SSL": True}),
    "consolemail": (f"{_DJANGO}.console.EmailBackend", {}),
    "filemail": (f"{_DJANGO}.filebased.EmailBackend", {}),
    "memorymail": (f"{_DJANGO}.locmem.EmailBackend", {}),
    "dummymail": (f"{_DJANGO}.dummy.EmailBackend", {}),
}


def parse(name: str, value: str) -> dict[str, Any]:
    """Django's settings for mail, from an address such as `smtp+tls://user:password@host:587`.

    Raises ImproperlyConfigured, with the name of the variable that it came from.
    """
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured(f"{name} is not an address, or its port is no number.") from None
    if parts.scheme not in _SCHEMES:
        raise ImproperlyConfigured(f"{name} must begin with one of: {', '.join(_SCHEMES)}, then ://.")
    backend, protection = _SCHEMES[parts.scheme]
    _refuse_leftovers(name, parts, is_smtp=backend == _SMTP)
    return {
        "EMAIL_BACKEND": backend,
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": port or (465 if "EMAIL_USE_SSL" in protection else 587 if protection else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_FILE_PATH": unquote(parts.path),
        **protection,
    }


def _refuse_leftovers(name: str, parts: SplitResult, *, is_smtp: bool) -> None:
    """What would be passed over in silence, such as `?timeout=5`, or a password with a bare `#` or `/`."""
    if parts.query:
        options = ", ".join(sorted({key for key, _value in parse_qsl(parts.query, keep_blank_values=True)}))
        raise ImproperlyConfigured(
            f"{name} has options that are not understood: {options}. MAIL_SECONDS is the limit on time; "
            "a ? within the password is written %3F."
        )
    if is_smtp and not parts.hostname:
        raise ImproperlyConfigured(f"{name} names no mail server.")
    if parts.fragment or (is_smtp and parts.path not in ("", "/")):
        raise ImproperlyConfigured(
            f"{name} has something after the mail server's port; "
            "a # or / within the password is written %23 or %2F."
        )
