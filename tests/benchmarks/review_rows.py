"""Pieces that a workspace has agreed on over the years, and a few that wait."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from tasks.models import Decision, Output, Piece, Verdict, Version, VersionState
from tests.benchmarks.bulk import Row, Table
from tests.benchmarks.rooms import Room

# At every size so many wait for a decision; they are the newest.
WAITING = 60


def add_pieces(room: Room, have: int, end: int) -> None:
    """One for each of so many results, newest first, ordered and sent by others than the first person."""
    others = Output.objects.filter(workspace=room.workspace).exclude(task__owner=room.owners[0].user)
    newest = others.order_by("-created_at", "-id").values_list("pk", "blob_id", "created_at")[have:end]
    pieces: list[Row] = []
    waiting: list[Row] = []
    approved: list[Row] = []
    decisions: list[Row] = []
    sender = room.owners[1].user_id
    for number, (output, blob, at) in enumerate(newest, have):
        piece, version = uuid4().hex, uuid4().hex
        made = str((at + timedelta(hours=1)).replace(tzinfo=None))
        pieces.append((piece, f"Piece {number}", made))
        row = (version, piece, output.hex, blob.hex, sender, made, made, made)
        if number < WAITING:
            waiting.append(row)
        else:
            approved.append(row)
            decisions.append((uuid4().hex, version, room.owners[0].user_id, uuid4().hex * 2, made))
    place = {"workspace": room.workspace}
    Table(Piece, "id", "title", "created_at", **place).insert(pieces)
    columns = ("id", "piece_id", "output_id", "blob_id", "sender_id", "sent_at", "sort_at", "changed_at")
    for state, rows in ((VersionState.OPEN, waiting), (VersionState.APPROVED, approved)):
        Table(Version, *columns, **place, number=1, brief_digest="0" * 64, state=state).insert(rows)
    facts = {"verdict": Verdict.APPROVED, "person_name": "Alice", "rule": {}, "brief_digest": "0" * 64}
    Table(Decision, "id", "version_id", "person_id", "sha256", "at", **place, **facts).insert(decisions)
