"""What the store remembers about itself."""

import secrets

from tasks.sandbox.database import Database


class Settings:
    """The signing secret, and how long tasks take."""

    def __init__(self, database: Database, seconds: float) -> None:
        self._database = database
        self.set_seconds(seconds)

    @property
    def secret(self) -> bytes:
        """Signs addresses; made once for a store, so that they outlive a restart."""
        fresh = secrets.token_hex(32)
        self._database.change("INSERT OR IGNORE INTO setting (name, value) VALUES ('secret', ?)", fresh)
        return bytes.fromhex(self._database.value("SELECT value FROM setting WHERE name = 'secret'"))

    def seconds(self, operation: str | None = None) -> float:
        """How long a task of this operation takes at least."""
        sql = "SELECT value FROM setting WHERE name = ?"
        own = self._database.value(sql, f"seconds:{operation}") if operation else None
        return float(own if own is not None else self._database.value(sql, "seconds"))

    def set_seconds(self, seconds: float, operation: str | None = None) -> None:
        """Change it, for all operations or for one."""
        name = f"seconds:{operation}" if operation else "seconds"
        self._database.change(
            "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", name, str(seconds)
        )
