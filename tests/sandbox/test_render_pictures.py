"""Pictures: a product in a scene, a background removed."""

from pathlib import Path

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
