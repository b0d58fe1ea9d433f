"""Pictures that start to move: each answer shows in the sandbox's result as it was asked for."""

import pytest

from tests.fields import moving
from tests.fields.bench import Bench
from tests.fields.shows import Change, Sheet, changes


@pytest.mark.parametrize(("sheet", "change"), changes(moving.SHEETS))
def test_an_answer_shows_in_the_result(sheet: Sheet, change: Change, bench: Bench) -> None:
    sheet.check(bench, change)
