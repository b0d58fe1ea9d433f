"""The tree of errors is complete: every code has a class, every class has words and a meaning for money."""

from __future__ import annotations

import pytest
from django.utils.functional import Promise
from django.utils.translation import override

from tasks.contract import load
from tasks.topview import errors
from tasks.topview.errors import CODES, STATUSES, AfterSubmit, TopViewError, kind_of


def classes(root: type[TopViewError] = TopViewError) -> list[type[TopViewError]]:
    return [root, *(one for child in root.__subclasses__() for one in classes(child))]


def test_every_code_of_the_contract_has_a_class_and_no_code_is_invented():
    documented = set(load().error_codes)
    assert documented - {"200"} == set(CODES)


@pytest.mark.parametrize("kind", classes())
def test_every_class_has_words_of_its_own_for_people(kind):
    assert "user_message" in vars(kind)
    assert isinstance(kind.user_message, Promise)
    with override("en"):
        words = str(kind.user_message)
    assert words.endswith(".")
    assert words.count(". ") + words.count("; ") >= 1, "what happened, and one next step"


def test_no_two_classes_say_the_same():
    with override("en"):
        words = [str(kind.user_message) for kind in classes()]
    assert len(words) == len(set(words))


# The table of the submission's moves, transcribed: what each code and status does to a submit.
REPEAT = ["4007", "5003", 429]
REFUSED = ["401", *map(str, range(4000, 4007)), *map(str, range(4012, 4023)), "4100", "6001"]
REFUSED_STATUSES = [400, 401, 403, 404, 413, 415, 422]
UNKNOWN = ["5000", "5001", "5004", "5005", "4008", "", "no such code"]
UNKNOWN_STATUSES = [*range(300, 400), 402, 405, 408, 409, 410, *range(500, 600)]


def test_codes_mean_for_a_submit_what_the_table_of_moves_says():
    meaning = {code: kind_of(200, code).after_submit for code in [*CODES, *UNKNOWN]}
    expected = dict.fromkeys(["4007", "5003"], AfterSubmit.REPEAT)
    expected |= dict.fromkeys(REFUSED, AfterSubmit.REFUSED) | dict.fromkeys(UNKNOWN, AfterSubmit.UNKNOWN)
    assert meaning == expected


def test_statuses_mean_for_a_submit_what_the_table_of_moves_says():
    assert {kind_of(status, None).after_submit for status in REFUSED_STATUSES} == {AfterSubmit.REFUSED}
    assert {kind_of(status, None).after_submit for status in UNKNOWN_STATUSES} == {AfterSubmit.UNKNOWN}
    assert kind_of(429, None).after_submit is AfterSubmit.REPEAT
    assert set(STATUSES) == {*REFUSED_STATUSES, 429}


def test_no_code_makes_an_uncertain_status_look_certain():
    for status in UNKNOWN_STATUSES:
        assert {kind_of(status, code).after_submit for code in CODES} == {AfterSubmit.UNKNOWN}


def test_no_code_makes_a_certain_status_look_uncertain():
    for status in [*REFUSED_STATUSES, 429]:
        assert AfterSubmit.UNKNOWN not in {kind_of(status, code).after_submit for code in [*CODES, *UNKNOWN]}


def test_failures_of_the_way_mean_what_the_table_of_moves_says():
    assert errors.NotSent.after_submit is AfterSubmit.REPEAT
    assert errors.Untrusted.after_submit is AfterSubmit.REPEAT
    assert errors.Interrupted.after_submit is AfterSubmit.UNKNOWN
    assert errors.Unreadable.after_submit is AfterSubmit.UNKNOWN
