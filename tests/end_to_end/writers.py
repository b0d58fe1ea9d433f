"""A program that writes as web and worker do, for some seconds, and says what failed: `writers SECONDS`."""

from __future__ import annotations

import sys
import tempfile
import traceback
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import monotonic
from uuid import uuid4

import django


def main() -> int:
    """Write until the time is over; one line for each failure, and one at the end."""
    django.setup()
    from django.db import DatabaseError

    turns = failures = 0
    acts = _acts()
    ends_at = monotonic() + float(sys.argv[1])
    while monotonic() < ends_at:
        for act in acts:
            try:
                act()
            except DatabaseError:
                failures += 1
                sys.stdout.write(f"FAILED {act.__name__}\n{traceback.format_exc()}\n")
        turns += 1
    sys.stdout.write(f"DONE {turns} turns, {failures} failures\n")
    return 1 if failures or not turns else 0


def _acts() -> list[Callable[[], object]]:
    from django.contrib.auth import get_user_model
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.cache import cache
    from django.db import transaction
    from django.utils import timezone
    from django_q.models import Failure, OrmQ

    from tasks.commands.library.blobs import keep_file
    from tasks.commands.operations.sweep import sweep_failures
    from tasks.commands.refresh.leasing import Nudges, lease_due, recover_left_behind
    from tasks.commands.runtime.queue import CANARY, nudge
    from tasks.commands.submissions import actions
    from tasks.models import Charge, Credential, Heartbeat, Lease, Membership, Status, Submission
    from tests.views.rows import make_task

    member = Membership.objects.select_related("workspace", "user").order_by("pk")[0]
    nudges = Nudges()

    def order_and_cancel() -> None:
        call = make_task(member, status=Status.QUEUED).submissions.get()
        lease = timezone.now() + timedelta(seconds=1)
        call.advance(Status.PREPARING, cause="claimed", lease_until=lease, lease_holder=uuid4().hex)
        actions.cancel(submission=call, actor=member.user)

    def order_and_run() -> None:
        call = make_task(member, status=Status.QUEUED).submissions.get()
        for to in (Status.PREPARING, Status.SUBMITTING, Status.RUNNING):
            call.advance(to, cause="accepted", next_at=timezone.now())

    def bring_a_file() -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "file"
            path.write_bytes(uuid4().bytes * 4000)
            keep_file(workspace=member.workspace, source=path, media_type="image/png")

    def refresh() -> None:
        now = timezone.now()
        Heartbeat.beat("refresh")
        Lease.take("refresh", uuid4().hex, seconds=0.1)
        recover_left_behind(now)
        nudges.send(now)
        for look in lease_due(now):
            for call in Submission.objects.filter(pk=look.pk, status=Status.RUNNING):
                call.advance(Status.SUCCEEDED, cause="succeeded")

    def queue() -> None:
        nudge(CANARY, "portal")
        for message in OrmQ.objects.order_by("pk")[:3]:
            message.delete()

    def visit() -> None:
        session = SessionStore()
        session["visit"] = uuid4().hex
        session.save()
        get_user_model().objects.filter(pk=member.user_id).update(last_login=timezone.now())
        # More than the table holds: old rows are culled.
        for _number in range(20):
            cache.set(uuid4().hex, 1)

    def read_the_log() -> None:
        account = Credential.objects.order_by("pk")[0]
        with transaction.atomic():
            Credential.objects.select_for_update(no_key=True).get(pk=account.pk)
            Charge.objects.bulk_create(
                Charge(
                    workspace=member.workspace,
                    credential=account,
                    charged_at=timezone.now(),
                    cost=number,
                    remote_id=uuid4().hex,
                )
                for number in range(500)
            )

    def sweep() -> None:
        long_ago = timezone.now() - timedelta(days=99)
        for _number in range(5):
            Failure.objects.create(
                id=uuid4().hex, name="old", func="-", started=long_ago, stopped=long_ago, success=False
            )
        sweep_failures()

    acts = [order_and_cancel, order_and_run, bring_a_file, refresh, queue, visit, read_the_log, sweep]
    return [*acts, lambda: Submission.objects.in_flight()]


if __name__ == "__main__":
    sys.exit(main())
