"""Boards: where newer products may file their tasks. Every account has one that TopView made."""

import hashlib
from dataclasses import dataclass
from typing import Any

from tasks.contract import load
from tasks.sandbox.clock import new_id, now, stamp
from tasks.sandbox.database import Database
from tasks.sandbox.messages import refuse
from tasks.sandbox.rows import Row, Task

# What a task makes, by words in the name of its operation; the first that fits.
SORTS = (
    ("Voice", "voice", "audio"),
    ("Replace", "image", "image"),
    ("AnyShoot", "image", "image"),
    ("Background", "image", "image"),
    ("Avatar", "avatar", "video"),
)


MEDIA = ("image", "video", "audio")  # other words of the contract mean that none is known


@dataclass(frozen=True)
class Board:
    """A board of an account; `own` is false for the one that was there from the start."""

    id: str
    name: str
    own: bool
    at: float


class Boards:
    """The boards of all accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, uid: str) -> list[Board]:
        """An account's boards, the first one first."""
        rows = self._database.rows("SELECT * FROM board WHERE uid = ? ORDER BY at", uid)
        first = Board(hashlib.md5(uid.encode()).hexdigest(), "My board", own=False, at=0)
        return [first, *(Board(row["id"], row["name"], own=True, at=row["at"]) for row in rows)]

    def get(self, uid: str, number: str) -> Board:
        """One board; refuses with 4004."""
        for board in self.all(uid):
            if board.id == number:
                return board
        refuse("4004", "board not found: boardId")

    def add(self, uid: str, name: str) -> Board:
        number = new_id()
        self._database.insert("board", id=number, uid=uid, name=name, at=now())
        return self.get(uid, number)

    def rename(self, uid: str, number: str, name: str) -> Board:
        """Give an own board another name; refuses with 4004 and 4006."""
        self._own(uid, number)
        self._database.change("UPDATE board SET name = ? WHERE id = ?", name, number)
        return self.get(uid, number)

    def delete(self, uid: str, number: str) -> None:
        """Delete an own board; its tasks stay. Refuses with 4004 and 4006."""
        self._own(uid, number)
        self._database.change("DELETE FROM board WHERE id = ?", number)

    def _own(self, uid: str, number: str) -> None:
        if not self.get(uid, number).own:
            refuse("4006", "this board can't be changed")


def board_row(board: Board, uid: str, tasks: int) -> Row:
    """A `Board` of the contract."""
    return {
        "boardId": board.id,
        "name": board.name,
        "uid": uid,
        "ownerName": None,
        "taskCount": tasks,
        "recentThumbnails": [],
        "isSystemDefault": not board.own,
        "isOwner": True,
        "gmtCreate": stamp(board.at),
        "gmtModify": stamp(board.at),
    }


def task_row(task: Task, result: Row) -> Row:
    """A `BoardTask` of the contract; `result` is what the task's own query tells."""
    moment = now()
    word = task.status_at(moment)
    category, media = sort_of(task)
    is_waiting = word in ("init", "running")
    left = max(0, round(task.main.at + task.main.seconds - moment))
    estimate = {"queueCount": 0, "estimatedWaitSeconds": 0, "estimatedProcessSeconds": left}
    return {
        "taskId": task.id,
        "boardTaskId": task.id,
        "boardId": task.body.get("boardId"),
        "uid": task.uid,
        "toolType": task.operation.removeprefix("submit"),
        "toolCategory": category,
        "mediaType": media,
        "errorMessage": task.error,
        "gmtCreate": stamp(task.at),
        "gmtModify": stamp(task.at),
        "completedAt": None if is_waiting else stamp(task.main.finished or task.at),
        "status": word,
        "rating": None,
        "parameters": task.body,
        "result": result if word == "success" else None,
        "creditsCost": task.cost,
        "estimateInfo": estimate if is_waiting else None,
    }


def sort_of(task: Task) -> tuple[str, str]:
    """The category and the media of a task, in the words of the contract's filters."""
    for part, category, media in SORTS:
        if part in task.operation:
            return category, media
    known = load().operations[task.operation].board_media
    media = known if known in MEDIA else "video"
    return ("music" if media == "audio" else media), media


def wanted(task: Task, query: dict[str, Any]) -> bool:
    """Whether a task passes the filters of `listBoardTasks`."""
    category, media = sort_of(task)
    rating = query["rating"] in (None, "all", "unrated")
    return (
        rating
        and query["mediaType"] in (None, "all", media)
        and query["toolCategory"] in (None, category)
        and query["toolType"] in (None, task.operation.removeprefix("submit"))
    )
