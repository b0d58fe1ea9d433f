"""Where TopView is and how patient we are with it. Comes from the settings, by way of the caller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tasks.topview.addresses import AddressRule, origin_of
from tasks.topview.errors import NotSent
from tasks.topview.transport import Call

REPETITIONS: Final = 2
LONGEST_PAUSE: Final = 10.0


@dataclass(frozen=True)
class Endpoint:
    """One TopView: the real one or the sandbox. Times are in seconds.

    TLS verification cannot be turned off; `ca_bundle` names a file with other authorities to trust instead.
    """

    #: Empty for a sandbox that the portal does not have.
    base_url: str
    #: By scheme, as `requests` takes them; the environment's are ignored.
    proxies: Mapping[str, str] = field(default_factory=dict)
    #: Only for the exact address of the sandbox; its origin may then also be a private one.
    allow_plain_http: bool = False
    connect_timeout: float = 5.0
    #: The longest silence of a server.
    read_timeout: float = 20.0
    #: A submit is over, one way or the other, after this long.
    submit_deadline: float = 60.0
    #: A read is over after this long, its repetitions and pauses included.
    read_deadline: float = 45.0
    #: The pause before the first repetition of a read; doubled for the second; both up to half longer.
    retry_pause: float = 0.5
    #: A longer `Retry-After` is not waited for but left to the caller.
    longest_pause: float = LONGEST_PAUSE
    #: How often a read is repeated at most.
    repetitions: int = REPETITIONS
    #: Whether results should come as CDN addresses rather than the file store's.
    needs_cdn: bool = False
    ca_bundle: str | None = None

    def __post_init__(self) -> None:
        if self.ca_bundle is not None and not isinstance(self.ca_bundle, str):
            raise ValueError("ca_bundle is the path of a file; TLS verification cannot be turned off.")

    def url(self, path: str) -> str:
        """The address of an operation; NotSent when there is none, or by plain http without leave."""
        if not path.startswith("/"):
            raise ValueError(f"A path starts with a slash: {path!r}")
        if not self.base_url:
            raise NotSent(f"{path}: this portal has no sandbox")
        url = self.base_url.rstrip("/") + path
        if origin_of(url)[0] != "https" and not self.allow_plain_http:
            raise NotSent(f"{path}: plain http is allowed for the sandbox alone")
        return url

    @property
    def files(self) -> AddressRule:
        """Which file addresses may be visited: public ones by https, and the sandbox's own."""
        is_excepted = self.allow_plain_http and self.base_url
        return AddressRule(allowed_origin=origin_of(self.base_url) if is_excepted else None)

    def call(self, seconds: float, rule: AddressRule | None = None) -> Call:
        """A call that lasts `seconds` at most, as patient as this endpoint."""
        return Call.lasting(seconds, connect=self.connect_timeout, read=self.read_timeout, rule=rule)
