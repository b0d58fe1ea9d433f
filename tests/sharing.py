"""Links for guests, and browsers that they have let in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tasks.commands.guests.links import Terms, make_link, token_of
from tasks.models import Identification, Membership, ShareLink, Version
from tests.people import make_blob

LINK_PASSWORD = "a word between us"


def share(member: Membership, *versions: Version, **terms: Any) -> ShareLink:
    """A link to the pieces of these versions for 30 days; nobody is asked who they are unless `terms` say."""
    usual = {
        "name": "Autumn films",
        "expires_at": timezone.now() + timedelta(days=30),
        "identification": Identification.NONE,
    }
    pieces = [version.piece for version in versions]
    return make_link(membership=member, pieces=pieces, terms=Terms(**{**usual, **terms}))


def address_of(link: ShareLink) -> str:
    """What a guest is sent."""
    token = token_of(link)
    assert token is not None
    return reverse("share-open", args=[token.reveal()])


def guest_of(link: ShareLink, **options: Any) -> Client:
    """A browser that has opened the link."""
    client = Client(**options)
    answer = client.post(address_of(link))
    assert answer.status_code == 303 and answer["Location"] == reverse("guest-list", args=[link.pk])
    return client


def give_bytes(version: Version, content: bytes, media_type: str = "video/mp4") -> None:
    """Let what was sent for review, and its task's result, be these bytes."""
    blob = make_blob(version.workspace, content, media_type)
    Version.objects.filter(pk=version.pk).update(blob=blob)
    version.output.blob = blob
    version.output.save()
    version.refresh_from_db()


def body_of(answer: Any) -> bytes:
    """What was sent, however."""
    return b"".join(answer.streaming_content) if answer.streaming else answer.content
