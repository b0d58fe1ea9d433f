"""The arithmetic of `make bench`; what it measures is measured by running it."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from django.urls import reverse

from tasks.models import Upload
from tests.benchmarks import document
from tests.benchmarks.cpu_time import Server
from tests.benchmarks.film import Film
from tests.benchmarks.interval import Interval, Verdict, of_median
from tests.benchmarks.measuring import Cost, Costs
from tests.benchmarks.report import comparison, judgements, misses, table
from tests.benchmarks.visitor import Page
from tests.parts import wait_until
from tests.people import browser_of, make_mark, make_workspace


def costs(*, task: float, many: float, bare: float = 2.0) -> Costs:
    """What each of six rounds has found, in milliseconds."""
    pages = {
        "bare": (Page("bare", "/bare/"), bare),
        "task": (Page("task", "/task/", aim=3, growth=1.2), task),
        "many": (Page("many", "/many/", beside=("task", 1.5)), many),
    }
    return {
        name: Cost(page, [took * (1 + place / 1000) for place in range(6)], [took / bare] * 6)
        for name, (page, took) in pages.items()
    }


@pytest.mark.parametrize(("count", "low", "high"), [(5, 1, 5), (6, 1, 6), (9, 2, 8), (25, 8, 18)])
def test_a_median_lies_between_the_figures_that_the_binomial_distribution_names(
    count: int, low: int, high: int
) -> None:
    found = of_median(range(count, 0, -1))

    assert found == Interval((count + 1) / 2, low, high)


def test_one_round_that_was_disturbed_does_not_widen_the_interval_of_nine() -> None:
    assert of_median([2.0] * 8 + [90.0]) == Interval(2.0, 2.0, 2.0)


@pytest.mark.parametrize(
    ("most", "verdict"),
    [(1.9, Verdict.MISSED), (2.0, Verdict.UNDECIDED), (3.9, Verdict.UNDECIDED), (4.0, Verdict.MET)],
)
def test_an_aim_is_missed_only_when_the_whole_interval_lies_beyond_it(most: float, verdict: Verdict) -> None:
    assert Interval(3.0, 2.0, 4.0).verdict(most) == verdict


def test_a_quotient_is_as_uncertain_as_its_two_parts_together() -> None:
    found = Interval(8.0, 4.0, 16.0) / Interval(2.0, 2.0, 2.0)
    wider = Interval(8.0, 4.0, 16.0) / Interval(2.0, 1.0, 4.0)

    assert (found.middle, found.low, found.high) == pytest.approx((4.0, 2.0, 8.0))
    assert 1.0 < wider.low < 2.0 and 8.0 < wider.high < 16.0


def test_the_table_tells_of_each_page_its_figures_its_aims_and_how_they_stand() -> None:
    measured = {"small": costs(task=4.0, many=8.0), "large": costs(task=8.0, many=9.0)}

    _head, _line, bare, task, many = table(measured).splitlines()
    assert bare == "| bare | 2.00 ms | 2.00 ms |  |  |  |"
    assert task.startswith("| task | 2.00 [2.00, 2.00] | 4.00 [4.00, 4.00] | 2.00 [2.00, 2.00] | ≤ 3, growth")
    assert task.endswith("| missed |") and many.endswith("| ≤ 1.5 × task | missed |")
    assert misses(measured) == [
        "task, large: 4.00 [4.00, 4.00], aim 3",
        "task, growth: 2.00 [2.00, 2.00], aim 1.2",
        "many, small, beside task: 2.00 [2.00, 2.00], aim 1.5",
    ]


def test_one_size_alone_has_no_growth() -> None:
    measured = {"small": costs(task=4.0, many=5.0)}

    assert "growth |" not in table(measured)
    assert [one.figure for one in judgements(measured, "task")] == ["small"]
    assert misses(measured) == []


def test_the_comparison_divides_the_rounds_of_one_portal_by_those_of_the_other() -> None:
    before, after = {"small": costs(task=8.0, many=9.0)}, {"small": costs(task=4.0, many=9.0)}

    assert "| task | 4.00 | 2.00 | 0.50 [0.50, 0.50] |" in comparison(before, after)


def test_a_report_takes_the_place_of_the_last_one_in_the_document(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"Words.\n\n{document.BEGIN}\n\nold\n\n{document.END}\n\nMore words.\n")

    document.put("new\n", page)
    document.put("newer\n", page)

    assert page.read_text() == f"Words.\n\n{document.BEGIN}\n\nnewer\n\n{document.END}\n\nMore words.\n"


def test_the_document_has_a_place_for_a_report() -> None:
    begin, end = (document.DOCUMENT.read_text().count(line) for line in (document.BEGIN, document.END))

    assert (begin, end) == (1, 1)


def test_a_document_without_a_place_for_it_is_left_as_it_is(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Words.\n")

    with pytest.raises(ValueError, match="has no lines"):
        document.put("new", page)

    assert page.read_text() == "Words.\n"


def test_the_cpu_time_of_a_database_never_falls_when_one_of_its_processes_ends() -> None:
    brief = "subprocess.run(['sh', '-c', 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'])"
    with subprocess.Popen([sys.executable, "-c", f"import subprocess\nwhile True: {brief}"]) as parent:
        server, seen = Server(port=0, pids=(), database_pid=parent.pid), [0.0]

        def is_past_several() -> bool:
            seen.append(server.cpu_seconds())
            return seen[-1] > 0.1

        try:
            wait_until(is_past_several, what="several of its processes")
        finally:
            parent.kill()

    # What has ended is counted in whole hundredths.
    assert all(later > earlier - 0.02 for earlier, later in pairwise(seen))


@pytest.mark.django_db
def test_the_film_of_the_benchmarks_is_taken_by_the_library() -> None:
    film = Film(100_000)

    answer = browser_of(make_mark(make_workspace())).generic(
        "POST",
        reverse("upload-new"),
        b"".join(film),
        content_type=film.headers["Content-Type"],
        headers={"Accept": film.headers["Accept"]},
    )

    assert answer.status_code == 201, answer.content
    assert Upload.objects.get().blob.size == 100_000
    assert len(b"".join(film)) == int(film.headers["Content-Length"])
