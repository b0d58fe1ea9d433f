"""`manage.py rotate_keys`: encrypt credentials and links with the first key of VAULT_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tasks.commands.accounts.credentials import rotate_keys
from tasks.commands.guests.links import rotate_links


class Command(BaseCommand):
    """After it, the older keys of the vault are needed for nothing but old backups."""

    help = (
        "Encrypt credentials and links with the first key of VAULT_KEYS, so that older keys can be dropped."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate, say how many, and fail when some could not be opened."""
        rotated, lost = rotate_keys()
        self.stdout.write(f"Encrypted with the first key: {rotated + rotate_links()}.")
        if lost:
            names = ", ".join(f"{credential.name} ({credential.workspace})" for credential in lost)
            raise CommandError(f"No key of VAULT_KEYS opens these; keep the older keys: {names}")
