"""When an address that TopView gives has run out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tasks.topview.expiry import LIFETIME, dies_at, signed_until

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
S3 = "https://s3.example/film.mp4?X-Amz-Algorithm=a&X-Amz-Date=20261126T100000Z&X-Amz-Expires={}"


@pytest.mark.parametrize(
    ("address", "until"),
    [
        (S3.format(86400), datetime(2026, 11, 27, 10, 0, tzinfo=UTC)),
        (f"https://cdn.example/f?Expires={int(NOW.timestamp())}&Key-Pair-Id=K&Signature=s", NOW),
        ("https://cdn.example/film.mp4", None),
        ("https://cdn.example/f?Expires=soon", None),
        ("https://cdn.example/f?Expires=99999999999999999999", None),
        (S3.format("a-day"), None),
        (S3.format(10**20), None),
        ("https://s3.example/f?X-Amz-Date=20261126T100000Z", None),
        ("https://s3.example/f?X-Amz-Date=nonsense&X-Amz-Expires=5", None),
        ("https://[broken", None),
        ("", None),
    ],
)
def test_a_signature_says_when_it_ends(address: str, until: datetime | None) -> None:
    assert signed_until(address) == until


def test_the_nearer_end_counts() -> None:
    assert dies_at(S3.format(3600), NOW) == datetime(2026, 11, 26, 11, 0, tzinfo=UTC)
    assert dies_at(S3.format(30 * 86400), NOW) == NOW + LIFETIME
    assert dies_at("https://cdn.example/film.mp4", NOW) == NOW + timedelta(days=7)
