"""A string that must not be shown. The lowest room of the house: it imports nothing of ours."""

from __future__ import annotations

import hmac
from typing import Final, NoReturn

_MASK: Final = "••••"
# Four letters of a short secret would give away too much of it.
_LONG_ENOUGH_FOR_A_TAIL: Final = 12


class Secret:
    """A secret text whose every printed form is `••••1234`; only `reveal()` gives it away.

    Equality takes the same time wherever the texts differ. A Secret can be neither pickled (so it cannot
    reach a queue or a cache) nor hashed nor turned into JSON. An empty text raises ValueError.
    """

    __slots__ = ("_value",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: str) -> None:
        if not value:
            raise ValueError("A secret cannot be empty.")
        self._value = value

    def reveal(self) -> str:
        """The plain text: for encrypting it and for the header of a call, never for a page or a log."""
        return self._value

    @property
    def last_four(self) -> str:
        """The last four characters, by which a person knows a key; empty for a short secret."""
        return self._value[-4:] if len(self._value) >= _LONG_ENOUGH_FOR_A_TAIL else ""

    def __repr__(self) -> str:
        return _MASK + self.last_four

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("A Secret cannot be pickled.")
