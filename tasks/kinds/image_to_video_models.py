"""A picture that starts to move, made by a model that is called by its name.

Docs: https://docs.topview.ai/reference/image_to_video_v2_submit_task (contract: submitImage2VideoV2). What
each model can do is in `image_to_video_parts/models.py`. Inferred: the words in the credit log and in
callbacks. Ours: the usual time, the deadline and the most reference pictures.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tasks.kinds.base import (
    Asset,
    Assets,
    Brief,
    Choice,
    Cost,
    DemoBrief,
    DemoFile,
    KindForm,
    Number,
    Option,
    Output,
    Prices,
    Pricing,
    Result,
    Step,
    TaskKind,
    Wire,
    cost_of,
    titled,
)
from tasks.kinds.base.fields.languages import LongChoice
from tasks.kinds.base.json_readers import has_failed, rows, words
from tasks.kinds.image_to_video_parts import fields, models
from tasks.kinds.image_to_video_parts.models import MODELS, Model

PICTURES, VIDEO = _("Pictures and movement"), _("Video")


class Inputs(KindForm):
    """The model, the pictures, what should happen, and how the video is made."""

    model = LongChoice(
        wire="model",
        label=_("Model"),
        help_text=_("With the lengths in seconds and the resolutions it makes."),
        section=PICTURES,
        options=[models.described(*named) for named in MODELS.items()],
    )
    first = Asset(
        wire="firstFrameFileId",
        product_part="picture",
        role="image",
        label=_("First frame"),
        section=PICTURES,
        shown_when=models.which(lambda model: model.pictures != models.SEVERAL),
        required_message=_("Choose or upload the picture that should move."),
    )
    end = Asset(
        wire="endFrameFileId",
        role="image",
        label=_("End frame"),
        help_text=_("The picture the video arrives at."),
        required=False,
        section=PICTURES,
        shown_when=models.which(lambda model: model.pictures == models.ENDS),
    )
    references = Assets(
        wire="referenceImageFileIds",
        role="image",
        least=2,
        most=7,
        label=_("Reference pictures"),
        help_text=_("What should be seen in the video: people, things, places."),
        section=PICTURES,
        shown_when=models.which(lambda model: model.pictures == models.SEVERAL),
        required_message=_("Choose or upload two pictures or more."),
    )
    prompt = fields.prompt(section=PICTURES)
    shape = Choice(
        wire="aspectRatio",
        label=_("Shape"),
        required=False,
        section=VIDEO,
        shown_when=models.which(lambda model: model.shapes),
        options=[Option("", _("As TopView chooses")), *(Option(shape, shape) for shape in models.FIVE)],
    )
    resolution = Choice(
        wire="resolution",
        label=_("Resolution"),
        required=False,
        section=VIDEO,
        shown_when=models.which(lambda model: model.resolutions),
        options=[Option("", _("As TopView chooses"))]
        + [Option(str(lines), f"{lines}p", wire=lines) for lines in (480, 540, 720, 768, 1080, 2160)],
    )
    seconds = Number(
        wire="duration",
        label=_("Seconds"),
        least="1",
        most="16",
        initial=5,
        section=VIDEO,
        required_message=_("Say how many seconds the video has."),
    )
    sound = Choice(
        wire="sound",
        label=_("Sound"),
        unsent="off",
        section=VIDEO,
        shown_when=models.which(lambda model: model.sound),
        options=[Option("off", _("Silent")), Option("on", _("With sound"), _("It may cost more."))],
    )
    count = fields.count(section=VIDEO)

    def clean(self) -> dict[str, Any]:
        """Shape, resolution and length must be among the model's."""
        values = super().clean()
        if model := MODELS.get(values.get("model", "")):
            for name, offered in (("shape", model.shapes), ("resolution", model.resolutions)):
                self._judge(
                    name, values.get(name), [str(one) for one in offered], model, models.span(offered)
                )
            seconds = values.get("seconds")
            self._judge("seconds", seconds, model.seconds, model, models.span(model.seconds))
        return values

    def _judge(self, name: str, value: Any, offered: Sequence[Any], model: Model, said: str) -> None:
        if value and value not in offered:
            message = _("With %(model)s choose from: %(offered)s.")
            self.add_error(name, ValidationError(message, "offered", {"model": model.name, "offered": said}))


def outputs(result: Result, asked: Brief) -> Iterator[Output]:
    """Each video as it appears; rows carry no key, so their place in the list names them."""
    for position, row in rows(result, "videos"):
        url = words(row, "filePath")
        if url and not has_failed(row):
            yield Output("video", url, position=position)


def price(brief: Brief, prices: Prices) -> Cost | None:
    """By second and variation, at the rate of the model with this resolution and sound."""
    lines = brief.get("resolution")
    rates = prices.video(
        MODELS[brief["model"]].name,
        resolution=int(lines) if lines else None,
        sound=brief.get("sound") == "on",
    )
    return cost_of(rates, int(brief["seconds"]) * int(brief["count"]))


KIND = TaskKind(
    slug="image-to-video-models",
    label=_("Image to video, by model"),
    summary=_("Choose the model: start and end picture, several pictures, sound, up to 4K."),
    icon="film",
    docs_url="https://docs.topview.ai/reference/image_to_video_v2_submit_task",
    inputs=Inputs,
    order=25,
    titled=titled(_("Moving picture"), text="prompt", file="first"),
    steps=(
        Step(
            slug="video",
            label=_("Make the videos"),
            wire=Wire(
                operation="submitImage2VideoV2",
                query_operation="queryImage2VideoV2",
                submit_path="/v2/common_task/image2video/task/submit",
                query_path="/v2/common_task/image2video/task/query",
                body=Inputs.body,
                outputs=outputs,
                failed_parts=fields.failed_parts,
                count_field="count",
                board_media="video",
                biz_types=("COMMON_TASK_IMAGE2VIDEO",),
            ),
            usual_seconds=180,
            deadline_seconds=20 * 60,
            pricing=Pricing(
                credit_log_type="common_task_image2video",
                cost=price,
                note=_("No price is published for this model with these answers."),
                priced_by=("model", "resolution", "seconds", "sound", "count"),
            ),
        ),
    ),
    demo=DemoBrief(
        {
            "model": "topview-lite",
            "first": DemoFile("product.png"),
            "prompt": "The cup turns slowly while steam rises; soft morning light, calm camera.",
            "seconds": "5",
            "count": "1",
        }
    ),
)
