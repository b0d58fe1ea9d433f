"""People who speak, and voices alone: each answer shows in the sandbox's result as it was asked for."""

import pytest

from tests.fields import speaking
from tests.fields.bench import Bench
from tests.fields.shows import Change, Sheet, changes


@pytest.mark.parametrize(("sheet", "change"), changes(speaking.SHEETS))
def test_an_answer_shows_in_the_result(sheet: Sheet, change: Change, bench: Bench) -> None:
    sheet.check(bench, change)
