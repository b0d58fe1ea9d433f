"""Object stores on free ports of loopback: `moto` for the whole API, `nanio` where signatures are judged."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]  # it has no stubs
from moto.server import ThreadedMotoServer

from tests.parts import answers, wait_until
from tests.ports import free_port

BUCKET, KEY, SECRET = "portal-files", "PORTALKEY", "a-secret-of-forty-characters-is-usual-here"


def storages_at(endpoint: str, *, secret: str = SECRET, bucket: str = BUCKET) -> dict[str, Any]:
    """The portal's STORAGES for a bucket there."""
    options = {
        "bucket_name": bucket,
        "endpoint_url": endpoint,
        "region_name": "us-east-1",
        "access_key": KEY,
        "secret_key": secret,
        "addressing_style": "path",
        "signature_version": "s3v4",
        "file_overwrite": True,
        "default_acl": None,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def bucket_of(endpoint: str) -> Any:
    """The bucket itself, past the portal."""
    store = boto3.resource(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
    )
    return store.Bucket(BUCKET)


@contextmanager
def moto_store() -> Iterator[str]:
    """A store that knows the whole API; its address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        _host, port = server.get_host_and_port()
        endpoint = f"http://127.0.0.1:{port}"
        bucket_of(endpoint).create()
        yield endpoint
    finally:
        server.stop()


@contextmanager
def strict_store(folder: Path) -> Iterator[str]:
    """A store that lets nobody in whose signature is wrong; its address."""
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    credentials = {"NANIO_ACCESS_KEY": KEY, "NANIO_SECRET_KEY": SECRET}
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "nanio", "serve", "--host", "127.0.0.1", "--port", str(port)),
            *("--data-dir", str(folder), "--no-access-log", "--log-level", "error"),
        ],
        env={**os.environ, **credentials},
    )
    try:
        wait_until(lambda: answers(endpoint), what="the object store")
        bucket_of(endpoint).create()
        yield endpoint
    finally:
        process.terminate()
        process.wait(timeout=30)
