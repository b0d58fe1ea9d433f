"""What can be chosen when the sandbox is started."""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

GIB = 1024**3


@dataclass(frozen=True)
class NewAccount:
    """An account to be made; `credit` is its balance at first."""

    uid: str
    key: str
    credit: Decimal


DEFAULT_ACCOUNTS = (
    NewAccount("SandboxDemoAccount01", "sk-sandbox-demo-0123456789abcdef", Decimal(1000)),
    NewAccount("SandboxEmptyWallet02", "sk-sandbox-empty-0123456789abcdef", Decimal(0)),
)


@dataclass(frozen=True)
class Options:
    """All switches that hold for the life of the process. Times are in seconds.

    store: the folder of everything that survives a restart. seconds: how long a task takes at least.
    upload_link, result_link: how long signed addresses live. callback_pause: wait before a callback's second
    try; it doubles for the third. callbacks_anywhere: allow callbacks to addresses that aren't loopback.
    seed: what is left to chance in results; None lets it differ from one to the next.
    """

    store: Path
    host: str = "127.0.0.1"
    port: int = 0
    seconds: float = 6.0
    upload_link: int = 3600
    result_link: int = 24 * 3600
    callback_pause: float = 1.0
    callbacks_anywhere: bool = False
    noisy: bool = False
    seed: int | None = None
    max_upload: int = GIB
    accounts: tuple[NewAccount, ...] = field(default=DEFAULT_ACCOUNTS)
