"""Addresses of many rows of one sort: the pattern is looked up once, which is most of the cost."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse

from tasks.models import Blob, Output

NIL = UUID(int=0)
_NO_HASH = "/" + "0" * 12


class PageAddress:
    """Where the page of each row is."""

    def __init__(self, name: str) -> None:
        self._pattern = reverse(name, args=[NIL])

    def __call__(self, row_id: UUID) -> str:
        return self._pattern.replace(str(NIL), str(row_id))


class PictureAddress:
    """Where the picture of each row is, named by the hash of its bytes."""

    def __init__(self, name: str) -> None:
        self._pattern = reverse(name, args=[NIL, _NO_HASH[1:]])

    def __call__(self, row_id: UUID, sha256: str) -> str:
        return self._pattern.replace(str(NIL), str(row_id)).replace(_NO_HASH, "/" + sha256[:12])


def poster_url(output: Output, poster: Blob | None) -> str:
    """Where a member finds this poster of a result; "" for none. For many rows there is PictureAddress."""
    return reverse("output-poster", args=[output.pk, poster.sha256[:12]]) if poster else ""
