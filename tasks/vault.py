"""Encrypts and decrypts the secrets that rest in the database; nothing else does.

The keys are Fernet keys in `settings.TOPVIEW_PORTAL_VAULT_KEYS`. The first encrypts; all decrypt, so that a
new key can be put in front, the rows rotated, and the old key dropped.
"""

from __future__ import annotations

import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from tasks.secret import Secret


class VaultError(Exception):
    """The keys are missing or malformed, or none of them opens the token."""


def encrypt(secret: Secret) -> bytes:
    """The secret under the first key."""
    return _keys().encrypt(secret.reveal().encode())


def decrypt(token: bytes | memoryview) -> Secret:
    """The secret in a token made by `encrypt`; VaultError when no key opens it."""
    try:
        return Secret(_keys().decrypt(bytes(token)).decode())
    except InvalidToken:
        raise _locked() from None


def rotate(token: bytes | memoryview) -> bytes:
    """The same secret under the first key; VaultError when no key opens the token."""
    try:
        return _keys().rotate(bytes(token))
    except InvalidToken:
        raise _locked() from None


def fingerprints() -> list[str]:
    """A name for each key that can be shown: nobody finds the key by it."""
    return [_fingerprint(key) for key in settings.TOPVIEW_PORTAL_VAULT_KEYS]


def fingerprint_of(token: bytes | memoryview) -> str:
    """The name of the key that opens the token; empty when none does."""
    for key in settings.TOPVIEW_PORTAL_VAULT_KEYS:
        try:
            Fernet(key).decrypt(bytes(token))
        except (InvalidToken, ValueError):
            continue
        return _fingerprint(key)
    return ""


def _fingerprint(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:12]


def _locked() -> VaultError:
    return VaultError(
        "None of the vault's keys opens this secret: a key is missing, or the secret was damaged. "
        "Put the key that was in use before back into VAULT_KEYS, or enter the secret again."
    )


def _keys() -> MultiFernet:
    keys: list[str] = settings.TOPVIEW_PORTAL_VAULT_KEYS
    if not keys:
        raise VaultError("The vault has no key: set VAULT_KEYS.")
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError:
        # The reason of the library is left out: some of its messages quote the key.
        raise VaultError("A key of the vault is no Fernet key (32 bytes in URL-safe base64).") from None
