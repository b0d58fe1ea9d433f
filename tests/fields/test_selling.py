"""Marketing videos: each answer shows in the sandbox's result as it was asked for."""

import pytest

from tests.fields import selling
from tests.fields.bench import Bench
from tests.fields.shows import Change, Sheet, changes


@pytest.mark.parametrize(("sheet", "change"), changes(selling.SHEETS))
def test_an_answer_shows_in_the_result(sheet: Sheet, change: Change, bench: Bench) -> None:
    sheet.check(bench, change)


def test_an_export_is_the_film_that_was_previewed(bench: Bench) -> None:
    selling.is_the_order_that_was_previewed(bench)
