"""How long an address that TopView gives for a file can be used, and how long the file itself is there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import parse_qs, urlsplit

#: TopView's documents: generated media live 7 days unless stated otherwise.
LIFETIME: Final = timedelta(days=7)


def dies_at(address: str, now: datetime) -> datetime:
    """When a fresh address must be asked for: at the end of its signature, at the latest of the file."""
    ends = [now + LIFETIME]
    if (signed := signed_until(address)) is not None:
        ends.append(signed)
    return min(ends)


def signed_until(address: str) -> datetime | None:
    """The end that an address names itself, as S3 and CloudFront write it; None when it names none."""
    try:
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        if "X-Amz-Date" in query:
            begins = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            return begins + timedelta(seconds=int(query["X-Amz-Expires"]))
        return datetime.fromtimestamp(int(query["Expires"]), UTC)
    except (KeyError, ValueError, OverflowError, OSError):
        return None
