"""Signed addresses: the S3 form and the CloudFront form, so real that forged and late ones fail."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

from tasks.sandbox.clock import now

FORM = "%Y%m%dT%H%M%SZ"


class Signer:
    """Makes and judges signed addresses, with a secret that the store keeps."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def s3(self, method: str, path: str, *, lifetime: int) -> str:
        """The query of an address valid for `lifetime` seconds from now; a negative one has expired."""
        start = datetime.fromtimestamp(now() + min(lifetime, 0) - (1 if lifetime < 0 else 0), UTC)
        date = start.strftime(FORM)
        expires = str(max(lifetime, 0))
        return urlencode(
            {
                "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
                "X-Amz-Date": date,
                "X-Amz-SignedHeaders": "host",
                "X-Amz-Expires": expires,
                "X-Amz-Signature": self._sign(method, path, date, expires),
            }
        )

    def cdn(self, path: str, *, lifetime: int) -> str:
        """The query of a CDN address, which holds the second it dies."""
        expires = str(int(now()) + lifetime)
        signature = self._sign("CDN", path, expires)
        return urlencode({"Expires": expires, "Signature": signature, "Key-Pair-Id": "SANDBOXCDNKEY"})

    def problem_s3(self, method: str, path: str, query: Mapping[str, str]) -> str | None:
        """Why an S3 address is refused, or None when it holds."""
        date, expires = query.get("X-Amz-Date", ""), query.get("X-Amz-Expires", "")
        if not self._same(query.get("X-Amz-Signature", ""), method, path, date, expires):
            return "SignatureDoesNotMatch"
        start = datetime.strptime(date, FORM).replace(tzinfo=UTC).timestamp()
        return "AccessDenied" if now() > start + int(expires) else None

    def problem_cdn(self, path: str, query: Mapping[str, str]) -> str | None:
        """Why a CDN address is refused, or None when it holds."""
        expires = query.get("Expires", "")
        if not self._same(query.get("Signature", ""), "CDN", path, expires):
            return "SignatureDoesNotMatch"
        return "AccessDenied" if now() > int(expires) else None

    def _same(self, signature: str, *parts: str) -> bool:
        return hmac.compare_digest(signature.encode(), self._sign(*parts).encode())

    def _sign(self, *parts: str) -> str:
        return hmac.new(self._secret, "\n".join(parts).encode(), hashlib.sha256).hexdigest()
