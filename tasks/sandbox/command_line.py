"""The sandbox as a process: `manage.py sandbox`, or `python -m tasks.sandbox`."""

import argparse
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from tasks.sandbox.faults import KINDS, UnknownFault
from tasks.sandbox.rendering import InChild, InProcess, Renderer, Tiny
from tasks.sandbox.sandbox import Sandbox, StoreInUse

RENDERERS = ("child", "thread", "off")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of both command lines."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at")
    parser.add_argument("--port", type=int, default=8900, help="port to listen at; 0 takes a free one")
    parser.add_argument("--store", type=Path, default=Path("var/sandbox"), help="folder of all that stays")
    parser.add_argument("--seconds", type=float, default=6.0, help="how long a task takes at least")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME[=VALUE][@SCOPE][:NEXT]",
        help=f"set a fault from the start; may be repeated. Names: {', '.join(KINDS)}",
    )
    parser.add_argument(
        "--render",
        choices=RENDERERS,
        default="child",
        help="where results are rendered; off: tiny ones made once, for load tests",
    )
    parser.add_argument("--result-link", type=int, default=24 * 3600, help="seconds a result's address lives")
    parser.add_argument("--upload-link", type=int, default=3600, help="seconds an upload's address lives")
    parser.add_argument(
        "--allow-callbacks-anywhere", action="store_true", help="post callbacks to more than loopback"
    )
    parser.add_argument("--parent-pid", type=int, help="stop when this process is gone")
    parser.add_argument("--noisy", action="store_true", help="log every request")


def run(options: dict[str, Any]) -> int:
    """Serve until SIGTERM or SIGINT; the exit code."""
    logging.basicConfig(level=logging.INFO if options["noisy"] else logging.WARNING)
    sandbox = Sandbox(
        options["store"],
        host=options["host"],
        port=options["port"],
        seconds=options["seconds"],
        renderer=_renderer(options["render"], options["store"]),
        result_link=options["result_link"],
        upload_link=options["upload_link"],
        callbacks_anywhere=options["allow_callbacks_anywhere"],
        noisy=options["noisy"],
    )
    stopping = _stop_on_signals()
    try:
        sandbox.start()
    except StoreInUse as problem:
        return _refused(str(problem))
    except OSError as problem:
        return _refused(f"can't listen at {options['host']}:{options['port']}: {problem.strerror}")
    try:
        if sandbox.state is not None:
            for text in options["fault"]:
                sandbox.state.faults.set(**parsed_fault(text))
    except UnknownFault as problem:
        sandbox.stop()
        return _refused(str(problem))
    print(f"TopView sandbox at {sandbox.base_url}", flush=True)  # noqa: T201
    while not stopping.wait(1.0):
        if options["parent_pid"] and not _is_alive(options["parent_pid"]):
            break
    sandbox.stop()
    return 0


def parsed_fault(text: str) -> dict[str, Any]:
    """`name[=value][@scope][:next]` as the arguments of `Faults.set`. Raises UnknownFault."""
    head, _, times = text.partition(":")
    head, _, scope = head.partition("@")
    name, _, value = head.partition("=")
    if times and not times.isdigit():
        raise UnknownFault(f"{text}: the number of calls must be a whole number")
    return {
        "name": name,
        "scope": scope or "global",
        "times": int(times) if times else None,
        "value": value or None,
    }


def _renderer(name: str, store: Path) -> Renderer:
    if name == "thread":
        return InProcess()
    return Tiny(InChild(), store / "tiny") if name == "off" else InChild()


def _stop_on_signals() -> threading.Event:
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    return stopping


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _refused(words: str) -> int:
    print(f"The sandbox can't start: {words}", file=sys.stderr)  # noqa: T201
    return 1
