"""Whole answers to a download that are not the file that was ordered."""

from __future__ import annotations

from collections.abc import Mapping

_NOISE = bytes(range(256)) * 40
# Packets of a transport stream, as broadcasters send them: no format that TopView promises.
_PACKETS = b"".join(b"\x47\x40\x00" + bytes([0x10 + number % 16]) + b"\xff" * 184 for number in range(64))

#: By name: media type, content.
ODD_CONTENTS: Mapping[str, tuple[str, bytes]] = {
    "noise": ("video/mp4", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + _NOISE),
    "mpeg-ts": ("video/mp2t", _PACKETS),
    "page": ("video/mp4", b"<!doctype html><html><body>Sign in to the network</body></html>"),
    "json": ("application/octet-stream", b'{"code": "5000", "message": "try again"}'),
    "xml": ("application/xml", b'<?xml version="1.0"?><Error><Code>SlowDown</Code></Error>'),
    "words": ("text/plain", b"upstream connect error or disconnect before headers"),
}
