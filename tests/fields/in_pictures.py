"""Products in pictures: held by a model, set in a scene, cut out, read from a page."""

from collections.abc import Callable, Mapping
from typing import Any

from tasks.kinds import kind
from tests.fields.bench import BLUE, GREEN, HIGH, RED, YELLOW, Bench, Made
from tests.fields.seen import difference, is_like, mean, points_like
from tests.fields.shows import (
    CAPTIONS,
    Change,
    Look,
    Sheet,
    all_of,
    becomes,
    count,
    differs,
    is_the_same,
    lasts,
    longer,
    named,
    of_step,
    shorter_side,
    sounds_otherwise,
    tone,
    words_beside_the_mark,
)

AVATAR, FIRST = "product-avatar", "product-avatar-v1"
PLACE = "[[0.1, 0.1], [0.6, 0.1], [0.6, 0.35], [0.1, 0.35]]"
ELSEWHERE = "[[0.4, 0.6], [0.9, 0.6], [0.9, 0.85], [0.4, 0.85]]"
# Where the sandbox puts a product on a picture that says nothing about it.
USUAL_PLACE = (0.62, 0.62, 0.82, 0.8)
FACE = (0.45, 0.19, 0.55, 0.25)
LOWER = (0, 0.4, 1, 0.6)
LITE = {"mode": "lite"}


def lies_inside(left: float, top: float, right: float, bottom: float) -> Look:
    """The product's colour is seen inside the box and nowhere else, and was elsewhere before."""

    def inside(x: float, y: float) -> bool:
        return left - 0.02 < x < right + 0.02 and top - 0.02 < y < bottom + 0.02

    def look(before: Made, after: Made) -> None:
        found = points_like(after.picture, RED)
        assert len(found) > 50 and all(inside(*point) for point in found)
        assert not all(inside(*point) for point in points_like(before.picture, RED))

    return look


def takes(times: float) -> Look:
    """The product takes so many times the room."""

    def look(before: Made, after: Made) -> None:
        rooms = [len(points_like(made.picture, RED)) for made in (before, after)]
        assert 0.8 * times < rooms[1] / rooms[0] < 1.25 * times and rooms[0] > 50

    return look


def product_stays(before: Made, after: Made) -> None:
    """Now the product has its own colours to the letter; before it was the scene that did."""
    scene = (0.1, 0.4, 0.3, 0.5)
    assert is_like(mean(after.picture, USUAL_PLACE), RED, 3)
    assert not is_like(mean(before.picture, USUAL_PLACE), RED, 3)
    assert is_like(mean(before.picture, scene), BLUE, 1)
    assert not is_like(mean(after.picture, scene), BLUE, 1)


def held(bench: Bench, answers: Mapping[str, Any]) -> Made:
    """The pictures of a product that was cut out first."""
    brief = bench.form(kind(AVATAR).inputs, answers).brief()
    cutout = bench.make(kind(AVATAR), "cutout", answers, {})
    return bench.make(
        kind(AVATAR), "pictures", {}, {**brief, "remote_file_id": cutout.outputs[0].remote_file_id}
    )


def film_of(slug: str, pictures: Callable[[Bench, Mapping[str, Any]], Made], usual: Mapping[str, Any]) -> Any:
    """What becomes of the first of the pictures that the usual order makes."""

    def make(bench: Bench, answers: Mapping[str, Any]) -> Made:
        brief = bench.form(kind(slug).inputs, usual).brief()
        chosen = pictures(bench, usual).outputs[0]
        return bench.make(kind(slug), "video", answers, {**brief, "item_facts": chosen.facts})

    return make


def another_picture(before: Made, after: Made) -> None:
    """Most of the picture is not as it was, wherever both have pixels."""
    one, other = (made.picture.convert("RGB").resize((90, 160)) for made in (before, after))
    assert difference(one, other) > 5


PUBLIC = {"model": "public", "avatar": "entry:product-avatars/0"}
WHO: Mapping[str, Change] = {
    "product": Change({"product": "file:other-product"}, becomes(YELLOW, USUAL_PLACE)),
    "model": Change(PUBLIC, another_picture),
    "avatar": Change({"avatar": "entry:product-avatars/1"}, differs((0.2, 0.05, 0.8, 0.9), least=5), PUBLIC),
    "model_picture": Change({"model_picture": "file:green"}, becomes(GREEN, LOWER)),
    "face": Change({"face": "file:yellow"}, all_of(becomes(YELLOW, FACE), is_the_same(LOWER))),
    "prompt": Change({"prompt": "She smiles."}, words_beside_the_mark),
}
HELD = {
    "product": "file:product",
    "model": "own",
    "model_picture": "file:blue",
    "placement": "auto",
    "keep": "model",
    "size": "2",
}
HELD_FIRST = {
    "product": "file:product",
    "model": "own",
    "model_picture": "file:blue",
    "prompt": "She holds it.",
    "size": "2",
}
BY_HAND = {"placement": "manual", "location": PLACE}

PRODUCT_AVATAR = Sheet(
    usual=HELD,
    make=held,
    fields={
        **WHO,
        "placement": Change(BY_HAND, lies_inside(0.1, 0.1, 0.6, 0.35)),
        "location": Change({"location": ELSEWHERE}, lies_inside(0.4, 0.6, 0.9, 0.85), BY_HAND),
        "keep": Change({"keep": "product"}, product_stays),
        "size": Change({"size": "4"}, takes(1.96)),
    },
)

SPEAKING_PRODUCT = Sheet(
    usual={"speech": "text", "script": "Taste it.", "voice": "entry:voices/0", "mode": "avatar4"},
    make=film_of(AVATAR, held, HELD),
    fields={
        "speech": Change({"speech": "recording", "recording": "file:high"}, tone(HIGH)),
        "script": Change({"script": "Taste it. It is good. Taste it again."}, all_of(longer(2.3))),
        "voice": Change({"voice": "entry:voices/1"}, sounds_otherwise),
        "recording": Change(
            {"recording": "file:high"}, tone(HIGH), {"speech": "recording", "recording": "file:low"}
        ),
        "mode": [
            Change(LITE, all_of(lasts(4.8, 5.2), shorter_side(480))),
            Change({"mode": "avatar2"}, words_beside_the_mark),
        ],
        "caption": Change({"caption": "entry:captions/0"}, differs(CAPTIONS, moment=0, least=4), LITE),
    },
)

FIRST_PICTURES = Sheet(
    usual=HELD_FIRST,
    make=of_step(FIRST, "pictures"),
    fields={**WHO, "size": Change({"size": "4"}, takes(1.96))},
)

FIRST_VIDEO = Sheet(
    usual={"mode": "lite"},
    make=film_of(FIRST, of_step(FIRST, "pictures"), HELD_FIRST),
    fields={
        "mode": Change({"mode": "pro"}, all_of(lasts(9.8, 10.2), shorter_side(720))),
        "motion": Change({"motion": "It turns."}, words_beside_the_mark),
        "script": Change(
            {"script": "Taste it. It is good. Taste it again."},
            longer(2.3),
            {"mode": "avatar2", "script": "Taste it.", "voice": "entry:voices/0"},
        ),
        "voice": Change(
            {"voice": "entry:voices/1"},
            sounds_otherwise,
            {"mode": "avatar2", "script": "Taste it.", "voice": "entry:voices/0"},
        ),
    },
)

ANYSHOOT = Sheet(
    usual={
        "product": "file:product",
        "scene": "own",
        "picture": "file:blue",
        "place": "file:upper",
        "count": "1",
        "mode": "standard",
    },
    make=of_step("product-anyshoot", "pictures"),
    fields={
        "product": Change({"product": "file:other-product"}, becomes(YELLOW, (0.4, 0.2, 0.6, 0.3))),
        "product_mask": Change({"product_mask": "file:half-product"}, becomes(RED, (0.13, 0.17, 0.2, 0.33))),
        "scene": Change(
            {"scene": "template", "template": "entry:anyshoot-templates/0", "place": "file:template-mask-0"},
            another_picture,
        ),
        "template": Change(
            {"template": "entry:anyshoot-templates/1", "place": "file:template-mask-1"},
            another_picture,
            {"scene": "template", "template": "entry:anyshoot-templates/0", "place": "file:template-mask-0"},
        ),
        "picture": Change({"picture": "file:green"}, becomes(GREEN, LOWER)),
        "place": Change({"place": "file:lower"}, lies_inside(0.11, 0.56, 0.89, 0.94)),
        "count": Change({"count": "3"}, count(3)),
        "mode": Change({"mode": "fast"}, words_beside_the_mark),
    },
)

BACKGROUND_REMOVAL = Sheet(
    usual={"picture": "file:product"},
    make=of_step("background-removal", "cut-out"),
    fields={"picture": Change({"picture": "file:other-product"}, becomes(YELLOW, (0.4, 0.4, 0.6, 0.6)))},
)

PRODUCT_PAGE = Sheet(
    usual={"link": "https://shop.example/red-clay-mug"},
    make=of_step("product-page", "page"),
    fields={"link": Change({"link": "https://shop.example/blue-bowl"}, named("Blue bowl"))},
)

SHEETS = {
    ("product-avatar", ""): PRODUCT_AVATAR,
    ("product-avatar", "video"): SPEAKING_PRODUCT,
    ("product-avatar-v1", ""): FIRST_PICTURES,
    ("product-avatar-v1", "video"): FIRST_VIDEO,
    ("product-anyshoot", ""): ANYSHOOT,
    ("background-removal", ""): BACKGROUND_REMOVAL,
    ("product-page", ""): PRODUCT_PAGE,
}
