"""Pictures that start to move."""

from tests.fields.bench import BLUE, GREEN, RED
from tests.fields.shows import (
    Change,
    Sheet,
    becomes,
    count,
    lasts,
    louder,
    of_step,
    shape,
    shorter_side,
    words_beside_the_mark,
)

REFERENCES = {"model": "kling-v3-reference", "references": ["file:red", "file:blue"], "seconds": "3"}

IMAGE_TO_VIDEO = Sheet(
    usual={"image": "file:red", "mode": "lite", "duration": "5", "count": "1"},
    make=of_step("image-to-video", "video"),
    fields={
        "image": Change({"image": "file:blue"}, becomes(BLUE)),
        "prompt": Change({"prompt": "It turns."}, words_beside_the_mark),
        "negative_prompt": Change({"negative_prompt": "No people."}, words_beside_the_mark),
        "mode": Change({"mode": "best"}, words_beside_the_mark),
        "duration": Change({"duration": "10"}, lasts(9.8, 10.2)),
        "count": Change({"count": "2"}, count(2), {"image": "file:product"}),
    },
)

BY_MODEL = Sheet(
    usual={"model": "kling-v3", "first": "file:red", "seconds": "3", "sound": "off", "count": "1"},
    make=of_step("image-to-video-models", "video"),
    fields={
        "model": Change({"model": "kling-o3"}, words_beside_the_mark),
        "first": Change({"first": "file:blue"}, becomes(BLUE)),
        "end": Change({"end": "file:green"}, becomes(GREEN, moment=2)),
        "references": [
            Change(
                {**REFERENCES, "references": ["file:green", "file:blue"]},
                becomes(GREEN, moment=0),
                REFERENCES,
            ),
            Change(
                {**REFERENCES, "references": ["file:blue", "file:red"]}, becomes(RED, moment=2), REFERENCES
            ),
        ],
        "prompt": Change({"prompt": "It turns."}, words_beside_the_mark),
        "shape": Change({"shape": "16:9"}, shape(16, 9), {**REFERENCES, "shape": "9:16"}),
        "resolution": Change({"resolution": "1080"}, shorter_side(1080), {"resolution": "720"}),
        "seconds": Change({"seconds": "5"}, lasts(4.8, 5.2)),
        "sound": Change({"sound": "on"}, louder),
        "count": Change({"count": "2"}, count(2), {"first": "file:product"}),
    },
)

SHEETS = {
    ("image-to-video", ""): IMAGE_TO_VIDEO,
    ("image-to-video-models", ""): BY_MODEL,
}
