"""Arms the checkpoints of real processes: each fires once, for one call, and its file is then gone."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from tasks.commands.runtime.failpoints import DIE, arm_path


class Arms:
    """A folder that the processes of a test look into at every checkpoint."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    @property
    def variables(self) -> dict[str, str]:
        """What a process must be told to look here."""
        return {"TOPVIEW_PORTAL_CHECKPOINTS": str(self.folder)}

    def arm(self, name: str, task_id: UUID, step: str, *, action: str = DIE) -> None:
        """Have the process that works on this call die, or halt, at the checkpoint."""
        path = arm_path(self.folder, name, task_id, step)
        fresh = path.with_name(f".{path.name}")
        fresh.write_text(action)
        fresh.rename(path)

    def left(self, *starts: str) -> list[str]:
        """Those that have not fired yet, of all or of those that begin so."""
        names = sorted(path.name for path in self.folder.iterdir() if not path.name.startswith("."))
        return [name for name in names if name.startswith(starts or ("",))]
