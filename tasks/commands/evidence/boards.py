"""The board at TopView on which the portal files its tasks, so that a lost one can be found there."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tasks.commands.accounts.account_state import mark_credential
from tasks.commands.accounts.clients import client_for
from tasks.commands.evidence.lost_calls import LostCall
from tasks.models import Credential, CredentialState
from tasks.topview.errors import NotFound, TopViewError
from tasks.topview.results import BoardTask
from tasks.vault import VaultError

logger = logging.getLogger(__name__)

# How the portal's board is called at TopView.
NAME = "Topview Portal"
# Rows read of a board, newest first, before it is left at that.
_MOST_ROWS = 1000


@dataclass(frozen=True)
class BoardRows:
    rows: list[BoardTask]
    #: Whatever was made from then on is among them; None: nothing is missing.
    since: datetime | None = None

    def reach(self, moment: datetime) -> bool:
        """Whether what was made at that moment, or later, would be among them."""
        return self.since is None or self.since <= moment


@dataclass(frozen=True)
class Boards:
    """What was read of each board on which a lost call may stand, by the board's id."""

    read: Mapping[str, BoardRows]

    def rows(self) -> Iterator[tuple[str, BoardTask]]:
        """Each task, with the id of its board."""
        return ((board_id, row) for board_id, board in self.read.items() for row in board.rows)

    def reach(self, lost: LostCall) -> bool:
        """Whether the call would have been seen on its board. One lost meanwhile is looked for later."""
        board = self.read.get(lost.board_id)
        return not lost.board_id or (board is not None and board.reach(lost.since))


def choose_board(*, credential: Credential) -> None:
    """Find or make the account's board for this portal, once. Without one, calls are sent without."""
    if credential.board_id or credential.state == CredentialState.DISABLED:
        return
    try:
        with client_for(credential) as client:
            board_id = client.board_named(NAME) or client.add_board(NAME)
    except (TopViewError, VaultError) as error:
        _log("boards.none", credential, error)
        return
    Credential.objects.filter(pk=credential.pk, board_id="").update(board_id=board_id[:120])


def forget_board(*, credential: Credential, board_id: str) -> None:
    """TopView does not know it any more; another is chosen when the account is next looked at."""
    Credential.objects.filter(pk=credential.pk, board_id=board_id).update(board_id="")


def read_boards(credential: Credential, calls: Iterable[LostCall]) -> Boards | None:
    """The rows of each board that one of the calls may stand on; None when one cannot be read."""
    since: dict[str, datetime] = {}
    for lost in calls:
        if lost.board_id:
            since[lost.board_id] = min(lost.since, since.get(lost.board_id, lost.since))
    read: dict[str, BoardRows] = {}
    for board_id, earliest in since.items():
        rows = read_board(credential, board_id, since=earliest)
        if rows is None:
            return None
        read[board_id] = rows
    return Boards(read)


def read_board(credential: Credential, board_id: str, *, since: datetime) -> BoardRows | None:
    """The tasks of a board, back to a moment where they are not too many; None when it cannot be read now."""
    try:
        with client_for(credential) as client:
            return _rows_back_to(since, client.board_tasks(board_id))
    except NotFound:
        forget_board(credential=credential, board_id=board_id)
        return BoardRows([])
    except TopViewError as error:
        mark_credential(credential, error)
        _log("boards.not-read", credential, error)
    except VaultError as error:
        _log("boards.not-read", credential, error)
    return None


def _rows_back_to(since: datetime, rows: Iterable[BoardTask]) -> BoardRows:
    """Rows come newest first. Where one has no time, nobody knows how far they reach."""
    found: list[BoardTask] = []
    for row in rows:
        if row.created_at is not None and row.created_at < since:
            return BoardRows(found, since)
        if len(found) == _MOST_ROWS:
            return BoardRows(found, found[-1].created_at or datetime.max.replace(tzinfo=UTC))
        found.append(row)
    return BoardRows(found)


def _log(event: str, credential: Credential, error: Exception) -> None:
    code = error.code if isinstance(error, TopViewError) else None
    facts = {"credential": str(credential.pk), "error_class": type(error).__name__, "code": code}
    logger.warning(event, extra=facts)
