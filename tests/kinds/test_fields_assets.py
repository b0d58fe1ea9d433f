"""The field that holds several files in an order, as a form judges it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.http import QueryDict

from tasks.kinds.base import VIDEO, Assets, DemoBrief, DemoFile, KindForm, UnusableBrief

from .world import CLIP, PHOTO, RECORDING, Library, SmallCatalog, posted_again

PICTURES = [replace(PHOTO, id=UUID(int=20 + number), name=f"view-{number}.png") for number in range(5)]


class Order(KindForm):
    """Two to four pictures, and perhaps a film or a sound."""

    pictures = Assets(wire="imageFileIds", role="image", least=2, most=4, required_message="Add pictures.")
    extras = Assets(
        wire="extraFileIds", roles=("video", "audio"), least=0, most=2, limits=[replace(VIDEO, max_seconds=5)]
    )


def judged(answers: Mapping[str, Any]) -> Order:
    return Order(answers, files=Library(*PICTURES), catalog=SmallCatalog())


def brief_of(answers: Mapping[str, Any]) -> dict[str, Any]:
    form = judged(answers)
    assert form.errors == {}
    return form.brief()


def ids(*numbers: int) -> list[str]:
    return [str(PICTURES[number].id) for number in numbers]


def test_the_order_that_was_posted_reaches_topview():
    form = judged({"pictures": ids(2, 0, 1)})
    assert form.errors == {}
    assert [facts.name for facts in form.cleaned_data["pictures"]] == [
        "view-2.png",
        "view-0.png",
        "view-1.png",
    ]
    brief = form.brief()
    assert brief["pictures"] == ids(2, 0, 1)
    sent = {str(facts.id): f"remote-{facts.name}" for facts in PICTURES}
    assert Order.body(brief, sent) == {
        "imageFileIds": ["remote-view-2.png", "remote-view-0.png", "remote-view-1.png"]
    }
    assert Order.uploads(brief) == [PICTURES[2].id, PICTURES[0].id, PICTURES[1].id]


def test_a_browsers_post_and_a_list_and_one_value_are_read_alike():
    data = QueryDict(mutable=True)
    data.setlist("pictures", [*ids(0, 1), "", " "])
    assert brief_of(data) == brief_of({"pictures": ids(0, 1)})
    lone = judged({"pictures": ids(0)[0]})
    assert list(lone.errors) == ["pictures"]
    assert "1 file " in lone.errors["pictures"][0]
    assert "2" in lone.errors["pictures"][0]


def test_a_file_named_twice_counts_once():
    assert brief_of({"pictures": ids(0, 1, 0, 1, 1, 0)})["pictures"] == ids(0, 1)


def test_too_many_are_refused_with_both_numbers():
    form = judged({"pictures": ids(0, 1, 2, 3, 4)})
    assert form.errors["pictures"] == ["5 files came; at most 4 can be used."]


def test_none_at_all_is_asked_for_in_the_fields_own_words():
    assert judged({}).errors == {"pictures": ["Add pictures."]}
    assert judged({"pictures": ["", "  "]}).errors == {"pictures": ["Add pictures."]}


def test_an_optional_list_may_be_empty_and_is_then_left_out():
    brief = brief_of({"pictures": ids(0, 1), "extras": [""]})
    assert "extras" not in brief
    assert set(Order.body(brief, dict.fromkeys(ids(0, 1), "sent"))) == {"imageFileIds"}


def test_each_file_is_judged_by_the_limits_of_its_role_and_named():
    form = judged({"pictures": ids(0, 1), "extras": [str(CLIP.id), str(RECORDING.id)]})
    assert list(form.errors) == ["extras"]
    assert len(form.errors["extras"]) == 1
    assert "“me.mp4”" in form.errors["extras"][0]
    assert "12.5" in form.errors["extras"][0]


def test_a_file_of_a_role_that_is_not_used_here_is_refused_by_name():
    form = judged({"pictures": [*ids(0), str(CLIP.id)], "extras": ids(3)})
    assert "“me.mp4”" in form.errors["pictures"][0]
    assert "“view-3.png” is a picture; a video or a sound file is needed here." in form.errors["extras"]


def test_a_file_that_is_gone_is_told_by_its_place():
    form = judged({"pictures": [*ids(0), str(UUID(int=99)), *ids(1)]})
    assert form.errors["pictures"] == ["File 2 is not in the library any more. Take it off the list."]


@pytest.mark.parametrize("value", ["not an id", "\x00", "{}", "\ud800", ["a", "b"], 7, {"a": 1}, [None, 3]])
def test_what_is_no_id_is_refused_on_the_field(value):
    assert list(judged({"pictures": value}).errors) == ["pictures"]


def test_a_list_survives_being_made_again_and_a_refusal():
    first = judged({"pictures": ids(3, 1)})
    assert first.is_valid()
    assert brief_of(posted_again(first, Order.read_brief(first.brief()))) == first.brief()
    refused = judged({"pictures": ids(4)})
    assert refused["pictures"].value() == ids(4)


def test_an_output_of_any_of_its_roles_can_be_used():
    fields = dict(Order.own_fields())
    taking = {
        name: [role for role in ("image", "video", "audio") if field.takes(role)]
        for name, field in fields.items()
        if isinstance(field, Assets)
    }
    assert taking == {"pictures": ["image"], "extras": ["video", "audio"]}


def test_a_demo_uploads_each_of_its_files():
    stored = {"a.png": PICTURES[0].id, "b.png": PICTURES[1].id}
    demo = DemoBrief({"pictures": [DemoFile("b.png"), DemoFile("a.png")]})
    data = demo.data(Order, upload=lambda file: stored[file.name], pick=lambda catalog_name, place: "")
    assert brief_of(data)["pictures"] == ids(1, 0)


def test_a_brief_whose_files_were_not_sent_or_cannot_be_read_is_refused_by_name():
    with pytest.raises(UnusableBrief, match="imageFileIds"):
        Order.body({"pictures": ids(0)}, {})
    with pytest.raises(UnusableBrief):
        Order.uploads({"pictures": ["not an id"]})
