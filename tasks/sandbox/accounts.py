"""Who may call, what they have left, and what they have spent."""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tasks.sandbox.clock import iso, now
from tasks.sandbox.database import Database
from tasks.sandbox.messages import Refusal
from tasks.sandbox.options import NewAccount

EXPIRES = "2099-12-31T23:59:59Z"


@dataclass(frozen=True)
class Account:
    """An account of the sandbox. `credit` is what is left, without what unfinished tasks may still cost."""

    uid: str
    key: str
    credit: Decimal
    expires: str


class Accounts:
    """The accounts, their balances and the credit log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, new: NewAccount, *, replace: bool = False) -> None:
        """Make an account. An existing one keeps its balance, unless `replace`."""
        with self._database.transaction():
            if replace:
                self._database.change("DELETE FROM account WHERE uid = ?", new.uid)
            if not self._database.row("SELECT uid FROM account WHERE uid = ?", new.uid):
                self._database.insert(
                    "account", uid=new.uid, key=new.key, credit=str(new.credit), expires=EXPIRES
                )

    def authenticate(self, uid: str | None, authorization: str | None) -> Account:
        """The account that both headers name; refuses with 401 in both layers."""
        account = self.find(uid) if uid else None
        word, _, key = (authorization or "").partition(" ")
        if (
            account is None
            or word != "Bearer"
            or not hmac.compare_digest(account.key.encode(), key.strip().encode())
        ):
            raise Refusal("401", "Unauthorized", status=401)
        return account

    def find(self, uid: str) -> Account | None:
        """The account of this uid, or None."""
        row = self._database.row("SELECT * FROM account WHERE uid = ?", uid)
        return Account(row["uid"], row["key"], Decimal(row["credit"]), row["expires"]) if row else None

    def all(self) -> list[Account]:
        """Every account, by uid."""
        rows = self._database.rows("SELECT * FROM account ORDER BY uid")
        return [Account(r["uid"], r["key"], Decimal(r["credit"]), r["expires"]) for r in rows]

    def charge(self, uid: str, *, cost: Decimal, task_id: str, task_type: str) -> None:
        """Take credits and write the log row. Call it inside the transaction that finishes the task."""
        account = self.find(uid)
        if account is None or not cost:
            return
        self._database.change("UPDATE account SET credit = ? WHERE uid = ?", str(account.credit - cost), uid)
        self._database.insert(
            "credit_log",
            uid=uid,
            key=account.key,
            task_id=task_id,
            task_type=task_type,
            cost=str(cost),
            at=now(),
        )

    def log(
        self, uid: str, *, task_type: str | None = None, start: str | None = None, end: str | None = None
    ) -> list[dict[str, Any]]:
        """The credit log as `CreditLog` rows, newest first. Times: UTC, yyyy-MM-dd HH:mm:ss."""
        rows = self._database.rows(
            "SELECT * FROM credit_log WHERE uid = ? AND (? IS NULL OR task_type = ?)"
            " AND at >= ? AND at < ? ORDER BY id DESC",
            *(uid, task_type, task_type),
            _moment(start) if start else 0.0,
            # The end names a whole second, all of which is meant.
            _moment(end) + 1 if end else 1e12,
        )
        return [
            {
                "uid": row["uid"],
                "apiKey": row["key"],
                "date": iso(row["at"]),
                "costCredit": float(row["cost"]),
                "taskId": row["task_id"],
                "taskType": row["task_type"],
            }
            for row in rows
        ]


def masked(key: str) -> str:
    """A key as it may be shown: its last four characters."""
    return f"••••{key[-4:]}"


def _moment(text: str) -> float:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise Refusal("4000", "times are written as yyyy-MM-dd HH:mm:ss") from None
