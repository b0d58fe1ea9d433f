"""Builds TopView clients from credentials and settings: the only place where a key is decrypted."""

from __future__ import annotations

from django.conf import settings

from tasks import vault
from tasks.models import Credential, Service
from tasks.topview.client import Endpoint, TopViewClient
from tasks.topview.downloads import MEDIA_TYPES, DownloadRules
from tasks.topview.endpoint import LONGEST_PAUSE, REPETITIONS

# A query of the refresh is over after this: whoever hangs must not keep the others from their turn.
_QUICK_SECONDS = 12.0
_PATIENT_SECONDS = 45.0
_QUICK_REPETITIONS = 1


def endpoint_for(credential: Credential, *, is_quick: bool = False) -> Endpoint:
    """Where the credential's service is. Plain http is allowed for the configured sandbox alone."""
    is_sandbox = credential.service == Service.SANDBOX
    proxy = settings.TOPVIEW_PROXY
    return Endpoint(
        base_url=settings.SANDBOX_URL if is_sandbox else settings.TOPVIEW_URL,
        allow_plain_http=is_sandbox,
        proxies={"https": proxy} if proxy and not is_sandbox else {},
        connect_timeout=settings.TOPVIEW_CONNECT_SECONDS,
        read_timeout=settings.TOPVIEW_READ_SECONDS,
        submit_deadline=settings.TOPVIEW_SUBMIT_SECONDS,
        ca_bundle=settings.TOPVIEW_CA_BUNDLE or None,
        read_deadline=_QUICK_SECONDS if is_quick else _PATIENT_SECONDS,
        # The refresh asks again by itself; who is told to wait must not keep a thread from the others.
        repetitions=_QUICK_REPETITIONS if is_quick else REPETITIONS,
        longest_pause=0.0 if is_quick else LONGEST_PAUSE,
    )


def client_for(credential: Credential, *, is_quick: bool = False) -> TopViewClient:
    """A client that acts as the credential. Close it after use. Raises VaultError for a key that is lost."""
    key = vault.decrypt(bytes(credential.encrypted_key))
    return TopViewClient(uid=credential.uid, key=key, endpoint=endpoint_for(credential, is_quick=is_quick))


def download_rules(
    credential: Credential, *, max_bytes: int, media_types: frozenset[str] | None = MEDIA_TYPES
) -> DownloadRules:
    """What may be fetched on behalf of a credential: public https, and the sandbox for its own accounts."""
    endpoint = endpoint_for(credential)
    return DownloadRules(
        max_bytes=max_bytes,
        media_types=media_types,
        addresses=endpoint.files,
        connect_timeout=endpoint.connect_timeout,
        proxies=endpoint.proxies,
        ca_bundle=endpoint.ca_bundle,
    )
