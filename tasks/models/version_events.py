"""Who looked at a version, and who took its file."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tasks.models.pieces import Version


class VersionAct(models.TextChoices):
    SEEN = "seen", _("Seen")
    DOWNLOADED = "downloaded", _("Downloaded")


class VersionEvent(models.Model):
    """That one person has done it, when first and when last. Packages have events of their own."""

    id: int
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="events")
    act = models.CharField(max_length=12, choices=VersionAct.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Whoever came by a link, instead of a person.
    guest = models.ForeignKey("tasks.Guest", null=True, on_delete=models.CASCADE, related_name="+")
    person_name = models.CharField(max_length=254)
    at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "act", "person"], name="one_event_per_person"),
            models.UniqueConstraint(fields=["version", "act", "guest"], name="one_event_per_guest"),
            models.CheckConstraint(
                condition=models.Q(person=None) | models.Q(guest=None), name="an_event_is_of_one_person"
            ),
        ]
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.act
