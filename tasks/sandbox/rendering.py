"""Runs renders beside the HTTP side, so that a busy encoder never delays an answer."""

import concurrent.futures
import logging
import multiprocessing
import os
import queue
import shutil
import signal
import threading
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from typing import Any, ParamSpec, Protocol, TypeVar

from tasks.sandbox import render as render_package
from tasks.sandbox.render import Rendered, RenderError, RenderJob

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

# One for tasks, which come one at a time, and one for catalog pictures that a page waits for.
CHILDREN = 2


class Renderer(Protocol):
    """Makes real files from a job. Both methods raise RenderError."""

    def render(self, job: RenderJob) -> list[Rendered]:
        """All files of a job."""

    def catalog_media(self, kind: str, entry: dict[str, Any], name: str, into: Path) -> Path:
        """The file behind `/sandbox/media/<kind>/<name>`, made as `into/name`."""

    def close(self) -> None:
        """End whatever helps."""


class InProcess:
    """Renders in the calling thread."""

    def render(self, job: RenderJob) -> list[Rendered]:
        return render_package.render(job)

    def catalog_media(self, kind: str, entry: dict[str, Any], name: str, into: Path) -> Path:
        return render_package.catalog_media(kind, entry, name, into)

    def close(self) -> None:
        pass


class InChild:
    """Renders in a child process, which is started with the first job and again after a crash."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: concurrent.futures.ProcessPoolExecutor | None = None

    def render(self, job: RenderJob) -> list[Rendered]:
        return self._run(render_package.render, job)

    def catalog_media(self, kind: str, entry: dict[str, Any], name: str, into: Path) -> Path:
        return self._run(render_package.catalog_media, kind, entry, name, into)

    def close(self) -> None:
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            children = list((pool._processes or {}).values())
            pool.shutdown(wait=False, cancel_futures=True)
            for child in children:
                child.terminate()

    def _run(self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        try:
            return self._alive().submit(work, *arguments, **named).result()
        except (BrokenProcessPool, concurrent.futures.CancelledError) as error:
            with self._lock:
                self._pool = None
            raise RenderError("The renderer's process has died.") from error

    def _alive(self) -> concurrent.futures.ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                self._pool = concurrent.futures.ProcessPoolExecutor(
                    max_workers=CHILDREN,
                    mp_context=multiprocessing.get_context("spawn"),
                    initializer=_die_with_the_parent,
                )
            return self._pool


class Tiny:
    """For load tests: one small result per product and aspect, rendered once and copied from then on.

    The same for the catalogs: one picture, clip and sample of each.
    """

    def __init__(self, renderer: Renderer, cache: Path) -> None:
        self._renderer = renderer
        self._cache = cache
        self._lock = threading.Lock()

    def render(self, job: RenderJob) -> list[Rendered]:
        made = self._made(job)
        copies = [job.into / f"{number + 1}-{made.path.name}" for number in range(job.count)]
        return [replace(made, path=Path(shutil.copyfile(made.path, copy))) for copy in copies]

    def catalog_media(self, kind: str, entry: dict[str, Any], name: str, into: Path) -> Path:
        known = self._cache / f"catalog-{kind}{Path(name).suffix}"
        with self._lock:
            if not known.exists():
                self._cache.mkdir(parents=True, exist_ok=True)
                self._renderer.catalog_media(kind, entry, name, into).replace(known)
        return Path(shutil.copyfile(known, into / name))

    def close(self) -> None:
        self._renderer.close()

    def _made(self, job: RenderJob) -> Rendered:
        folder = self._cache / f"{job.product}-{job.aspect.replace(':', 'x') or 'any'}"
        with self._lock:
            known = _KNOWN.get(folder)
            if known is None or not known.path.exists():
                folder.mkdir(parents=True, exist_ok=True)
                known = _KNOWN[folder] = self._renderer.render(_small(job, folder))[0]
            return known


_KNOWN: dict[Path, Rendered] = {}


def _small(job: RenderJob, into: Path) -> RenderJob:
    speaks = job.product in ("talking", "speech", "voice-sample", "marketing")
    return RenderJob(
        product=job.product,
        into=into,
        pictures=job.pictures,
        video=job.video,
        text="Sandbox" if speaks else "",
        aspect=job.aspect,
        seconds=1.0,
        label="Sandbox",
    )


class RenderQueue:
    """Jobs by number, worked off by one thread; `work` renders one, and never raises."""

    def __init__(self, work: Callable[[int], None]) -> None:
        self._work = work
        self._numbers: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="sandbox-render", daemon=True)
        self._stopping = False

    def start(self) -> None:
        self._thread.start()

    def add(self, number: int) -> None:
        """Render this job when its turn comes."""
        self._numbers.put(number)

    def stop(self) -> None:
        """Leave the rest; a job that wasn't rendered is queued again at the next start."""
        self._stopping = True
        self._numbers.put(None)
        if self._thread.is_alive():
            self._thread.join(10)

    def _run(self) -> None:
        while (number := self._numbers.get()) is not None and not self._stopping:
            self._work(number)


def _die_with_the_parent() -> None:
    def watch() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    # Not PR_SET_PDEATHSIG: it fires when the *thread* that started the child ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=watch, daemon=True).start()
