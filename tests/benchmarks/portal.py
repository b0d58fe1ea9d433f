"""`python -m tests.benchmarks.portal`: a scratch portal in a process of its own, filled and served as told.

Each line of standard input is a size (JSON); each line of standard output tells where the portal is served
at that size, by a new server, and which pages it has. It ends with its standard input. So two portals, each
of a checkout of its own, are measured side by side.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

from tests.benchmarks.scratch import scratch
from tests.benchmarks.sizes import Size

if TYPE_CHECKING:
    from tests.benchmarks.filling import Portal


def main() -> None:
    """Until standard input ends; leaves nothing behind."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.portal")
    parser.add_argument("--db", choices=["sqlite", "postgres"], required=True)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # What others write goes where messages go.
    answers, sys.stdout = sys.stdout, sys.stderr
    with scratch(options.db) as folder:
        portal = _portal()
        long_files = _long_files(portal)
        line = sys.stdin.readline()
        while line:
            portal.grow(Size(**json.loads(line)))
            with _served(portal, folder, long_files) as told:
                answers.write(f"{json.dumps(told)}\n")
                answers.flush()
                line = sys.stdin.readline()


def _portal() -> Portal:
    django.setup()
    # Only now are there settings for what these import.
    from tasks.commands.operations.static_files import collect_static
    from tasks.management.preparation import prepare_database
    from tests.benchmarks.filling import Portal

    prepare_database()
    collect_static(lambda _line: None)
    return Portal()


def _long_files(portal: Portal) -> list[dict[str, Any]]:
    from tests.benchmarks.transfers import transfers

    return [asdict(one) for one in transfers(portal.studio)]


@contextmanager
def _served(portal: Portal, folder: Path, long_files: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    from tests.benchmarks.pages import bare_page, pages
    from tests.benchmarks.server import serving
    from tests.benchmarks.visitor import Visitor
    from tests.people import PASSWORD

    with serving(folder) as server:
        visitor = Visitor.who_signs_in(server.port, portal.studio.owners[0].user.email, PASSWORD)
        yield {
            "server": asdict(server),
            "cookie": visitor.cookie,
            "bare": asdict(bare_page()),
            "pages": [asdict(page) for page in pages(portal, visitor)],
            "transfers": long_files,
        }


if __name__ == "__main__":
    main()
