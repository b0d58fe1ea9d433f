"""The board at TopView on which the portal files its tasks, so that a lost one can be found there."""

from __future__ import annotations

import logging
from itertools import islice

from tasks.commands.clients import client_for
from tasks.commands.outcomes import mark_credential
from tasks.models import Credential, CredentialState
from tasks.topview.errors import NotFound, TopViewError
from tasks.topview.results import BoardTask
from tasks.vault import VaultError

logger = logging.getLogger(__name__)

# How the portal's board is called at TopView.
NAME = "Topview Portal"
# Rows read of a board, newest first: far more than are made in the time in which a lost call can stand there.
_MOST_ROWS = 300


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


def read_board(credential: Credential, board_id: str) -> list[BoardTask] | None:
    """The newest tasks of a board; None when it cannot be read now."""
    try:
        with client_for(credential) as client:
            return list(islice(client.board_tasks(board_id), _MOST_ROWS))
    except NotFound:
        forget_board(credential=credential, board_id=board_id)
        return []
    except TopViewError as error:
        mark_credential(credential, error)
        _log("boards.not-read", credential, error)
    except VaultError as error:
        _log("boards.not-read", credential, error)
    return None


def _log(event: str, credential: Credential, error: Exception) -> None:
    code = error.code if isinstance(error, TopViewError) else None
    facts = {"credential": str(credential.pk), "error_class": type(error).__name__, "code": code}
    logger.warning(event, extra=facts)
