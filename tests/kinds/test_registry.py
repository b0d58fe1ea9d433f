"""The folder is the registry, and no other file learns a kind's name."""

import re
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import tasks.kinds
from tasks.kinds import KINDS, DuplicateKind, UnknownKind, accepting, discover, kind
from tasks.kinds.base import DemoFile, FromLibrary, TaskKind

from .world import CLIP, PHOTO, RECORDING, Library, SmallCatalog

ROOT = Path(__file__).parents[2]
ROLES = {"image": PHOTO, "video": CLIP, "audio": RECORDING}

SAMPLE = """
from tasks.kinds.base import Asset, KindForm, Output, Step, TaskKind, Text, Wire

class Inputs(KindForm):
    image = Asset(wire="imageFileId", role="image", label="Picture")
    words = Text(wire="words", label="Words", max_length=20)

def outputs(result, asked):
    yield Output("image", result["url"])

KIND = TaskKind(
    slug="{slug}", label="Sample", summary="A sample.", icon="image", docs_url="https://docs.example/",
    inputs=Inputs, titled=lambda brief, names: brief["words"],
    steps=(Step(slug="only", label="Make it",
                wire=Wire(operation="a", query_operation="b", submit_path="/v1/a", query_path="/v1/b",
                          body=Inputs.body, outputs=outputs),
                usual_seconds=5, deadline_seconds=50),),
)
"""


@pytest.fixture
def sample_folder(tmp_path, monkeypatch):
    """A folder whose modules count as modules of tasks.kinds."""
    monkeypatch.setattr(tasks.kinds, "__path__", [*tasks.kinds.__path__, str(tmp_path)])
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("tasks.kinds."):
            del sys.modules[name]
            vars(tasks.kinds).pop(name.rpartition(".")[2], None)


def test_a_file_put_into_the_folder_is_a_kind(sample_folder):
    (sample_folder / "sample_thing.py").write_text(SAMPLE.replace("{slug}", "sample-thing"))
    found = discover(tasks.kinds.__path__, "tasks.kinds")
    assert set(found) == {*KINDS, "sample-thing"}
    form = found["sample-thing"].inputs(
        {"image": str(PHOTO.id), "words": "hi"}, files=Library(), catalog=SmallCatalog()
    )
    assert form.is_valid()
    assert found["sample-thing"].steps[0].body(form.brief(), {str(PHOTO.id): "f"}) == {
        "imageFileId": "f",
        "words": "hi",
    }


def test_two_files_with_one_slug_are_refused(sample_folder):
    taken = next(iter(KINDS))
    (sample_folder / "sample_twin.py").write_text(SAMPLE.replace("{slug}", taken))
    with pytest.raises(DuplicateKind, match=taken):
        discover(tasks.kinds.__path__, "tasks.kinds")


def test_an_unknown_slug_has_an_error_with_a_name():
    assert kind(next(iter(KINDS))).slug in KINDS
    with pytest.raises(UnknownKind):
        kind("no-such-kind")


@pytest.mark.parametrize("slug", KINDS)
def test_a_slug_is_hyphenated_words_and_fits_its_column(slug):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", slug)
    assert len(slug) <= 40


def test_no_slug_stands_quoted_outside_the_kinds():
    marks = "[\"'`/=]"
    quoted = re.compile("|".join(f"{marks}{slug}[\"'`/&]" for slug in KINDS))
    first = next(iter(KINDS))
    for text in (f'KIND = "{first}"', f"<a href='/tasks/new/{first}/'>", f"?kind={first}&status=failed"):
        assert quoted.search(text)
    places = []
    for folder in ("tasks", "templates", "static"):
        for path in (ROOT / folder).rglob("*"):
            inside = path.is_relative_to(ROOT / "tasks" / "kinds") or "__pycache__" in path.parts
            if path.is_file() and not inside and quoted.search(path.read_text(errors="ignore")):
                places.append(path)
    assert places == []


def test_nine_kinds_in_ten_have_fewer_than_200_lines():
    lengths = sorted(len(path.read_text().splitlines()) for path in (ROOT / "tasks" / "kinds").glob("*.py"))
    assert lengths[round(0.9 * (len(lengths) - 1))] < 200


def test_every_field_that_accepts_a_role_is_found():
    pairs = {(declared.slug, name) for declared, name in accepting("image")}
    assert {("image-to-video", "image"), ("video-avatar", "photo")} <= pairs
    assert ("video-avatar", "recording") not in pairs
    assert accepting("text") == []


@pytest.mark.parametrize("slug", KINDS)
def test_a_generic_page_can_draw_every_field(slug):
    form = KINDS[slug].inputs(files=Library(), catalog=SmallCatalog())
    drawn = [bound for section in form.sections() for bound in section.fields]
    assert [bound.name for bound in drawn] == list(form.fields)
    for bound in drawn:
        field: Any = bound.field
        assert field.widget_kind in {
            "text",
            "long-text",
            "choices",
            "select",
            "segments",
            "number",
            "range",
            "flag",
            "link",
            "asset",
            "assets",
            "mask",
            "pick",
            "placement",
        }
        assert str(field.label)
        assert str(field.section)
        if field.shown_when:
            controlling: Any = form.fields[field.shown_when.field]
            assert set(field.shown_when.values) <= {option.value for option in controlling.options}
        if isinstance(field, FromLibrary):
            assert field.words
            assert field.accept.startswith(".")


@pytest.mark.parametrize("slug", KINDS)
def test_the_demo_is_a_valid_form_with_small_pictures(slug):
    catalogs = SmallCatalog()
    seen: list[DemoFile] = []

    def upload(file):
        seen.append(file)
        assert file.path.stat().st_size < 200_000
        if file.path.suffix == ".mp3":
            return RECORDING.id
        with Image.open(file.path) as picture:
            assert picture.format == "PNG"
            assert min(picture.size) >= 512
        return PHOTO.id

    demo = KINDS[slug].demo
    assert demo is not None
    data = demo.data(KINDS[slug].inputs, upload=upload, pick=catalogs.at)
    form = KINDS[slug].inputs(data, files=Library(), catalog=catalogs)
    assert form.errors == {}
    assert bool(seen) == bool(KINDS[slug].uploads(form.brief()))
    assert KINDS[slug].title(form.brief())


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_step_that_makes_as_many_as_a_person_says_names_the_field(kind: TaskKind) -> None:
    for step in kind.steps:
        if step.wire.count_field:
            assert step.wire.count_field in kind.inputs.base_fields
            assert [step.expected_outputs({step.wire.count_field: str(number)}) for number in (1, 3)] == [
                1,
                3,
            ]
        else:
            assert step.expected_outputs({}) in (0, 1)
