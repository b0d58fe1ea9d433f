"""What people change about themselves."""

from __future__ import annotations

from tasks.models import User


def change_profile(*, user: User, name: str, time_zone: str, language: str | None = None) -> None:
    """Write the person's name, time zone and language, and nothing else. None leaves the language."""
    user.name, user.time_zone = name, time_zone
    if language is not None:
        user.language = language
    user.save(update_fields=["name", "time_zone", "language"])
