"""The finished video of one script of a marketing video (operation exportM2v)."""

from collections.abc import Iterator
from dataclasses import replace

from tasks.kinds.base import FILM, Body, Brief, FileIds, Output, Result, each_costs
from tasks.kinds.marketing_video_parts import parsing

price = each_costs("exportM2v")


def body(asked: Brief, file_ids: FileIds) -> Body:
    return parsing.named(asked)


def state(result: Result, asked: Brief) -> str:
    """The word for the export of one script, whatever becomes of the others.

    While TopView still shows the film of an earlier export there is no sign of this one.
    """
    found = parsing.row_asked(result, parsing.EXPORTS, asked)
    if found is None:
        return parsing.NO_SIGN
    is_old = parsing.film_of(found[1]) in {facts.get(FILM) for facts in asked.get("earlier_facts", ())}
    return parsing.NO_SIGN if is_old else parsing.state_of(found[1])


def outputs(result: Result, asked: Brief) -> Iterator[Output]:
    """The finished video of one script, named as its preview was."""
    found = parsing.row_asked(result, parsing.EXPORTS, asked)
    if found is not None and state(result, asked) == parsing.SUCCESS:
        facts = asked["item_facts"]
        for output in parsing.video(*found, facts["segments"]):
            yield replace(output, name=output.name or facts["title"])
