"""Packages of versions, and what comes out of them."""

from __future__ import annotations

import io
import zipfile
import zlib
from datetime import timedelta
from typing import Any
from uuid import uuid4

from tasks.commands.delivery.archives import Archive
from tasks.commands.delivery.freezing import Order, make_package
from tasks.models import Blob, Membership, Package, Version
from tests.reviewing import judge, make_version


def approved_version(maker: Membership, judge_: Membership, *, title: str = "", **facts: Any) -> Version:
    """A version that the second of them has approved; `facts` are columns of the result."""
    version = make_version(maker, **facts)
    if title:
        version.piece.title = title
        version.piece.save()
    judge(version, judge_)
    return version


def package_of(
    maker: Membership, *versions: Version, lifetime: timedelta = timedelta(days=30), **order: Any
) -> Package:
    """`order` are columns of an Order. Its files are measured, as the worker would do."""
    wanted = Order(uuid4(), [one.pk for one in versions], lifetime, **order)
    package = make_package(membership=maker, order=wanted)
    measure(package)
    return package


def measure(package: Package) -> None:
    for blob in Blob.objects.filter(pk__in=package.entries.exclude(blob=None).values("blob")):
        with blob.file.open("rb") as file:
            Blob.objects.filter(pk=blob.pk).update(crc32=zlib.crc32(file.read()))


def bytes_of(package: Package, start: int = 0, stop: int | None = None) -> bytes:
    """That part of the archive, as it is sent."""
    with Archive(package) as archive:
        archive.seek(start)
        left = (archive.size if stop is None else stop) - start
        pieces = []
        while left and (piece := archive.read(min(left, 999))):
            pieces.append(piece)
            left -= len(piece)
    return b"".join(pieces)


def opened(package: Package) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(bytes_of(package)))
