"""The rules of the marketing video's forms, and how far each of its calls is by one shared answer."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from tasks.commands.ledger.published_prices import PUBLISHED
from tasks.kinds import kind
from tasks.kinds.base import CatalogEntry, KindForm

from .contract import request_schema
from .world import ENTRIES, PHOTO, Library, SmallCatalog

KIND = kind("marketing-video")
OWN: dict[str, Any] = {
    "source": "own",
    "material": [str(PHOTO.id)],
    "name": "Clay cup",
    "description": "A cup of red clay.",
    "writer": "topview",
    "language": "en",
    "presenter": "any",
    "aspect": "9:16",
    "length": "30-50",
    "ending": "none",
    "way": "preview",
}
FACTS = {"script_id": 1, "title": "Two", "segments": [["1", "Hello."], ["2", "Look."]], "film": "old"}
ASKED = {"way": "preview", "item": "1", "remote_id": "t", "item_facts": FACTS}


def judged(answers: Mapping[str, Any], *, catalog: SmallCatalog | None = None) -> KindForm:
    return KIND.inputs(answers, files=Library(), catalog=catalog or SmallCatalog())


def voices(*languages: str) -> SmallCatalog:
    """Catalogs whose voices speak these languages; each voice's id is its language."""
    others = tuple(entry for entry in ENTRIES if entry.catalog_name != "voices")
    own = tuple(CatalogEntry(code, code, "voices", {"language": code}) for code in languages)
    return SmallCatalog(others + own)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"source": "link"}, "link"),
        ({"source": "link", "link": "https://localhost/cup"}, "link"),
        ({"source": "link", "link": "https://192.168.0.7/cup"}, "link"),
        ({"source": "link", "link": "ftp://shop.example/cup"}, "link"),
        ({"material": []}, "material"),
        ({"name": " "}, "name"),
        ({"description": ""}, "description"),
        ({"writer": "own", "style": "none"}, "own_script"),
        ({"writer": "own", "own_script": "Hi.", "style": "word"}, "style_word"),
        ({"writer": "own", "own_script": "Hi.", "style": "words"}, "style_words"),
        ({"presenter": "catalog"}, "avatar"),
        ({"presenter": "own"}, "own_avatar"),
        ({"ending": "own", "end_ratio": "all", "end_colour": "black"}, "end_card"),
        ({"language": "xx"}, "language"),
        ({"aspect": "2:1"}, "aspect"),
        ({"length": "5"}, "length"),
        ({"description": "x" * 5001}, "description"),
    ],
)
def test_what_the_contract_requires_is_asked_for_on_its_field_alone(changes: dict[str, Any], field: str):
    assert set(judged({**OWN, **changes}).errors) == {field}


@pytest.mark.parametrize(
    "changes",
    [
        {"source": "link", "link": "https://shop.example/cup", "name": "", "description": ""},
        {"writer": "own", "own_script": "Hi.", "style": "none", "description": ""},
    ],
)
def test_what_topview_can_find_elsewhere_need_not_be_told(changes: dict[str, Any]):
    assert judged({**OWN, **changes}).errors == {}


@pytest.mark.parametrize(("field", "key"), [("language", "language"), ("aspect", "aspectRatio")])
def test_every_documented_answer_is_offered(field: str, key: str):
    options: Any = KIND.inputs.base_fields[field]
    documented = request_schema("submitM2vTask")["properties"][key]["enum"]
    assert sorted(option.value for option in options.options) == sorted(documented)


def test_thai_is_read_by_thai_voices_alone():
    catalogs = voices("en", "th")
    assert set(judged({**OWN, "language": "th", "voice": "en"}, catalog=catalogs).errors) == {"voice"}
    assert judged({**OWN, "language": "th", "voice": "th"}, catalog=catalogs).errors == {}
    assert judged({**OWN, "language": "th"}, catalog=catalogs).errors == {}
    assert judged({**OWN, "language": "bg", "voice": "en"}, catalog=catalogs).errors == {}


def test_a_language_that_no_voice_speaks_is_refused_until_a_voice_is_chosen():
    form = judged({**OWN, "language": "bg"}, catalog=voices("en", "th"))
    assert "Bulgarian" in form.errors["language"][0]


def test_a_list_of_voices_that_was_not_read_yet_refuses_no_language():
    assert judged({**OWN, "language": "bg"}, catalog=voices()).errors == {}


@pytest.mark.parametrize(("voice", "language"), [("pt-BR", "pt"), ("zh-cn", "zh-CN")])
def test_a_voice_of_a_country_speaks_its_language(voice: str, language: str):
    assert judged({**OWN, "language": language}, catalog=voices(voice)).errors == {}


def test_simplified_chinese_is_not_traditional_chinese():
    assert set(judged({**OWN, "language": "zh-Hant"}, catalog=voices("zh-CN")).errors) == {"language"}


def test_only_finished_videos_have_a_price():
    first, _script, export = KIND.steps
    assert first.price({"way": "preview"}, PUBLISHED) is None
    found = export.price({}, PUBLISHED)
    assert found is not None and found.least == found.most == Decimal(5)
    assert first.price({"way": "straight"}, PUBLISHED) == found


def test_scripts_and_exports_belong_to_tasks_with_previews():
    done = {"preview"}
    possible = KIND.open_steps({"way": "preview"}, done=done, started=done)
    assert [step.slug for step in possible] == ["script", "export"]
    assert KIND.open_steps({"way": "straight"}, done=done, started=done) == []


def script_form(segments: Any) -> KindForm:
    """The words of the script in FACTS, posted with other ones."""
    step = KIND.step("script")
    assert step.follow_up.inputs is not None
    initial = step.follow_up.initial(FACTS)
    return step.follow_up.inputs(
        {"segments": segments}, files=Library(), catalog=SmallCatalog(), initial=initial
    )


def test_new_words_for_the_same_parts_are_taken():
    form = script_form([["1", "Hello there."], ["2", "Look."]])
    assert form.errors == {}
    assert form.brief()["segments"] == [["1", "Hello there."], ["2", "Look."]]


@pytest.mark.parametrize(
    "segments",
    [
        [["1", "Hello."], ["2", "Look."]],
        [["1", "Hello there."]],
        [["1", "Hello there."], ["3", "Look."]],
        [["1", ""], ["2", "Look."]],
        [["1", "x" * 1001], ["2", "Look."]],
        [],
    ],
)
def test_words_that_change_nothing_or_belong_elsewhere_are_refused(segments: Any):
    assert set(script_form(segments).errors) == {"segments"}


def test_a_preview_without_its_words_cannot_be_edited():
    step = KIND.step("script")
    assert step.follow_up.refusal({**FACTS, "segments": []})
    assert not step.follow_up.refusal(FACTS)


def row(**facts: Any) -> dict[str, Any]:
    return {"scriptId": 1, **facts}


@pytest.mark.parametrize(
    ("result", "word"),
    [
        ({"previewVideos": [row(status="success", videoUrl="https://a/b", videoEtag="old")]}, ""),
        ({"previewVideos": [row(status=None, videoUrl="https://a/b?sign=2", videoEtag="old")]}, ""),
        ({"previewVideos": None}, ""),
        ({"previewVideos": [row(status=None, videoUrl=None)]}, "running"),
        ({"previewVideos": [row(status="init", videoUrl=None)]}, "init"),
        ({"previewVideos": [row(status="success", videoUrl="https://a/c", videoEtag="new")]}, "success"),
        ({"previewVideos": [row(status="fail", videoUrl=None)]}, "fail"),
    ],
)
def test_a_script_is_done_with_a_new_film_alone(result: dict[str, Any], word: str):
    step = KIND.step("script")
    assert step.state is not None
    assert step.state({"status": "success", **result}, ASKED) == word
    made = list(step.outputs({"status": "success", **result}, {**ASKED, "segments": FACTS["segments"]}))
    assert len(made) == (word == "success")


def test_without_tags_films_are_told_apart_by_their_addresses():
    step = KIND.step("script")
    asked = {**ASKED, "item_facts": {**FACTS, "film": "/m2v/a.mp4"}}
    assert step.state is not None
    old = {"previewVideos": [row(status="success", videoUrl="https://files.example/m2v/a.mp4?sign=new")]}
    new = {"previewVideos": [row(status="success", videoUrl="https://files.example/m2v/b.mp4?sign=new")]}
    assert (step.state(old, asked), step.state(new, asked)) == ("", "success")


def test_an_export_is_as_far_as_its_own_row():
    step = KIND.step("export")
    assert step.state is not None
    others = [{"scriptId": 0, "status": "success", "videoUrl": "https://a/b"}]
    assert step.state({"status": "success", "exportVideos": others}, ASKED) == ""
    assert step.state({"status": "running", "exportVideos": [*others, row(status="fail")]}, ASKED) == "fail"


def test_previews_are_over_when_each_of_them_is():
    step = KIND.steps[0]
    assert step.state is not None
    unfinished = {"status": "success", "previewVideos": [row(status="running")]}
    assert step.state(unfinished, {"way": "preview"}) == "running"
    assert step.state({**unfinished, "previewVideos": None}, {"way": "preview"}) == "success"


def test_the_title_is_the_product_or_the_place_of_its_page():
    assert KIND.title({"name": "Clay cup"}) == "Clay cup"
    assert KIND.title({"link": "https://shop.example/cups/42"}) == "shop.example"
    assert KIND.title({})
