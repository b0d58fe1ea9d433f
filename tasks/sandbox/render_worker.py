"""Renders the jobs of accepted calls, one after the other."""

import json
import logging
import random
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from tasks.sandbox.clock import now
from tasks.sandbox.database import Database
from tasks.sandbox.files import Files
from tasks.sandbox.media import Media
from tasks.sandbox.render import Rendered, RenderError
from tasks.sandbox.render_spec import from_text, to_job
from tasks.sandbox.rendering import Renderer, RenderQueue
from tasks.sandbox.rows import Job, Output, Task
from tasks.sandbox.task_store import TaskStore

logger = logging.getLogger(__name__)


class RenderWorker:
    """Takes job numbers, and writes what was rendered."""

    def __init__(
        self,
        database: Database,
        *,
        task_store: TaskStore,
        files: Files,
        media: Media,
        renderer: Renderer,
        seed: int | None,
    ) -> None:
        self._database = database
        self._task_store = task_store
        self._files = files
        self._media = media
        self._renderer = renderer
        self._seed = seed
        self._queue = RenderQueue(self._render)
        self._stopping = False
        self._tell: Callable[[], None] = lambda: None

    def start(self, tell: Callable[[], None]) -> None:
        """Begin, first with what a former process left; `tell` is called after each render."""
        self._tell = tell
        for number in self._task_store.unrendered():
            self._queue.add(number)
        self._queue.start()

    def add(self, number: int) -> None:
        """Render this job when its turn comes."""
        self._queue.add(number)

    def stop(self) -> None:
        """Stop; a render that was begun is begun again at the next start."""
        self._stopping = True
        self._renderer.close()
        self._queue.stop()

    def _render(self, number: int) -> None:
        job = self._task_store.job(number)
        task = self._task_store.task(job.task_id)
        if task is None or job.finished or job.ending in ("task-fail", "task-failed"):
            return
        into = self._files.folder / "results" / f"{job.id}"
        into.mkdir(parents=True, exist_ok=True)
        seed = random.randrange(2**31) if self._seed is None else self._seed
        try:
            spec = to_job(from_text(job.plan), self._path_of, into=into, seed=seed)
            rendered = self._renderer.render(spec)
        except (RenderError, OSError, ValueError, RuntimeError) as error:
            if not self._stopping:
                logger.warning("sandbox.render_failed", extra={"task": task.id}, exc_info=error)
                words = str(error) if isinstance(error, RenderError) else "the result could not be made"
                self._task_store.note(job.id, error=words)
        else:
            if not self._stopping:
                self._keep(task, job, rendered)
        self._tell()

    def _path_of(self, reference: str) -> Path:
        if reference.startswith("file:"):
            return self._files.get(reference.removeprefix("file:")).path
        return self._media.path(reference)

    def _keep(self, task: Task, job: Job, rendered: list[Rendered]) -> None:
        outputs = []
        with self._database.transaction():
            for one in rendered:
                facts = {"width": one.width, "height": one.height, "seconds": one.seconds}
                file = self._files.keep(task.uid, one.path, task_id=task.id, facts=facts)
                outputs.append(asdict(Output(file.id, one.role, one.width, one.height, one.seconds)))
            self._task_store.note(job.id, outputs=json.dumps(outputs), rendered=now())
