"""Links by which guests, who have no account, see pieces of a workspace."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tasks.models.people import Workspace
from tasks.models.pieces import Piece, Version, VersionState


class DownloadRight(models.TextChoices):
    """What a guest may keep. What is shown in a page can be kept by whoever knows how, whatever this says."""

    NONE = "none", _("No downloads")
    PREVIEW = "preview", _("A small preview")
    ORIGINAL = "original", _("The original file")


class Identification(models.TextChoices):
    """What a guest says of themselves before anything is shown."""

    NONE = "none", _("Nobody is asked")
    NAME = "name", _("They give a name")
    MAIL = "mail", _("They prove a mail address with a code")


class Follows(models.TextChoices):
    NEWEST = "newest", _("Always the newest version")
    PINNED = "pinned", _("The versions of now")


def newest_of(piece: models.OuterRef) -> models.QuerySet[Version, Any]:
    """Ids of a piece's versions, the one that guests are shown first: an older one can be sent again.

    None that was taken out of review, and one that was superseded only where there is no other.
    """
    rows = Version.objects.filter(piece=piece).exclude(state=VersionState.RECALLED)
    return rows.order_by(
        models.Case(models.When(state=VersionState.SUPERSEDED, then=1), default=0), "-sent_at", "-number"
    ).values("pk")


class ShareLink(models.Model):
    """A link and what it allows. Every change raises `epoch`, which ends the sessions that it opened before.

    The token itself is found by its digest, and kept encrypted so that the address can be copied again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="share_links")
    name = models.CharField(max_length=120)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="share_links"
    )
    token_digest = models.CharField(max_length=64, unique=True)
    token_encrypted = models.BinaryField()
    # None only where an admin has said so.
    expires_at = models.DateTimeField(null=True, blank=True)
    password = models.CharField(max_length=128, blank=True)
    may_comment = models.BooleanField(default=False)
    may_decide = models.BooleanField(default=False)
    download = models.CharField(max_length=8, choices=DownloadRight.choices, default=DownloadRight.NONE)
    identification = models.CharField(
        max_length=4, choices=Identification.choices, default=Identification.NAME
    )
    has_watermark = models.BooleanField(default=False)
    follows = models.CharField(max_length=6, choices=Follows.choices, default=Follows.NEWEST)
    epoch = models.PositiveIntegerField(default=1)
    revoked_at = models.DateTimeField(null=True, blank=True)
    # By nobody's wish: it may have been ended since the backup was made. Only such a one is opened again.
    ended_by_restore = models.BooleanField(default=False)
    # In steps of some minutes.
    last_used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(may_decide=False) | Q(identification=Identification.MAIL),
                name="deciding_guests_prove_their_mail",
            ),
            models.CheckConstraint(
                condition=Q(may_comment=False) | ~Q(identification=Identification.NONE),
                name="commenting_guests_say_who_they_are",
            ),
            models.CheckConstraint(
                condition=Q(has_watermark=False) | ~Q(download=DownloadRight.ORIGINAL),
                name="no_originals_beside_a_watermark",
            ),
            models.CheckConstraint(
                condition=Q(ended_by_restore=False) | ~Q(revoked_at=None),
                name="what_a_restore_ended_is_revoked",
            ),
        ]
        indexes = [models.Index(fields=["workspace", "-created_at", "-id"], name="share_link_list")]

    def __str__(self) -> str:
        return self.name

    def has_ended(self, now: datetime) -> bool:
        return self.revoked_at is not None or (self.expires_at is not None and self.expires_at <= now)

    def versions(self) -> models.QuerySet[Version]:
        """What it shows: of each piece one version, unless that was taken out of review."""
        if self.follows == Follows.PINNED:
            return Version.objects.exclude(state=VersionState.RECALLED).filter(share_items__link=self)
        shown = newest_of(models.OuterRef("piece"))[:1]
        return Version.objects.filter(pk=models.Subquery(shown), piece__share_items__link=self)


class ShareItem(models.Model):
    """One piece of a link, and the version that was the newest when it was put there."""

    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="items")
    piece = models.ForeignKey(Piece, on_delete=models.CASCADE, related_name="share_items")
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="share_items")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "piece"], name="a_piece_once_in_a_link")]

    def __str__(self) -> str:
        return f"{self.piece_id} in {self.link_id}"


class Guest(models.Model):
    """Somebody who came by a link. Never an account: what they do is bound to that link."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="guests")
    name = models.CharField(max_length=120)
    mail = models.EmailField(blank=True)
    # When they showed that the address is theirs.
    verified_at = models.DateTimeField(null=True, blank=True)
    # Of the last code that was mailed; the code itself is made of these.
    code_asked_at = models.DateTimeField(null=True, blank=True)
    code_tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verified_at=None) | ~Q(mail=""), name="only_a_mail_address_is_verified"
            ),
            models.UniqueConstraint(
                fields=["link", "mail"], condition=~Q(verified_at=None), name="a_guest_once_in_a_link"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.mail

    @property
    def signature(self) -> str:
        """The name, with the address where it was proved, in the length that rows keep."""
        return (f"{self.name} <{self.mail}>" if self.verified_at else self.name)[:254]


class GuestSession(models.Model):
    """One browser that a link has let in, known by a cookie of which only the digest is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    digest = models.CharField(max_length=64, unique=True)
    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="sessions")
    guest = models.ForeignKey(
        Guest, null=True, blank=True, on_delete=models.SET_NULL, related_name="sessions"
    )
    # Of the link when it was opened.
    epoch = models.PositiveIntegerField()
    gave_password = models.BooleanField(default=False)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="guest_session_by_end")]

    def __str__(self) -> str:
        return f"session of {self.link_id}"

    def is_current(self, link: ShareLink, now: datetime) -> bool:
        """Whether it still counts for the link as that stands."""
        return self.link_id == link.pk and self.epoch == link.epoch and self.expires_at > now

    @property
    def needs_password(self) -> bool:
        return bool(self.link.password) and not self.gave_password

    @property
    def needs_identity(self) -> bool:
        """Whether the guest has to say yet, or to prove, who they are."""
        asked = self.link.identification
        if asked == Identification.NONE:
            return False
        return self.guest is None or (asked == Identification.MAIL and self.guest.verified_at is None)


class LinkAct(models.TextChoices):
    MADE = "made", _("Made")
    CHANGED = "changed", _("Changed")
    REVOKED = "revoked", _("Revoked")
    ENDED_BY_RESTORE = "restore-end", _("Ended by a restore")
    REOPENED = "reopened", _("Opened again")
    OPENED = "opened", _("Opened")
    REFUSED = "refused", _("Wrong password")
    CODE_SENT = "code-sent", _("Code mailed")
    CODE_REFUSED = "code-refused", _("Wrong code")
    IDENTIFIED = "identified", _("Said who they are")
    SEEN = "seen", _("Watched")
    DOWNLOADED = "downloaded", _("Downloaded")
    COMMENTED = "commented", _("Commented")
    DECIDED = "decided", _("Decided")


class LinkEvent(models.Model):
    """What happened with a link. Never edited; forgotten after some months."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="events")
    act = models.CharField(max_length=12, choices=LinkAct.choices)
    # What people read of who it was, guest or member; and the network, not the address.
    who = models.CharField(max_length=254, blank=True)
    network = models.CharField(max_length=50, blank=True)
    session = models.UUIDField(null=True, blank=True)
    version = models.ForeignKey(
        Version, null=True, blank=True, on_delete=models.CASCADE, related_name="link_events"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["link", "-at"], name="link_events_of_link"),
            models.Index(fields=["session", "version", "-at"], name="link_events_of_session"),
            models.Index(fields=["at"], name="link_events_by_age"),
        ]

    def __str__(self) -> str:
        return self.act

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises TypeError for one that stands already."""
        if not self._state.adding:
            raise TypeError("an event is never edited")
        super().save(*args, **kwargs)


class GuestAttempt(models.Model):
    """One thing that strangers may try only so often. It counts as failed until it has succeeded."""

    # What it was tried on, and from where: keyed digests, to count by.
    target = models.CharField(max_length=64)
    source = models.CharField(max_length=64)
    succeeded = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["target", "source", "-at"], name="guest_attempts_from_there"),
            models.Index(fields=["target", "-at"], name="guest_attempts_from_all"),
            models.Index(fields=["at"], name="guest_attempts_by_age"),
        ]

    def __str__(self) -> str:
        return "in" if self.succeeded else "refused"
