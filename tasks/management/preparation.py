"""The tables, which have to be there before the parts start."""

import re

from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections


def prepare_database() -> None:
    """Bring the tables up to date, and make the one that the cache uses.

    Raises CommandError with the name of the setting when the database cannot be used.
    """
    try:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
    except DatabaseError as error:
        first = str(error).strip().splitlines() or [type(error).__name__]
        # Without hosts, names of people and whatever else it quotes.
        words = re.sub(r'"[^"]*"', '"…"', first[0])
        raise CommandError(f"The database that DATABASE_URL names cannot be used: {words}") from error
    finally:
        connections.close_all()
