"""What people change about themselves."""

from __future__ import annotations

from tasks.models import User


def change_profile(*, user: User, name: str, time_zone: str, language: str) -> None:
    """Write the person's name, time zone and language, and nothing else."""
    user.name, user.time_zone, user.language = name, time_zone, language
    user.save(update_fields=["name", "time_zone", "language"])
