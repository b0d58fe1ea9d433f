"""Fields and readings that are alike wherever a picture is set in motion.

TopView states no limit on the prompt: 2,000 characters are this portal's own.
"""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from tasks.kinds.base import Brief, FailedPart, Number, Result, Text, failed_rows
from tasks.kinds.base.json_readers import rows
from tasks.text import StrOrPromise


def prompt(*, section: StrOrPromise, **changes: Any) -> Text:
    changes = {
        "wire": "prompt",
        "label": _("What should happen"),
        "help_text": _("Movement, camera, mood. Optional."),
        **changes,
    }
    return Text(max_length=2000, long=True, required=False, section=section, **changes)


def count(*, section: StrOrPromise) -> Number:
    """How many videos are made of one picture; the form's field must be called `count`."""
    return Number(
        wire="generatingCount",
        label=_("Variations"),
        help_text=_("Each one is a video of its own and is charged."),
        least="1",
        most="4",
        initial=1,
        section=section,
        required_message=_("Say how many variations to make, from 1 to 4."),
    )


def failed_parts(result: Result, asked: Brief) -> Iterator[FailedPart]:
    """Variations that failed on their own."""
    yield from failed_rows(rows(result, "videos"))
