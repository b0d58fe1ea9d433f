"""Servers that follow a script, a certificate of their own, and clients that call them."""

from __future__ import annotations

import datetime
import ipaddress
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tasks.secret import Secret
from tasks.topview.client import Endpoint, TopViewClient
from tests.topview.server import ScriptedServer, tls_context

UID = "Account0123456789abc"
KEY = "sk-live-0123456789abcdefghij"


@pytest.fixture
def server():
    with ScriptedServer() as scripted:
        yield scripted


@pytest.fixture
def client_of():
    """A function that makes a client for a server; keyword arguments change its endpoint."""
    clients: list[TopViewClient] = []

    def make(server: ScriptedServer, **settings: Any) -> TopViewClient:
        defaults = {"base_url": server.origin, "allow_plain_http": True, "retry_pause": 0.01}
        client = TopViewClient(uid=UID, key=Secret(KEY), endpoint=Endpoint(**{**defaults, **settings}))
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def client(server, client_of):
    return client_of(server)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> Path:
    """A file with a key and a certificate it signed itself, for 127.0.0.1 and media.example."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "scripted server")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("media.example")]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = Path(tmp_path_factory.mktemp("tls")) / "server.pem"
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(private + made.public_bytes(encoding))
    return file


@pytest.fixture
def tls_server(certificate):
    with ScriptedServer(context=tls_context(certificate)) as scripted:
        yield scripted
