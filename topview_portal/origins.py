"""Origins of web servers, such as `https://portal.example:8443`: scheme, host and port of an address."""

from __future__ import annotations

import ipaddress
import re
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
    host = parts.hostname or ""
    extras = parts.username is not None or parts.query or parts.fragment or parts.path not in ("", "/")
    if parts.scheme not in ("http", "https") or not host or extras:
        raise ImproperlyConfigured(
            f"{name} must be an origin such as https://portal.example, without a path."
        )
    if not host.isascii():
        # Browsers send it in that form, and the portal would not know itself.
        raise ImproperlyConfigured(f"{name} must have its host in ASCII: xn--… for one with other letters.")
    return f"{parts.scheme}://{_judged(name, host)}" + (f":{port}" if port else "")


def _judged(name: str, host: str) -> str:
    """The host as it stands in an address, IPv6 in brackets."""
    if ":" in host:
        try:
            address = ipaddress.IPv6Address(host if "%" not in host else "no zone")
        except ValueError:
            raise ImproperlyConfigured(f"{name} must have an IPv6 address without a zone.") from None
        return f"[{address.compressed}]"
    if not re.fullmatch(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?", host):
        raise ImproperlyConfigured(f"{name} must have a host of letters, digits, dots and hyphens.")
    return host


def host_of(origin: str) -> str:
    """The host of an origin, as a browser sends it without the port."""
    host = urlsplit(origin).hostname or ""
    return f"[{host}]" if ":" in host else host


def is_loopback(address: str) -> bool:
    """Whether an address leads to this machine by its very name."""
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
