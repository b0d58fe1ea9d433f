"""The files behind the catalogs' addresses."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import tasks.contract
from tasks.sandbox.render import RenderError, catalog_media
from tests.sandbox.watching import difference, mean_color, watch

CATALOGS = Path(tasks.contract.__file__).parent / "catalog"
ADDRESS = re.compile(r"/sandbox/media/([a-z-]+)/([^/]+)")


def addresses() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every address in the catalogs: catalog, name and the row it stands in."""
    for path in sorted(CATALOGS.glob("*.json")):
        result = json.loads(path.read_text("utf-8"))["result"]
        for row in result["data"] if isinstance(result, dict) else result:
            for value in row.values():
                if match := ADDRESS.fullmatch(str(value)):
                    yield match[1], match[2], row


def first_of_each_pattern() -> dict[str, tuple[str, str, dict[str, Any]]]:
    found: dict[str, tuple[str, str, dict[str, Any]]] = {}
    for kind, name, row in addresses():
        found.setdefault(f"{kind}/{re.sub('[0-9a-f]{32}', '', name)}", (kind, name, row))
    return found


PATTERNS = first_of_each_pattern()
FORMATS = {".png": "PNG", ".jpg": "JPEG", ".webp": "WEBP"}


@pytest.mark.parametrize("pattern", sorted(PATTERNS))
def test_every_pattern_of_address_has_a_file_of_its_kind(pattern: str, tmp_path: Path) -> None:
    kind, name, row = PATTERNS[pattern]
    path = catalog_media(kind, row, name, tmp_path / "shelf")
    assert path == tmp_path / "shelf" / name
    assert [one.name for one in path.parent.iterdir()] == [name], "nothing unfinished is left"
    if path.suffix in FORMATS:
        with Image.open(path) as picture:
            picture.load()
            assert picture.format == FORMATS[path.suffix]
            assert picture.width >= 320 and len(set(picture.convert("L").resize((16, 16)).tobytes())) > 20
    else:
        assert watch(path).loudness > 300


def test_an_avatar_is_a_portrait_with_its_face_where_the_catalog_says(tmp_path: Path) -> None:
    for kind, name, row in addresses():
        if kind == "avatars" and name.endswith("_thumb.png") and row["faceSquareConfig"]:
            with Image.open(catalog_media(kind, row, name, tmp_path)) as picture:
                assert picture.size == (360, 640)
                square = row["faceSquareConfig"]
                x = (square["x_f"] + square["w_f"] / 2) * picture.width
                y = (square["y_f"] + square["h_f"] / 2) * picture.height
                red, green, blue = mean_color(
                    picture.crop((round(x) - 5, round(y) - 4, round(x) + 5, round(y) + 4))
                )
            assert red > green > blue, f"no skin in the middle of the face of {row['aiavatarName']}"


def test_pictures_are_the_same_every_time_and_differ_from_row_to_row(tmp_path: Path) -> None:
    rows = [(kind, name, row) for kind, name, row in addresses() if name.endswith("_cover.webp")]
    one = [catalog_media(*address, tmp_path / "one") for address in with_row_second(rows[:3])]
    two = [catalog_media(*address, tmp_path / "two") for address in with_row_second(rows[:3])]
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    pictures = [Image.open(path) for path in one]
    assert difference(pictures[0], pictures[1]) > 5 and difference(pictures[1], pictures[2]) > 5


def with_row_second(rows: list[tuple[str, str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any], str]]:
    return [(kind, row, name) for kind, name, row in rows]


def test_rows_with_gaps_are_drawn_all_the_same(tmp_path: Path) -> None:
    avatar = {
        "aiavatarId": "a",
        "aiavatarName": None,
        "faceSquareConfig": None,
        "ethnicities": None,
        "gender": None,
    }
    holder = {"avatarId": "b", "objectMaskImageInfo": None, "avatarCategoryList": None}
    for kind, row, name in (
        ("avatars", avatar, "a.png"),
        ("product-avatars", holder, "b.png"),
        ("anyshoot", {}, "c.jpg"),
        ("captions", {}, "d.png"),
        ("voices", {"bestSupportLanguage": None, "voiceName": None}, "e.mp3"),
    ):
        assert catalog_media(kind, row, name, tmp_path).stat().st_size > 1_000


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("avatars", "x.exe"),
        ("nothing", "x.png"),
        ("captions", "../x.png"),
        ("captions", "x"),
        ("voices", "x_thumb.mp3"),
    ],
)
def test_an_address_that_no_catalog_has_is_refused(tmp_path: Path, kind: str, name: str) -> None:
    with pytest.raises(RenderError):
        catalog_media(kind, {}, name, tmp_path / "shelf")
    assert not list(tmp_path.rglob("*.png"))
