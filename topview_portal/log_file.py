"""A log that never stops who writes it: what a full disk does not take is counted, and told afterwards."""

from pathlib import Path

# Logs larger than this (bytes) are set aside at the next start.
LARGEST = 10 * 1024 * 1024


class LogFile:
    """One part's log. Opened for each write: somebody may rotate or remove it meanwhile."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lost = 0

    def write(self, chunk: bytes) -> None:
        """Add to the file. Raises nothing."""
        gap = f"\n... {self._lost} bytes could not be written here ...\n".encode() if self._lost else b""
        try:
            with self.path.open("ab", buffering=0) as file:
                written = file.write(gap + chunk)
        except OSError:
            written = 0
        if written >= len(gap):
            self._lost = 0
        self._lost += len(chunk) - max(written - len(gap), 0)

    def set_aside(self) -> None:
        """Begin a new file when this one has grown large. The one before it is kept."""
        if self.path.exists() and self.path.stat().st_size > LARGEST:
            self.path.replace(self.path.with_suffix(".log.1"))
