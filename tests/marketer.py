"""A marketer who orders by HTTP from a portal that may die while it answers."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import requests

from tasks.kinds.base import TaskKind
from tasks.models import Credential, Membership
from tests.people import browser_of, fill_form

# Seconds after which a marketer gives up on a portal that does not answer.
PATIENCE = 90
# Seconds until the form is sent again: to a server that died, and to one that asks to come later.
_PAUSE, _LATER = 0.2, 2.0
# What the portal says while no account can be used.
NO_ACCOUNT = "No TopView account can pay for this now"


@dataclass
class OrderBook:
    """What was ordered. Filled by several threads at once; read when they have ended."""

    #: Orders that the portal has answered with the page of their task.
    answered: set[UUID] = field(default_factory=set)
    #: Orders that it never answered: they may exist or not.
    unanswered: set[UUID] = field(default_factory=set)
    #: Answers that nobody should see: refused forms, errors of the server.
    odd: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    sent_twice: int = 0
    #: Forms that came while no account could be used, and were sent again.
    turned_away: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note_order(self, slug: str, task_id: UUID, *, answered: bool, twice: bool = False) -> None:
        """An order left a browser."""
        with self._lock:
            self.kinds[slug] += 1
            (self.answered if answered else self.unanswered).add(task_id)
            self.sent_twice += twice

    def note_turned_away(self) -> None:
        """Somebody was asked to come again when an account can be used."""
        with self._lock:
            self.turned_away += 1

    def note_odd(self, what: str) -> None:
        """Somebody was shown what nobody should see."""
        with self._lock:
            self.odd.append(what)


class Browser:
    """Somebody who is signed in, at a portal that may not be there."""

    def __init__(self, web_url: str, member: Membership) -> None:
        self.web_url = web_url
        session = browser_of(member).cookies["sessionid"].value
        page = f"{web_url}/settings/profile/"
        answer = requests.get(page, headers={"Cookie": f"sessionid={session}"}, timeout=60)
        self._token = answer.cookies["csrftoken"]
        self._headers = {"Cookie": f"sessionid={session}; csrftoken={self._token}", "Connection": "close"}
        #: Set while a form is on its way.
        self.sending = threading.Event()

    def post(self, path: str, data: dict[str, Any] | None = None) -> requests.Response | None:
        """Send a form; None when no answer came."""
        posted = {**(data or {}), "csrfmiddlewaretoken": self._token}
        self.sending.set()
        try:
            return requests.post(
                self.web_url + path, posted, headers=self._headers, allow_redirects=False, timeout=30
            )
        except requests.RequestException:
            return None
        finally:
            self.sending.clear()


class Marketer:
    """Sends a form again, unchanged, until the portal has answered."""

    def __init__(self, web_url: str, member: Membership, credential: Credential, book: OrderBook) -> None:
        self.member, self.credential, self.book = member, credential, book
        self.browser = Browser(web_url, member)

    def order(
        self, kind: TaskKind, folder: Path, values: dict[str, Any] | None = None, *, twice: bool = False
    ) -> None:
        """Order what the product's demo orders, with files of its own; `twice` is a double click."""
        data = fill_form(kind, self.member, self.credential, folder, values).data
        task_id = uuid4()
        # The same brief again within minutes is asked about, unless the person has said that it is meant.
        posted = {**data, "task_id": task_id, "another": "1", "reason": "Meant as a further one."}
        answered = [self._send(kind, posted) for _click in range(2 if twice else 1)]
        self.book.note_order(kind.slug, task_id, answered=any(answered), twice=twice)

    def _send(self, kind: TaskKind, posted: dict[str, Any]) -> bool:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            answer = self.browser.post(f"/tasks/new/{kind.slug}/", posted)
            if answer is not None and answer.status_code == 303:
                return True
            if answer is not None and not self._may_try_again(kind, answer):
                return False
            time.sleep(_PAUSE)
        return False

    def _may_try_again(self, kind: TaskKind, answer: requests.Response) -> bool:
        if NO_ACCOUNT in answer.text:
            self.book.note_turned_away()
            time.sleep(_LATER)
            return True
        self.book.note_odd(f"{kind.slug}: HTTP {answer.status_code}")
        return answer.status_code >= 500
