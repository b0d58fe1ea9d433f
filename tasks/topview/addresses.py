"""Which addresses this server may visit when someone else names them.

The rule is asked twice: of the URL before anything happens, and of the looked-up address at the moment of
connecting, which then goes to exactly that address. A name that changes its answer in between (DNS rebinding)
gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from tasks.ip_addresses import embedded_ipv4
from tasks.topview.errors import NotAllowed

Resolver: TypeAlias = Callable[[str, int], Sequence[str]]
IpAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
#: Scheme, host, port.
Origin: TypeAlias = tuple[str, str, int]

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
# All that is given out on the IPv6 internet; the rest of that space leads nowhere, or to somebody's own net.
_IPV6_INTERNET: Final = ipaddress.IPv6Network("2000::/3")
# What Python takes for global, or did in some release, though it leads to a machine or net nearby.
_NEARBY: Final = tuple(
    ipaddress.ip_network(one)
    for one in (
        "100.64.0.0/10",  # between a provider and its customers
        "168.63.129.16/32",  # what a machine at Azure is told about itself
        "192.0.0.0/24",  # the nearest router, among others
        "192.88.99.0/24",  # the nearest relay of 6to4
        "2001::/23",  # Teredo, ORCHID and other protocols' own
        "2002::/16",  # 6to4: any IPv4 address inside
        "3fff::/20",  # documentation
    )
)


def look_up(host: str, port: int) -> Sequence[str]:
    """Every address the system knows for a host; raises socket.gaierror."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def origin_of(url: str) -> Origin:
    """Scheme, host and port of a URL; NotAllowed when it has none, or carries a user name."""
    try:
        parts = parse_url(url)
    except LocationParseError:
        raise NotAllowed("not an address") from None
    if parts.scheme not in _DEFAULT_PORTS or not parts.host or parts.auth is not None:
        raise NotAllowed("not a plain http or https address")
    return parts.scheme, parts.host.strip("[]").rstrip("."), parts.port or _DEFAULT_PORTS[parts.scheme]


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet, also when one is wrapped in another."""
    ip: IpAddress = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = embedded_ipv4(ip)
        if inner is None and ip not in _IPV6_INTERNET:
            return False
        ip = inner or ip
    return ip.is_global and not ip.is_multicast and not any(ip in net for net in _NEARBY)


@dataclass(frozen=True)
class AddressRule:
    """https to public addresses; besides, anything at one exact origin (the sandbox's)."""

    allowed_origin: Origin | None = None
    resolver: Resolver = look_up

    def check_url(self, url: str) -> None:
        """Refuse a URL by its looks (scheme, user name, literal address) with NotAllowed."""
        origin = origin_of(url)
        if origin == self.allowed_origin:
            return
        scheme, host, _port = origin
        if scheme != "https":
            raise NotAllowed("plain http is allowed for the sandbox alone")
        try:
            public = is_public(host)
        except ValueError:
            return  # A name: its addresses are judged when it is looked up.
        if not public:
            raise NotAllowed("the address is not on the open internet")

    def addresses(self, scheme: str, host: str, port: int) -> Sequence[str]:
        """Where to connect for an origin; NotAllowed when any of its addresses is not public."""
        found = self.resolver(host, port)
        if (scheme, host, port) == self.allowed_origin:
            return found
        if scheme != "https" or not all(is_public(address) for address in found):
            raise NotAllowed("the name leads to an address that is not on the open internet")
        return found
