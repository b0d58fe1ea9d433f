"""The field that holds a script in parts."""

import re
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from tasks.kinds.base import KindForm, UnusableBrief
from tasks.kinds.base.fields.segments import MOST_PARTS, Segments

from .world import Library, SmallCatalog


class Script(KindForm):
    segments = Segments(wire="scriptContents", label="Script")


def sent(query: str) -> Script:
    return Script(QueryDict(query), files=Library(), catalog=SmallCatalog())


def test_repeated_text_areas_are_read_in_their_order():
    form = sent("segments-id=7&segments=One&segments-id=9&segments=Two%0D%0Alines%20")
    assert form.errors == {}
    assert form.brief()["segments"] == [["7", "One"], ["9", "Two\nlines"]]
    assert Script.body(form.brief(), {}) == {
        "scriptContents": [{"segId": "7", "segText": "One"}, {"segId": "9", "segText": "Two\nlines"}]
    }


def test_what_was_typed_stays_in_its_part():
    parts = sent("segments-id=7&segments=&segments-id=9&segments=Two")["segments"].value()
    assert [(part.number, part.segment, part.text) for part in parts] == [(1, "7", ""), (2, "9", "Two")]


@pytest.mark.parametrize(
    "query",
    ["", "segments=One", "segments-id=&segments=One", "segments-id=1&segments=A&segments-id=1&segments=B"],
)
def test_texts_without_their_parts_are_refused(query: str):
    assert set(sent(query).errors) == {"segments"}


def test_each_part_has_a_message_of_its_own():
    form = sent("segments-id=1&segments=&segments-id=2&segments=Fine&segments-id=3&segments=" + "x" * 1001)
    assert [str(message).split()[1] for message in form.errors["segments"]] == ["1", "3"]


def test_the_parts_that_are_wrong_say_so_to_those_who_hear_the_page():
    form = sent("segments-id=1&segments=%20&segments-id=2&segments=Fine")
    assert form.errors
    page = render_to_string("components/kind_field.html", {"field": form["segments"]})
    areas = re.findall(r"<textarea[^>]*>", page)
    assert ['aria-invalid="true"' in area for area in areas] == [True, False]


def test_a_script_of_endless_parts_is_refused():
    with pytest.raises(ValidationError):
        Segments().clean([[str(number), "x"] for number in range(MOST_PARTS + 1)])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=8,
)


@given(JSON)
def test_anything_is_either_a_script_or_refused_with_words(value: Any):
    try:
        cleaned = Segments().clean(value)
    except ValidationError as refused:
        assert refused.messages
    else:
        assert all(segment and text for segment, text in cleaned)
    assert isinstance(Segments().prepare_value(value), list)


def test_a_stored_value_that_is_no_script_has_an_error_with_a_name():
    with pytest.raises(UnusableBrief):
        Segments(wire="scriptContents").to_wire("One", {})
