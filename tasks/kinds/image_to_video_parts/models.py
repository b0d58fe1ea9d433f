"""The models that make a video of pictures, and what each can do.

The contract (submitImage2VideoV2) says that shapes, resolutions and lengths depend on the model, not how:
this is what TopView's own client holds models to. A model may be missing here, or have learnt more since.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from tasks.kinds.base import Option, ShownWhen, when

FIRST, ENDS, SEVERAL = "first frame", "first and end frame", "reference pictures"
THREE, FIVE, TWO = ("9:16", "1:1", "16:9"), ("9:16", "3:4", "1:1", "4:3", "16:9"), ("9:16", "16:9")
HD, SD, UHD, SQUARE = (720, 1080), (480, 720), (720, 1080, 2160), (768, 1080)


class Model(NamedTuple):
    """What a model can do. Without shapes it follows its picture; without resolutions it has its own."""

    name: str  # TopView's
    pictures: str
    seconds: Sequence[int]
    resolutions: tuple[int, ...] = ()
    shapes: tuple[str, ...] = ()
    sound: bool = False


MODELS = {
    "standard": Model("Standard", ENDS, range(4, 16), SD, sound=True),
    "fast": Model("Fast", ENDS, range(4, 16), SD, sound=True),
    "seedance-1-5-pro": Model("Seedance 1.5 Pro", ENDS, range(4, 13), HD, sound=True),
    "seedance-1-0-pro": Model("Seedance 1.0 Pro", ENDS, (5, 10, 12), HD),
    "seedance-1-0-pro-fast": Model("Seedance 1.0 Pro Fast", FIRST, (5, 10, 12), HD),
    "kling-v3": Model("Kling V3", ENDS, range(3, 16), HD, sound=True),
    "kling-v3-reference": Model("Kling V3 Reference Video", SEVERAL, range(3, 16), HD, THREE, sound=True),
    "kling-o3": Model("Kling O3", ENDS, range(3, 16), HD, sound=True),
    "kling-o3-reference": Model("Kling O3 Reference-to-Video", SEVERAL, range(3, 16), HD, THREE, sound=True),
    "kling-o1-reference": Model("Kling O1 Reference-to-Video", SEVERAL, range(3, 11), (1080,), THREE),
    "kling-2-6": Model("Kling 2.6", FIRST, (5, 10), sound=True),
    "kling-2-5-turbo-pro": Model("Kling 2.5 Turbo Pro", ENDS, (5, 10), (1080,)),
    "kling-2-5-turbo-std": Model("Kling 2.5 Turbo Std", FIRST, (5, 10), (1080,)),
    "sora-2": Model("Sora 2", FIRST, (4, 8, 12), (), TWO),
    "sora-2-pro": Model("Sora 2 Pro", FIRST, (4, 8, 12), HD, TWO),
    "veo-3-1": Model("Veo 3.1", ENDS, (4, 6, 8), UHD, TWO, sound=True),
    "veo-3-1-fast": Model("Veo 3.1 Fast", ENDS, (4, 6, 8), UHD, TWO, sound=True),
    "veo-3-1-reference": Model("Veo 3.1 Reference to video", SEVERAL, (8,), UHD, TWO, sound=True),
    "veo-3-1-fast-reference": Model("Veo 3.1 Fast Reference to video", SEVERAL, (8,), UHD, TWO, sound=True),
    "hailuo-02": Model("MiniMax-Hailuo-02", ENDS, (6, 10), SQUARE),
    "hailuo-2-3": Model("MiniMax-Hailuo-2.3", FIRST, (6, 10), SQUARE),
    "hailuo-2-3-fast": Model("MiniMax-Hailuo-2.3-Fast", FIRST, (6, 10), SQUARE),
    "vidu-q3-pro": Model("Vidu Q3 Pro", FIRST, range(1, 17), (540, 720, 1080), FIVE, sound=True),
    "vidu-q2-reference": Model("Vidu Q2 Reference to Video", SEVERAL, range(2, 11), (1080,), FIVE),
    "wan-2-6": Model("Wan 2.6", FIRST, (5, 10, 15), HD, sound=True),
    "topview-lite": Model("Topview Lite", FIRST, (5, 10), (), FIVE),
    "topview-pro": Model("Topview Pro", FIRST, (5, 10), (), FIVE),
    "topview-plus": Model("Topview Plus", FIRST, (5, 10), (), THREE),
    "topview-best": Model("Topview Best", FIRST, (5, 10), (), THREE),
}


def span(numbers: Sequence[Any]) -> str:
    """Numbers as people read them: "4–15", or "5, 10"."""
    return f"{numbers[0]}–{numbers[-1]}" if isinstance(numbers, range) else ", ".join(map(str, numbers))


def described(slug: str, model: Model) -> Option:
    """A model with what sets it apart."""
    facts = [model.name, f"{span(model.seconds)} s"] + [f"{span(model.resolutions)}p"] * bool(
        model.resolutions
    )
    return Option(slug, " · ".join(facts), wire=model.name)


def which(able: Callable[[Model], object]) -> ShownWhen:
    """A field of the models that are able to do something."""
    return when("model", *(slug for slug, model in MODELS.items() if able(model)))
