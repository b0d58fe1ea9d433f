"""Products in pictures: each answer shows in the sandbox's result as it was asked for."""

import pytest

from tests.fields import in_pictures
from tests.fields.bench import Bench
from tests.fields.shows import Change, Sheet, changes


@pytest.fixture(scope="module")
def bench(bench: Bench) -> Bench:
    """With the catalogs whose pictures these orders are laid into."""
    bench.read_pictured_catalogs()
    return bench


@pytest.mark.parametrize(("sheet", "change"), changes(in_pictures.SHEETS))
def test_an_answer_shows_in_the_result(sheet: Sheet, change: Change, bench: Bench) -> None:
    sheet.check(bench, change)
