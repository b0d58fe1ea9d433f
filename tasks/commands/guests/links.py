"""What members do with links: make, change, revoke, and copy their address again."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks import vault
from tasks.audit import Verb, record
from tasks.commands.guests.copies import ask_copies
from tasks.commands.guests.events import note
from tasks.commands.refusals import NotPossible
from tasks.models import (
    DownloadRight,
    Follows,
    Identification,
    LinkAct,
    Membership,
    Piece,
    ShareItem,
    ShareLink,
    User,
)
from tasks.models.share_links import newest_of
from tasks.secret import Secret
from tasks.vault import VaultError

# 192 bits: nobody guesses one.
_TOKEN_BYTES = 24
# The rest is asked for when a guest looks at it.
_MOST_PREPARED = 20


@dataclass(frozen=True)
class Terms:
    """What a link allows. A password of None leaves the present one, an empty one takes it away."""

    name: str
    expires_at: datetime | None
    password: str | None = None
    may_comment: bool = False
    may_decide: bool = False
    download: DownloadRight = DownloadRight.NONE
    identification: Identification = Identification.NAME
    has_watermark: bool = False
    follows: Follows = Follows.NEWEST


def digest_of(token: str) -> str:
    """By which a token is found: no comparison of secrets takes longer for a better guess."""
    return sha256(token.encode()).hexdigest()


def make_link(*, membership: Membership, pieces: Sequence[Piece], terms: Terms) -> ShareLink:
    """A link to these pieces of the workspace, as they stand now.

    Raises NotPossible when none of them has a version, or the terms do not go together.
    """
    terms = _checked(terms, membership)
    token = Secret(secrets.token_urlsafe(_TOKEN_BYTES))
    with transaction.atomic():
        link = ShareLink.objects.create(
            workspace=membership.workspace,
            made_by=membership.user,
            token_digest=digest_of(token.reveal()),
            token_encrypted=vault.encrypt(token),
            **_columns(terms),
        )
        if not _fill(link, pieces):
            raise NotPossible(_("Choose at least one piece that is in review or was decided on."))
        _told(LinkAct.MADE, Verb.LINK_MADE, link, membership.user)
    _prepare(link)
    return link


def change_link(*, link: ShareLink, membership: Membership, pieces: Sequence[Piece], terms: Terms) -> None:
    """Change what it allows and shows. Whoever is in by it has to open it once more. Raises NotPossible."""
    terms = _checked(terms, membership, was_endless=link.expires_at is None)
    with transaction.atomic():
        held = ShareLink.objects.select_for_update(no_key=True).get(pk=link.pk)
        if held.revoked_at:
            raise NotPossible(_("This link was revoked: make a new one."))
        ShareLink.objects.filter(pk=link.pk).update(epoch=F("epoch") + 1, **_columns(terms))
        wanted = {piece.pk for piece in pieces}
        ShareItem.objects.filter(link=held).exclude(piece__in=wanted).delete()
        if not _fill(held, pieces):
            raise NotPossible(_("Choose at least one piece that is in review or was decided on."))
        _told(LinkAct.CHANGED, Verb.LINK_CHANGED, held, membership.user)
    _prepare(ShareLink.objects.get(pk=link.pk))


def revoke_links(*, links: Iterable[ShareLink], actor: User) -> int:
    """End them now, for good; how many of them were not ended before."""
    count = 0
    with transaction.atomic():
        for link in ShareLink.objects.select_for_update(no_key=True).filter(pk__in=[one.pk for one in links]):
            if link.revoked_at is None:
                ShareLink.objects.filter(pk=link.pk).update(revoked_at=timezone.now(), epoch=F("epoch") + 1)
                _told(LinkAct.REVOKED, Verb.LINK_REVOKED, link, actor)
                count += 1
    return count


def end_links_after_restore() -> int:
    """End every open link, since any of them may have been ended after the backup was made; how many."""
    now = timezone.now()
    is_open = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=now))
    links = list(ShareLink.objects.filter(is_open).select_related("workspace"))
    for link in links:
        ended = {"revoked_at": now, "ended_by_restore": True, "epoch": F("epoch") + 1}
        ShareLink.objects.filter(pk=link.pk).update(**ended)
        note(LinkAct.ENDED_BY_RESTORE, link)
        facts = {"link": link.name, "by": "restore"}
        record(Verb.LINK_REVOKED, actor=None, workspace=link.workspace, subject=link, **facts)
    return len(links)


def reopen_link(*, link: ShareLink, actor: User) -> None:
    """Open one again that a restore has ended, under its old address. Raises NotPossible for any other."""
    with transaction.atomic():
        ended = ShareLink.objects.filter(pk=link.pk, ended_by_restore=True)
        if not ended.update(revoked_at=None, ended_by_restore=False, epoch=F("epoch") + 1):
            raise NotPossible(_("This link was not ended by a restore: make a new one."))
        _told(LinkAct.REOPENED, Verb.LINK_REOPENED, link, actor)


def token_of(link: ShareLink) -> Secret | None:
    """What its address ends with, to be copied again; None when the vault has no key for it any more."""
    try:
        return vault.decrypt(link.token_encrypted)
    except VaultError:
        return None


def rotate_links() -> int:
    """Encrypt every token with the vault's first key: how many. One that no key opens stays as it is."""
    rotated = 0
    for link in ShareLink.objects.only("token_encrypted"):
        seen = bytes(link.token_encrypted)
        try:
            token = vault.rotate(seen)
        except VaultError:
            continue
        rotated += ShareLink.objects.filter(pk=link.pk, token_encrypted=seen).update(token_encrypted=token)
    return rotated


def _checked(terms: Terms, membership: Membership, *, was_endless: bool = False) -> Terms:
    if terms.expires_at is None and not (membership.may_administer or was_endless):
        raise NotPossible(_("Only an admin may make a link that never ends."))
    if terms.may_comment and terms.identification == Identification.NONE:
        raise NotPossible(_("Guests who comment have to say who they are."))
    if terms.may_decide and terms.identification != Identification.MAIL:
        raise NotPossible(_("Guests who decide have to prove their mail address."))
    if terms.has_watermark and terms.download == DownloadRight.ORIGINAL:
        raise NotPossible(_("The original has no watermark: offer no downloads, or a preview."))
    return replace(terms, name=terms.name[:120])


def _columns(terms: Terms) -> dict[str, object]:
    columns = {name: value for name, value in vars(terms).items() if name != "password"}
    if terms.password is not None:
        columns["password"] = make_password(terms.password) if terms.password else ""
    return columns


def _fill(link: ShareLink, pieces: Sequence[Piece]) -> bool:
    """Put the pieces there that are not yet; whether the link has any then."""
    ids: list[UUID] = [piece.pk for piece in pieces]
    rows = Piece.objects.filter(pk__in=ids, workspace=link.workspace_id)
    rows = rows.annotate(newest=Subquery(newest_of(OuterRef("pk"))[:1]))
    for piece, version in rows.exclude(newest=None).values_list("pk", "newest"):
        ShareItem.objects.get_or_create(link=link, piece_id=piece, defaults={"version_id": version})
    return link.items.exists()


def _prepare(link: ShareLink) -> None:
    if link.download == DownloadRight.PREVIEW:
        rows = link.versions().select_related("blob__preview", "output__poster")
        ask_copies(list(rows[:_MOST_PREPARED]))


def _told(act: LinkAct, verb: Verb, link: ShareLink, actor: User) -> None:
    note(act, link, who=str(actor))
    record(verb, actor=actor, workspace=link.workspace, subject=link, link=link.name)
