"""The signs of life of the portal's own parts, and what the web side makes of them.

A worker beats every three seconds, its scheduler after each look at the schedules (every 30 seconds or so),
the refresh loop every turn. A part counts as silent after `SILENT_SECONDS`, and pages keep what they found
for five seconds more: whatever dies is noticed within a minute.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import DateTimeField, Func
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy

from tasks.commands.accounts.circuit_breaker import PROBE_SECONDS
from tasks.commands.runtime.clock_offset import TOLERANCE, has_clock
from tasks.commands.runtime.disk import Disk, Room, disks
from tasks.commands.runtime.queue import MAIN_CLUSTER, REFRESH_CLUSTER
from tasks.models import Circuit, Heartbeat, Mail, MailTrouble

SILENT_SECONDS = 50.0
JOBS = f"{Heartbeat.CANARY}{MAIN_CLUSTER}"
# What the living workers, all together, must keep going.
PARTS = (JOBS, f"{Heartbeat.CANARY}{REFRESH_CLUSTER}", Heartbeat.REFRESH, Heartbeat.SCHEDULER)


@dataclass(frozen=True)
class Node:
    """A worker as it last spoke of itself."""

    name: str
    at: datetime
    is_alive: bool
    machine: str
    since: datetime
    clusters: tuple[dict[str, Any], ...]
    disks: tuple[Disk, ...]
    clock_ahead: float = 0.0  # seconds before the database's clock, or before ours where it has none

    @property
    def is_busy(self) -> bool:
        """Whether each of its processes that submit and save has a job."""
        main = [cluster for cluster in self.clusters if cluster["name"] == MAIN_CLUSTER]
        return bool(main) and all(cluster["busy"] >= cluster["workers"] for cluster in main)


@dataclass(frozen=True)
class MachineDisk:
    """A disk, and the machine it is in; none: the web server's own."""

    machine: str
    disk: Disk


class WrongClock(NamedTuple):
    """A machine (none: the web server's own) whose clock is so many seconds ahead, or behind if negative."""

    machine: str
    seconds: float

    @property
    def is_wrong(self) -> bool:
        """Whether it differs so much that people see wrong times."""
        return abs(self.seconds) > TOLERANCE


class Silence(NamedTuple):
    """A host that does not answer: since when, and when it is asked again."""

    host: str
    since: datetime
    until: datetime


# Mail that has waited for longer says that nobody sends it.
_MAIL_LATE = timedelta(minutes=10)


@dataclass(frozen=True)
class MailSigns:
    """Whether mail works: when some was last sent, when it last failed, and what waits."""

    sent_at: datetime | None = None
    failed_at: datetime | None = None
    failing_since: datetime | None = None
    trouble: str = ""
    oldest: datetime | None = None

    @property
    def is_failing(self) -> bool:
        """Whether the last try failed, by the server's fault."""
        return self.failed_at is not None and (self.sent_at is None or self.sent_at < self.failed_at)

    def is_late(self, now: datetime) -> bool:
        return self.oldest is not None and now - self.oldest > _MAIL_LATE

    @property
    def words(self) -> str:
        known = self.trouble in MailTrouble.values
        return str(MailTrouble(self.trouble if known else MailTrouble.OTHER).label)


@dataclass(frozen=True)
class Signs:
    """All of them at one moment."""

    now: datetime
    nodes: tuple[Node, ...]
    beats: dict[str, datetime]
    disks: tuple[MachineDisk, ...]
    silences: tuple[Silence, ...]
    mail: MailSigns = MailSigns()
    clock_ahead: float = 0.0  # of this web server

    @property
    def wrong_clocks(self) -> tuple[WrongClock, ...]:
        """The clocks that differ so much that people see wrong times."""
        told = [WrongClock("", self.clock_ahead)]
        told += [WrongClock(node.machine, node.clock_ahead) for node in self.living]
        return tuple(one for one in told if one.is_wrong)

    @property
    def living(self) -> tuple[Node, ...]:
        """The workers that gave a sign just now."""
        return tuple(node for node in self.nodes if node.is_alive)

    @property
    def dead(self) -> tuple[Node, ...]:
        """Workers that went away without a word."""
        return tuple(node for node in self.nodes if not node.is_alive)

    def is_silent(self, part: str) -> bool:
        """Whether a part has given no sign for too long, though a worker was there to keep it going."""
        if not self.living:
            return True
        # A worker that has just started gets its time.
        start = min(node.since for node in self.living)
        last = max(self.beats.get(part, start), start)
        return self.now - last > timedelta(seconds=SILENT_SECONDS)

    @property
    def takes_no_jobs(self) -> bool:
        """Whether jobs wait though a worker has hands free for them."""
        return bool(self.living) and self.is_silent(JOBS) and not self.all_are_busy

    @property
    def all_are_busy(self) -> bool:
        """Whether every process that submits and saves has a job, so that others wait for their turn."""
        return bool(self.living) and all(node.is_busy for node in self.living)

    def disks_that_are(self, room: Room) -> list[MachineDisk]:
        return [one for one in self.disks if one.disk.room is room]


def read_signs() -> Signs:
    """Three queries, and a look at this machine's disks. Raises DatabaseError."""
    rows, ahead = _beats()
    now = timezone.now() - timedelta(seconds=ahead)
    nodes = tuple(_node(row, now) for row in rows if row.name.startswith(Heartbeat.NODE))
    # Also while one call finds out whether the host answers again; not what nobody has asked for long.
    lately = now - timedelta(seconds=PROBE_SECONDS)
    circuits = Circuit.objects.filter(open_until__gt=lately).order_by("host")
    return Signs(
        now=now,
        nodes=nodes,
        beats={row.name: row.at for row in rows},
        disks=tuple(_disks(nodes)),
        silences=tuple(
            Silence(one.host, one.changed_at or now, max(one.open_until or now, now)) for one in circuits
        ),
        clock_ahead=ahead,
        mail=_mail(next((row.facts for row in rows if row.name == Heartbeat.MAIL), {})),
    )


def _beats() -> tuple[list[Heartbeat], float]:
    """All signs of life, and by how much our clock is ahead of the database's; in one query."""
    rows = Heartbeat.objects.order_by("name")
    if not has_clock():
        return list(rows), 0.0
    clock = Func(function="clock_timestamp", output_field=DateTimeField())
    before = timezone.now()
    found = list(rows.annotate(database_now=clock))
    theirs: datetime = getattr(found[0], "database_now", before) if found else before
    ahead = (before - theirs).total_seconds()
    # What the query itself took is no difference of clocks.
    return list(found), ahead if abs(ahead) > TOLERANCE else 0.0


def _mail(facts: dict[str, Any]) -> MailSigns:
    times = {
        name: parse_datetime(facts.get(name) or "") for name in ("sent_at", "failed_at", "failing_since")
    }
    oldest = Mail.objects.waiting().values_list("created_at", flat=True).first()
    return MailSigns(**times, trouble=facts.get("trouble", ""), oldest=oldest)


def _node(row: Heartbeat, now: datetime) -> Node:
    facts = row.facts
    ahead = facts.get("clock_ahead", 0.0)
    at = row.at - timedelta(seconds=ahead) if abs(ahead) > TOLERANCE else row.at
    return Node(
        name=row.name,
        at=at,
        is_alive=now - at <= timedelta(seconds=SILENT_SECONDS),
        machine=facts.get("machine", row.name.removeprefix(Heartbeat.NODE)),
        since=parse_datetime(facts.get("since", "")) or row.at,
        clusters=tuple(facts.get("clusters", ())),
        disks=tuple(Disk(**disk) for disk in facts.get("disks", ())),
        clock_ahead=ahead or max(0.0, (at - now).total_seconds()),
    )


_FOLDERS = {
    "media": gettext_lazy("uploads and results"),
    "temporary": gettext_lazy("files on their way"),
    "database": gettext_lazy("the database"),
}


def place_of(one: MachineDisk) -> str:
    """What stands on a disk, and where it is unless it is this machine's."""
    folder = str(_FOLDERS.get(one.disk.folder, one.disk.folder))
    return f"{folder} ({one.machine})" if one.machine else folder


def _disks(nodes: Iterable[Node]) -> Iterable[MachineDisk]:
    """This machine's as it sees them itself, those of other machines as their workers told."""
    yield from (MachineDisk("", disk) for disk in disks())
    others = {node.machine: node for node in nodes if node.is_alive and node.machine != settings.NODE_NAME}
    for node in others.values():
        yield from (MachineDisk(node.machine, disk) for disk in node.disks)
