"""A picture that starts to move, for 5 or 10 seconds, in up to four variations.

Docs: https://docs.topview.ai/reference/get_new-endpoint-22 (contract: submitCommonImage2Video).
TopView states neither a usual time nor a deadline: three and twenty minutes are this portal's own.
"""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from tasks.kinds.base import (
    NO_PRICE,
    Asset,
    Brief,
    Choice,
    DemoBrief,
    DemoFile,
    KindForm,
    Option,
    Output,
    Pricing,
    Result,
    Step,
    TaskKind,
    Wire,
    titled,
)
from tasks.kinds.base.json_readers import has_failed, part, pixels, rows, words
from tasks.kinds.image_to_video_parts import fields

PICTURE, VIDEO = _("Picture and movement"), _("Video")


class Inputs(KindForm):
    """The picture, what should happen in it, and how the video is made."""

    image = Asset(
        wire="imageFileId",
        product_part="picture",
        role="image",
        label=_("Picture"),
        section=PICTURE,
        required_message=_("Choose or upload the picture that should move."),
    )
    prompt = fields.prompt(section=PICTURE)
    negative_prompt = fields.prompt(
        wire="negativePrompt",
        label=_("What should not happen"),
        help_text=_("Optional."),
        section=PICTURE,
    )
    mode = Choice(
        wire="mode",
        label=_("Quality"),
        section=VIDEO,
        options=[
            Option("lite", _("Lite"), _("TopView's first tier.")),
            Option("pro", _("Pro"), _("Second tier.")),
            Option("plus", _("Plus"), _("Third tier.")),
            Option("best", _("Best"), _("Highest tier.")),
        ],
    )
    duration = Choice(
        wire="duration",
        label=_("Length"),
        section=VIDEO,
        options=[Option("5", _("5 seconds"), wire=5), Option("10", _("10 seconds"), wire=10)],
    )
    count = fields.count(section=VIDEO)


def outputs(result: Result, asked: Brief) -> Iterator[Output]:
    """Each video as it appears; rows carry no key, so their place in the list names them."""
    for position, row in rows(result, "videos"):
        video = part(row, "originVideo")
        url = words(video, "filePath")
        if url and not has_failed(row):
            yield Output(
                "video", url, position=position, width=pixels(video, "width"), height=pixels(video, "height")
            )


KIND = TaskKind(
    slug="image-to-video",
    label=_("Image to video"),
    summary=_("A picture starts to move: a product turns, a scene comes alive."),
    icon="clapperboard",
    docs_url="https://docs.topview.ai/reference/get_new-endpoint-22",
    inputs=Inputs,
    order=20,
    titled=titled(_("Moving picture"), text="prompt", file="image"),
    steps=(
        Step(
            slug="video",
            label=_("Make the videos"),
            wire=Wire(
                operation="submitCommonImage2Video",
                query_operation="queryCommonImage2Video",
                submit_path="/v1/common_task/image2video/submit",
                query_path="/v1/common_task/image2video/result",
                body=Inputs.body,
                outputs=outputs,
                failed_parts=fields.failed_parts,
                count_field="count",
                biz_types=("COMMON_TASK_IMAGE2VIDEO",),
            ),
            usual_seconds=180,
            deadline_seconds=20 * 60,
            pricing=Pricing(
                credit_log_type="common_task_image2video",
                note=NO_PRICE,
                priced_by=("mode", "duration", "count"),
            ),
        ),
    ),
    demo=DemoBrief(
        {
            "image": DemoFile("product.png"),
            "prompt": "The cup turns slowly while steam rises; soft morning light, calm camera.",
            "mode": "lite",
            "duration": "5",
            "count": "1",
        }
    ),
)
