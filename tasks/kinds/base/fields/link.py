"""Addresses of product pages. TopView opens them, not the portal: only form and name are looked at."""

from ipaddress import IPv6Address, ip_address
from typing import Any, NoReturn
from urllib.parse import SplitResult, urlsplit, urlunsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext_lazy as _

from tasks.ip_addresses import embedded_ipv4
from tasks.kinds.base.fields.basic import Wired
from tasks.kinds.base.types import number_words
from tasks.text import StrOrPromise

# A long shop address with all its tracking words; browsers and stores agree on about this much.
LONGEST_LINK = 2000
# Names that mean something only inside one network, or nothing at all: RFC 6761, RFC 8375, RFC 9476, ICANN's
# .internal, and what routers hand out. ".example" stays: nobody has it, and documents need an address.
_INNER_ENDINGS = frozenset(
    ("localhost", "localdomain", "local", "internal", "intranet", "private", "corp", "home", "lan")
    + ("arpa", "alt", "invalid", "test", "onion")
)


class Link(Wired, forms.CharField):
    """The http or https address of a page that anybody can open; without a scheme it counts as https.

    Cleaned to an ASCII address (`format: uri` in the contract). Hosts of private networks are refused.
    """

    widget_kind = "link"

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.URLInput(attrs={"inputmode": "url", "autocomplete": "url"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        """The address as TopView is sent it; "" when nothing was typed."""
        typed = super().to_python(value) or ""
        if not typed:
            return ""
        if len(typed) > LONGEST_LINK:
            _refuse_long(typed)
        if any(not character.isprintable() or character in ' \\<>"`{}|^' for character in typed):
            _refuse(_("An address has no spaces and no such characters. Copy it from the browser."), "form")
        return _address(typed)


def _address(typed: str) -> str:
    parts = _split(typed if "://" in typed else f"https://{typed}")
    host = _host(parts)
    port = f":{parts.port}" if parts.port else ""
    bracketed = f"[{host}]" if ":" in host else host
    whole = (parts.scheme.lower(), bracketed + port, parts.path or "/", parts.query, parts.fragment)
    address = iri_to_uri(urlunsplit(whole))
    if len(address) > LONGEST_LINK:
        _refuse_long(address)
    return address


def _split(typed: str) -> SplitResult:
    try:
        parts = urlsplit(typed)
        usable = parts.hostname is not None and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        _refuse(_("This is not the address of a page. Copy it from the browser."), "form")
    if parts.scheme.lower() not in ("http", "https"):
        _refuse(_("Give an address that begins with https:// or http://."), "scheme")
    if parts.username is not None or parts.password is not None:
        _refuse(_("Give the address without a user name or password."), "user")
    return parts


def _host(parts: SplitResult) -> str:
    """The host as it is looked up. Refuses what is not out in the open."""
    host = str(parts.hostname).rstrip(".")
    try:
        address = ip_address(host)
    except ValueError:
        return _named(host)
    inner = isinstance(address, IPv6Address) and (
        embedded_ipv4(address) or address.sixtofour or address.teredo
    )
    if inner or not address.is_global or address.is_multicast:
        _refuse(_INNER, "private")
    return host


def _named(host: str) -> str:
    try:
        name = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        _refuse(_("This is not the address of a page. Copy it from the browser."), "form")
    labels = name.split(".")
    if len(labels) < 2 or labels[-1] in _INNER_ENDINGS:
        _refuse(_INNER, "private")
    # Resolvers read "0x7f.1" and "2130706433" as numbers.
    if labels[-1].isdigit() or labels[-1].startswith("0x"):
        _refuse(_INNER, "private")
    if not all(label.replace("-", "").replace("_", "").isalnum() for label in labels):
        _refuse(_("This is not the address of a page. Copy it from the browser."), "form")
    return name


_INNER = _("TopView must be able to open this page: give an address on the open internet.")


def _refuse_long(typed: str) -> NoReturn:
    numbers = {"came": number_words(len(typed)), "allowed": number_words(LONGEST_LINK)}
    message = _("This has %(came)s characters; at most %(allowed)s are allowed.")
    raise ValidationError(message, code="max_length", params=numbers)


def _refuse(message: StrOrPromise, code: str) -> NoReturn:
    raise ValidationError(message, code=code)
