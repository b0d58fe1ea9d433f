"""The table of the ends of a paid call is complete, and says what the table of transitions says."""

from __future__ import annotations

from tasks.contract import load
from tasks.topview import errors
from tasks.topview.errors import FileError
from tasks.topview.outcomes import CODES, OUTCOMES, STATUSES, AfterSubmit, error_class, outcome_of
from tests.test_causes import classes


def after(status: int, code: str | None) -> AfterSubmit:
    """What an answer says about the money."""
    return outcome_of(error_class(status, code)).after


def test_every_code_of_the_contract_has_a_row_and_no_code_is_invented():
    documented = set(load().error_codes)
    assert documented - {"200"} == set(CODES)


def test_no_code_status_or_class_has_two_rows():
    for column in ("codes", "statuses"):
        listed = [one for end in OUTCOMES for one in getattr(end, column)]
        assert len(listed) == len(set(listed))
    assert len({end.error for end in OUTCOMES}) == len(OUTCOMES)


def test_every_class_that_can_end_a_paid_call_has_a_row_of_its_own():
    """The others are met before it, when files are sent, or long after, when they are fetched."""
    never = {errors.UploadRefused, errors.TicketExpired, *classes(FileError)}
    assert {end.error for end in OUTCOMES} == set(classes()) - never


# The table of the submission's transitions, transcribed: what each code and status does to a submit.
REPEAT = ["4007", "5003", 429]
REFUSED = ["401", *map(str, range(4000, 4007)), *map(str, range(4012, 4023)), "4100", "6001"]
REFUSED_STATUSES = [400, 401, 403, 404, 413, 415, 422]
UNKNOWN = ["5000", "5001", "5004", "5005", "4008", "", "no such code"]
UNKNOWN_STATUSES = [*range(300, 400), 402, 405, 408, 409, 410, *range(500, 600)]


def test_codes_mean_for_a_submit_what_the_table_of_moves_says():
    meaning = {code: after(200, code) for code in [*CODES, *UNKNOWN]}
    expected = dict.fromkeys(["4007", "5003"], AfterSubmit.REPEAT)
    expected |= dict.fromkeys(REFUSED, AfterSubmit.REFUSED) | dict.fromkeys(UNKNOWN, AfterSubmit.UNKNOWN)
    assert meaning == expected


def test_statuses_mean_for_a_submit_what_the_table_of_moves_says():
    assert {after(status, None) for status in REFUSED_STATUSES} == {AfterSubmit.REFUSED}
    assert {after(status, None) for status in UNKNOWN_STATUSES} == {AfterSubmit.UNKNOWN}
    assert after(429, None) is AfterSubmit.REPEAT
    assert set(STATUSES) == {*REFUSED_STATUSES, 429}


def test_no_code_makes_an_uncertain_status_look_certain():
    for status in UNKNOWN_STATUSES:
        assert {after(status, code) for code in CODES} == {AfterSubmit.UNKNOWN}


def test_no_code_makes_a_certain_status_look_uncertain():
    for status in [*REFUSED_STATUSES, 429]:
        assert AfterSubmit.UNKNOWN not in {after(status, code) for code in [*CODES, *UNKNOWN]}


def test_failures_of_the_way_mean_what_the_table_of_moves_says():
    assert outcome_of(errors.NotSent).after is AfterSubmit.REPEAT
    assert outcome_of(errors.Untrusted).after is AfterSubmit.REPEAT
    assert outcome_of(errors.Interrupted).after is AfterSubmit.UNKNOWN
    assert outcome_of(errors.Unreadable).after is AfterSubmit.UNKNOWN
