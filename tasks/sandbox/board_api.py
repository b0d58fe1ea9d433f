"""The calls of boards."""

from collections.abc import Callable, Mapping
from typing import Any

from tasks.sandbox.boards import board_row, task_row, wanted
from tasks.sandbox.catalog import Row, page
from tasks.sandbox.messages import refuse
from tasks.sandbox.read_api import Call
from tasks.sandbox.rows import Task


def boards(call: Call) -> Row:
    """`listBoards`: rows both as `list`, as documented, and as `data`, as the official client reads them."""
    rows = [_row(call, board.id) for board in call.state.boards.all(call.uid)]
    found = page(rows, call.query)
    return {**found, "list": found["data"]}


def create(call: Call) -> Row:
    """`createBoard`."""
    return _row(call, call.state.boards.add(call.uid, call.body["name"]).id)


def detail(call: Call) -> Row:
    """`getBoard`."""
    return _row(call, call.query["boardId"])


def rename(call: Call) -> Row:
    """`updateBoard`."""
    return _row(call, call.state.boards.rename(call.uid, call.body["boardId"], call.body["name"]).id)


def delete(call: Call) -> None:
    """`deleteBoard`."""
    call.state.boards.delete(call.uid, call.query["boardId"])


def tasks(call: Call) -> Row:
    """`listBoardTasks`, newest first unless asked otherwise."""
    found = [task for task in _filed(call, call.query["boardId"]) if wanted(task, call.query)]
    if call.query["sortOrder"] == "asc":
        found.reverse()
    told = page([_told(call, task) for task in found], call.query)
    told["list"] = told.pop("data")
    return told


def task(call: Call) -> Row:
    """`getBoardTask`."""
    found = call.state.task_store.task(call.query["taskId"], uid=call.uid)
    if found is None or "boardId" not in found.body:
        refuse("4004", "task not found")
    return _told(call, found)


def _filed(call: Call, number: str) -> list[Task]:
    board = call.state.boards.get(call.uid, number)
    return [one for one in call.state.task_store.tasks(uid=call.uid) if one.body.get("boardId") == board.id]


def _row(call: Call, number: str) -> Row:
    board = call.state.boards.get(call.uid, number)
    return board_row(board, call.uid, len(_filed(call, number)))


def _told(call: Call, found: Task) -> Row:
    return task_row(found, call.state.describe(found, call.base_url))


HANDLERS: Mapping[str, Callable[[Call], Any]] = {
    "listBoards": boards,
    "createBoard": create,
    "getBoard": detail,
    "updateBoard": rename,
    "deleteBoard": delete,
    "listBoardTasks": tasks,
    "getBoardTask": task,
}
