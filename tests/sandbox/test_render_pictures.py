"""Pictures: a product in a scene, a background removed."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from tasks.sandbox.render import RenderError, RenderJob, catalog_media, render
from tests.sandbox.watching import difference, draw_picture, mean_color

ENTRY = {
    "avatarId": "beef",
    "gender": "male",
    "objectMaskImageInfo": '{"x":0.4,"y":0.5,"w":0.25,"h":0.25}',
    "avatarEthnicityList": None,
}


@pytest.fixture
def product(tmp_path: Path) -> Path:
    """A red box on a nearly white ground."""
    picture = Image.new("RGB", (400, 500), (246, 246, 248))
    ImageDraw.Draw(picture).rectangle((120, 100, 280, 420), fill=(200, 20, 30))
    picture.save(tmp_path / "product.png")
    return tmp_path / "product.png"


def cut(path: Path, into: Path) -> Image.Image:
    (made,) = render(RenderJob(product="cutout", into=into, pictures=(path,)))
    picture = Image.open(made.path)
    assert (made.media_type, made.role, picture.format) == ("image/png", "image", "PNG")
    assert picture.size == (made.width, made.height)
    return picture


def test_a_plain_background_goes_and_the_product_stays(product: Path, tmp_path: Path) -> None:
    alpha = cut(product, tmp_path).getchannel("A")
    assert alpha.getpixel((5, 5)) == alpha.getpixel((60, 480)) == 0
    assert alpha.getpixel((200, 250)) == alpha.getpixel((130, 110)) == 255


def test_the_mask_shows_where_the_product_stays(product: Path, tmp_path: Path) -> None:
    made = render(RenderJob(product="cutout", into=tmp_path, pictures=(product,), count=2))
    picture, mask = (Image.open(one.path) for one in made)
    assert mask.mode == "L"
    assert mask.size == picture.size == (400, 500)
    assert (mask.getpixel((5, 5)), mask.getpixel((200, 250))) == (0, 255)


def test_a_ground_that_fades_from_light_to_dark_goes_too(tmp_path: Path) -> None:
    ground = Image.linear_gradient("L").resize((400, 400)).point(lambda level: 160 + level // 4)
    picture = Image.merge("RGB", (ground, ground, ground))
    ImageDraw.Draw(picture).ellipse((120, 120, 280, 280), fill=(20, 40, 160))
    picture.save(tmp_path / "faded.png")
    alpha = cut(tmp_path / "faded.png", tmp_path).getchannel("A")
    assert alpha.getpixel((10, 10)) == alpha.getpixel((390, 390)) == 0
    assert alpha.getpixel((200, 200)) == 255


def test_a_busy_picture_still_loses_its_corners(tmp_path: Path) -> None:
    Image.effect_noise((300, 300), 120).convert("RGB").save(tmp_path / "busy.png")
    alpha = cut(tmp_path / "busy.png", tmp_path).getchannel("A")
    assert alpha.getpixel((2, 2)) == 0 and alpha.getpixel((150, 150)) == 255


def test_a_picture_that_is_cut_out_already_is_left_alone(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    ImageDraw.Draw(picture).rectangle((20, 20, 60, 60), fill=(250, 250, 250, 128))
    picture.save(tmp_path / "clear.png")
    assert cut(tmp_path / "clear.png", tmp_path).tobytes() == picture.tobytes()


def test_the_product_goes_where_the_avatar_holds_its_card(product: Path, tmp_path: Path) -> None:
    scene = catalog_media("product-avatars", ENTRY, "beef.png", tmp_path)
    (made,) = render(RenderJob(product="picture", into=tmp_path, pictures=(scene, product)))
    picture = Image.open(made.path)
    x, y = round(picture.width * 0.525), round(picture.height * 0.625)
    red, green, blue = mean_color(picture.crop((x - 20, y - 40, x + 20, y + 40)))
    assert red > 150 and green < 80 and blue < 90


def test_variants_of_a_picture_differ_slightly(product: Path, tmp_path: Path) -> None:
    scene = draw_picture(tmp_path / "scene.png", "#90b0d0")
    made = render(RenderJob(product="picture", into=tmp_path, pictures=(scene, product), count=4))
    pictures = [Image.open(one.path).convert("RGB") for one in made]
    assert len(pictures) == 4
    assert all(0.3 < difference(pictures[0], other) < 60 for other in pictures[1:])


def test_a_picture_can_be_had_in_another_shape(product: Path, tmp_path: Path) -> None:
    scene = draw_picture(tmp_path / "scene.png", "#90b0d0")
    (made,) = render(RenderJob(product="picture", into=tmp_path, pictures=(scene, product), aspect="1:1"))
    assert made.width == made.height == 540


def test_one_picture_alone_is_given_back_in_a_new_light(product: Path, tmp_path: Path) -> None:
    (made,) = render(RenderJob(product="picture", into=tmp_path, pictures=(product,)))
    assert (made.width, made.height) == (400, 500)


def test_a_picture_taken_sideways_is_put_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (300, 200), "red").save(tmp_path / "side.jpg", exif=exif)
    assert cut(tmp_path / "side.jpg", tmp_path).size == (200, 300)


@pytest.mark.parametrize("kind", ["webp", "gif", "bmp", "jpg", "png"])
def test_the_common_kinds_of_pictures_are_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"in.{kind}"
    Image.new("RGB", (64, 64), "green").save(path)
    assert cut(path, tmp_path).size == (64, 64)


def test_a_truncated_picture_is_refused(product: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(product.read_bytes()[:-700])
    with pytest.raises(RenderError):
        render(RenderJob(product="cutout", into=tmp_path, pictures=(broken,)))


RED = (200, 20, 30)
SQUARE = ((0.1, 0.1), (0.5, 0.1), (0.5, 0.4), (0.1, 0.4))
TURNED = ((0.5, 0.2), (0.8, 0.35), (0.5, 0.5), (0.2, 0.35))


def is_red(color: tuple[int, int, int]) -> bool:
    return color[0] > 140 and color[1] < 90 and color[2] < 90


def red_in(picture: Image.Image) -> list[tuple[float, float]]:
    """Where the picture is as red as the product, as fractions of it."""
    small = picture.convert("RGB").reduce(4)
    data = list(zip(*[iter(small.tobytes())] * 3, strict=True))
    size = small.width
    found = [(at % size, at // size) for at, color in enumerate(data) if is_red(color)]
    return [((x + 0.5) / size, (y + 0.5) / small.height) for x, y in found]


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    path = tmp_path / "scene.png"
    Image.new("RGB", (600, 900), "#90b0d0").save(path)
    return path


def laid(tmp_path: Path, *pictures: Path, **how: Any) -> Image.Image:
    (made,) = render(RenderJob(product="picture", into=tmp_path, pictures=pictures, **how))
    return Image.open(made.path).convert("RGB")


def inside(point: tuple[float, float], corners: Any, slack: float = 0.02) -> bool:
    """Whether a point lies in a convex shape whose corners are named clockwise, or hardly beside it."""
    x, y = point
    sides = zip(corners, [*corners[1:], corners[0]], strict=True)
    return all((c - a) * (y - b) - (d - b) * (x - a) > -slack for (a, b), (c, d) in sides)


@pytest.mark.parametrize("corners", [SQUARE, TURNED], ids=["upright", "turned"])
def test_a_product_lies_inside_the_place_that_was_marked_and_nowhere_else(
    corners: Any, scene: Path, product: Path, tmp_path: Path
) -> None:
    red = red_in(laid(tmp_path, scene, product, place=corners))
    assert len(red) > 300
    assert all(inside(point, corners) for point in red)
    middle = [sum(point[axis] for point in red) / len(red) for axis in (0, 1)]
    assert middle == pytest.approx([sum(point[axis] for point in corners) / 4 for axis in (0, 1)], abs=0.02)


def test_a_product_is_turned_with_its_place(scene: Path, product: Path, tmp_path: Path) -> None:
    upright, lying = SQUARE, (*SQUARE[1:], SQUARE[0])
    wide, tall = (
        [max(p[axis] for p in red) - min(p[axis] for p in red) for axis in (0, 1)]
        for red in (red_in(laid(tmp_path, scene, product, place=corners)) for corners in (lying, upright))
    )
    # The product is twice as tall as wide; a place that begins at its upper right corner lies on its side.
    assert wide[0] * 600 > 1.5 * wide[1] * 900
    assert tall[1] * 900 > 1.5 * tall[0] * 600


def test_of_a_place_beyond_the_picture_the_part_inside_is_seen(
    scene: Path, product: Path, tmp_path: Path
) -> None:
    corners = ((0.8, 0.2), (1.2, 0.2), (1.2, 0.6), (0.8, 0.6))
    red = red_in(laid(tmp_path, scene, product, place=corners))
    assert red and max(x for x, _y in red) > 0.99


def test_a_product_lies_where_the_mask_is_white(scene: Path, product: Path, tmp_path: Path) -> None:
    mask = Image.new("L", (600, 900), "black")
    ImageDraw.Draw(mask).rectangle((300, 450, 540, 810), fill="white")
    mask.save(tmp_path / "mask.png")
    red = red_in(laid(tmp_path, scene, product, place_mask=tmp_path / "mask.png"))
    assert len(red) > 300
    assert all(0.49 < x < 0.91 and 0.49 < y < 0.91 for x, y in red)


def test_of_a_product_what_its_mask_has_white_is_shown(scene: Path, product: Path, tmp_path: Path) -> None:
    mask = Image.new("L", (400, 500), "black")
    ImageDraw.Draw(mask).rectangle((0, 0, 60, 500), fill="white")
    mask.save(tmp_path / "mask.png")
    assert not red_in(laid(tmp_path, scene, product, product_mask=tmp_path / "mask.png"))


@pytest.mark.parametrize(("size", "color"), [((600, 899), "white"), ((600, 900), "black")])
def test_a_mask_of_another_size_or_without_white_makes_nothing(
    size: tuple[int, int], color: str, scene: Path, product: Path, tmp_path: Path
) -> None:
    Image.new("L", size, color).save(tmp_path / "mask.png")
    with pytest.raises(RenderError, match="mask"):
        laid(tmp_path, scene, product, place_mask=tmp_path / "mask.png")


def test_what_is_to_stay_stays_as_it_is(scene: Path, product: Path, tmp_path: Path) -> None:
    kept = laid(tmp_path, scene, product, keeps="scene")
    assert kept.getpixel((30, 30)) == (0x90, 0xB0, 0xD0)
    shown = laid(tmp_path, scene, product, keeps="product")
    assert mean_color(shown.crop((425, 600, 440, 650))) == pytest.approx(RED, abs=2)
    assert shown.getpixel((30, 30)) != (0x90, 0xB0, 0xD0)


def test_a_larger_product_takes_more_room(scene: Path, product: Path, tmp_path: Path) -> None:
    small, large = (len(red_in(laid(tmp_path, scene, product, product_share=n))) for n in (0.8, 1.4))
    assert large > 2 * small


def test_another_face_is_put_on_the_model(product: Path, tmp_path: Path) -> None:
    model = catalog_media("product-avatars", ENTRY, "beef.png", tmp_path)
    own = laid(tmp_path, model, product)
    other = laid(tmp_path, model, product, face=product)
    assert len(red_in(other)) > len(red_in(own)) + 50
