"""Origins of web servers, such as `https://portal.example:8443`: scheme, host and port of an address."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def read_origin(name: str, value: str) -> str:
    """The origin in one spelling. Raises ImproperlyConfigured with the name of the setting.

    The value is not shown in the message: an address may carry a password.
    """
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured(f"{name} is not an address.") from None
    host = parts.hostname
    extras = parts.username is not None or parts.query or parts.fragment or parts.path not in ("", "/")
    if parts.scheme not in ("http", "https") or not host or extras:
        raise ImproperlyConfigured(
            f"{name} must be an origin such as https://portal.example, without a path."
        )
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}" + (f":{port}" if port else "")


def is_loopback(address: str) -> bool:
    """Whether an address leads to this machine by its very name."""
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
