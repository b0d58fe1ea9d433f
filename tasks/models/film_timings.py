"""When stored films show their frames."""

from __future__ import annotations

import uuid
from fractions import Fraction

from django.db import models

from tasks.models.files import Blob


class FilmTiming(models.Model):
    """How `tasks.media.FrameTiming` describes a film's frames, word for word; one for equal bytes.

    `frames` is None where the film was looked at and nothing could be told.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    blob = models.OneToOneField(Blob, on_delete=models.CASCADE, related_name="timing")
    frames = models.PositiveIntegerField(null=True, blank=True)
    rate_numerator = models.PositiveIntegerField(default=0)
    rate_denominator = models.PositiveIntegerField(default=1)
    is_variable = models.BooleanField(default=False)
    first_frame_at = models.FloatField(default=0.0)
    frame_times = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(frames=None) | models.Q(rate_numerator__gt=0, rate_denominator__gt=0),
                name="known_frames_have_a_rate",
            )
        ]

    def __str__(self) -> str:
        return f"frames of {self.blob_id}"

    @property
    def rate(self) -> Fraction:
        """Frames a second, exactly; 0 where nothing could be told."""
        return Fraction(self.rate_numerator, self.rate_denominator)
