"""What people say about versions."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tasks.models.people import User, Workspace
from tasks.models.pieces import Version

LONGEST_COMMENT = 5_000
# A place on a picture is told in parts of its width and height.
PLACES = 10_000


class Visibility(models.TextChoices):
    TEAM = "team", gettext_lazy("The team")
    EVERYONE = "everyone", gettext_lazy("Everyone, guests too")


def sentence_digest(text: str) -> str:
    """By which a sentence of one version's script is told from another's in the same place."""
    return hashlib.sha256(text.encode()).hexdigest()


def commented_sentence(comment: Comment, sentences: Sequence[str]) -> str:
    """The words that a comment is about, of a script's sentences; "" for none, or where they are others."""
    number = comment.sentence
    if number is None or number >= len(sentences):
        return ""
    words = sentences[number]
    return words if sentence_digest(words) == comment.sentence_digest else ""


class Comment(models.Model):
    """A remark on a version, or a reply to one. Its id comes with the form: sent twice, it is written once.

    `frame_in` and `frame_out` count frames from 0, hundredths of a second where there is only sound; `x` and
    `y` are a point of the picture in `PLACES`; `sentence` counts the script's from 0. `drawing` is what
    `read_drawing` lets through. A deleted one keeps its place, without its words.
    """

    id = models.UUIDField(primary_key=True, editable=False, default=uuid.uuid4)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="comments")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="replies"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="comments"
    )
    # Whoever came by a link, instead of an author.
    guest = models.ForeignKey(
        "tasks.Guest", null=True, blank=True, on_delete=models.SET_NULL, related_name="comments"
    )
    body = models.TextField(max_length=LONGEST_COMMENT)
    frame_in = models.PositiveIntegerField(null=True, blank=True)
    frame_out = models.PositiveIntegerField(null=True, blank=True)
    sentence = models.PositiveIntegerField(null=True, blank=True)
    # Of the sentence's words: those of another version's script may be others.
    sentence_digest = models.CharField(max_length=64, blank=True)
    x = models.PositiveSmallIntegerField(null=True, blank=True)
    y = models.PositiveSmallIntegerField(null=True, blank=True)
    drawing = models.JSONField(null=True, blank=True)
    visibility = models.CharField(max_length=8, choices=Visibility.choices, default=Visibility.TEAM)
    mentions: models.ManyToManyField[User, Any] = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="mentioned_in", blank=True
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # The version's revision that its last change made.
    revision = models.PositiveIntegerField(default=0)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(author=None) | Q(guest=None), name="a_comment_has_one_writer"),
            models.CheckConstraint(
                condition=Q(frame_out=None) | Q(frame_in__isnull=False, frame_in__lte=models.F("frame_out")),
                name="a_range_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(x=None, y=None)
                | Q(x__isnull=False, y__isnull=False, x__lte=PLACES, y__lte=PLACES),
                name="a_point_has_two_numbers",
            ),
            # A reply stands at its comment's place.
            models.CheckConstraint(
                condition=Q(parent=None)
                | Q(frame_in=None, sentence=None, x=None, drawing__isnull=True, resolved_at=None),
                name="a_reply_has_no_place",
            ),
            models.CheckConstraint(
                condition=~Q(body="") | Q(deleted_at__isnull=False), name="only_deleted_comments_are_empty"
            ),
        ]
        indexes = [models.Index(fields=["version", "created_at"], name="comment_thread")]
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return f"comment {self.pk}"

    @property
    def writer(self) -> str:
        """Who wrote it, as people read it; "" where that was a member who is gone."""
        if self.guest is not None:
            return _("%(name)s (guest)") % {"name": self.guest}
        return str(self.author or "")

    @property
    def is_for_everyone(self) -> bool:
        return self.visibility == Visibility.EVERYONE
