"""A judged call, as the handlers of calls that create no work see it."""

from dataclasses import dataclass

from tasks.contract import Operation
from tasks.sandbox.accounts import Account
from tasks.sandbox.rows import Row
from tasks.sandbox.state import State


@dataclass(frozen=True)
class Call:
    """A judged call of an account. `query` holds every parameter, None for one that wasn't sent."""

    state: State
    operation: Operation
    account: Account
    query: Row
    body: Row
    base_url: str

    @property
    def uid(self) -> str:
        """Who calls."""
        return self.account.uid
