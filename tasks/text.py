"""Text: of which type words on pages are, and what of it a database can hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as Promise
else:
    from django.utils.functional import Promise

#: Text for people; a promise is translated when it is shown, into the language of whoever reads.
StrOrPromise: TypeAlias = str | Promise

#: NUL and half surrogate pairs: legal in JSON, refused by databases.
UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The text with a replacement character for each that a database refuses."""
    return UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)
