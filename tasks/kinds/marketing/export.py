"""The finished video of one script of a marketing video (operation exportM2v)."""

from collections.abc import Iterator
from dataclasses import replace

from tasks.kinds.base import FILM, Body, Brief, Cost, FileIds, Output, Prices, Result, cost_of
from tasks.kinds.marketing import answers


def price(brief: Brief, prices: Prices) -> Cost | None:
    """Each export costs the same."""
    return cost_of([prices.product("exportM2v")])


def body(asked: Brief, file_ids: FileIds) -> Body:
    """Which script of which task."""
    return answers.named(asked)


def state(result: Result, asked: Brief) -> str:
    """The word for the export of one script, whatever becomes of the others.

    While TopView still shows the film of an earlier export there is no sign of this one.
    """
    found = answers.row_asked(result, answers.EXPORTS, asked)
    if found is None:
        return answers.NO_SIGN
    is_old = answers.film_of(found[1]) in {facts.get(FILM) for facts in asked.get("earlier_facts", ())}
    return answers.NO_SIGN if is_old else answers.state_of(found[1])


def outputs(result: Result, asked: Brief) -> Iterator[Output]:
    """The finished video of one script, named as its preview was."""
    found = answers.row_asked(result, answers.EXPORTS, asked)
    if found is not None and state(result, asked) == answers.SUCCESS:
        facts = asked["item_facts"]
        for output in answers.video(*found, facts["segments"]):
            yield replace(output, name=output.name or facts["title"])
