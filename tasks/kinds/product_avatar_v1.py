"""Product avatar as TopView first built it: a product goes into a model's picture, and a picture then moves.

Docs: https://docs.topview.ai/reference/get_new-endpoint-9 and -12 (contract: submitProductAvatarReplace,
submitProductAvatarVideo). The answers call the state taskStatus. How many pictures there are to choose from
is not documented; times and text limits are this portal's own.
"""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tasks.kinds.base import (
    NO_PRICE,
    Body,
    Brief,
    Choice,
    DemoBrief,
    FileIds,
    KindForm,
    Option,
    Output,
    Pricing,
    Result,
    Step,
    TaskKind,
    Text,
    Wire,
    speech,
    titled,
    when,
)
from tasks.kinds.base.json_readers import words
from tasks.kinds.product_avatar_parts.pictures import from_one_picture, note_on_face, pictures
from tasks.kinds.product_avatar_parts.product import DEMO, PICTURE, SIZES, USUAL_SIZE, ProductInHand

MOTION = _("Video")
TALKING = "avatar2"
NO_FACE = _("TopView found no face in this picture, and only a face can talk: choose Lite or Pro.")


class Inputs(ProductInHand):
    """Product, model, and how the two come together."""

    prompt = Text(
        wire="imageEditPrompt",
        label=_("How it is shown"),
        help_text=_("For example: she holds the bottle next to her face."),
        max_length=2000,
        long=True,
        section=PICTURE,
        required_message=_("Say how the product is shown."),
    )
    size = Choice(
        wire="productSize",
        initial=USUAL_SIZE,
        unsent=USUAL_SIZE,
        label=_("Size of the product"),
        section=PICTURE,
        options=SIZES,
    )


class VideoInputs(KindForm):
    """How the chosen picture moves."""

    mode = Choice(
        wire="mode",
        label=_("Quality"),
        section=MOTION,
        options=[
            Option("lite", _("Lite"), _("TopView's first tier.")),
            Option("pro", _("Pro"), _("Second tier.")),
            Option(TALKING, _("Avatar 2"), _("The model talks. TopView's pages do not list it here.")),
        ],
    )
    motion = Text(
        wire="image2videoPrompt",
        label=_("What should happen"),
        help_text=_("Movement, camera, mood. Optional."),
        max_length=2000,
        long=True,
        required=False,
        section=MOTION,
    )
    script = Text(
        wire="ttsText",
        label=_("Script"),
        help_text=_("The words to say."),
        max_length=speech.LONGEST_SCRIPT,
        long=True,
        spoken=True,
        section=MOTION,
        shown_when=when("mode", TALKING),
        required_message=_("Write what the model should say."),
    )
    voice = speech.voice(wire="voiceoverId", section=MOTION, shown_when=when("mode", TALKING))

    def clean(self) -> dict[str, Any]:
        """Only a face can talk."""
        values = super().clean()
        if values.get("mode") == TALKING and self.initial.get("face") is False:
            self.add_error("mode", ValidationError(NO_FACE, "face"))
        return values


def found_pictures(result: Result, asked: Brief) -> Iterator[Output]:
    yield from pictures(result, "productReplaceResult", "key")


def video_body(asked: Brief, file_ids: FileIds) -> Body:
    return {"productReplaceResultKey": asked["item_facts"]["number"], **VideoInputs.body(asked, file_ids)}


def videos(result: Result, asked: Brief) -> Iterator[Output]:
    """The finished video; its preview, called temporary, when TopView ends without another."""
    url = words(result, "finishedVideoUrl")
    if not url and words(result, "taskStatus") == "success":
        url = words(result, "previewVideoUrl")
    if url:
        yield Output("video", url)


KIND = TaskKind(
    slug="product-avatar-v1",
    label=_("Product avatar, first version"),
    summary=_("TopView's earlier way to show a product with a model. It needs no cut-out product."),
    icon="user-round",
    docs_url="https://docs.topview.ai/reference/get_new-endpoint-9",
    inputs=Inputs,
    action=_("Create pictures"),
    order=80,
    titled=titled(_("Product avatar"), text="prompt", file="product"),
    steps=(
        Step(
            slug="pictures",
            label=_("Put it into the model's picture"),
            wire=Wire(
                operation="submitProductAvatarReplace",
                query_operation="queryProductAvatarReplace",
                submit_path="/v1/product_avatar/task/image_replace/submit",
                query_path="/v1/product_avatar/task/image_replace/result",
                body=Inputs.body,
                outputs=found_pictures,
                biz_types=("PRODUCT_AVATAR_REPLACE_PRODUCT_IMAGE",),
            ),
            usual_seconds=120,
            deadline_seconds=20 * 60,
            note=note_on_face(NO_FACE),
            pricing=Pricing(
                note=_("1 credit for each picture. TopView does not say how many it makes."),
            ),
        ),
        Step(
            slug="video",
            label=_("Make the video"),
            wire=Wire(
                operation="submitProductAvatarVideo",
                query_operation="queryProductAvatarVideo",
                submit_path="/v1/product_avatar/task/image2Video/submit",
                query_path="/v1/product_avatar/task/image2Video/result",
                body=video_body,
                outputs=videos,
                biz_types=("PRODUCT_AVATAR_IMAGE2VIDEO",),
            ),
            usual_seconds=300,
            deadline_seconds=45 * 60,
            follow_up=from_one_picture(VideoInputs, summary=_("Choose the picture that moves.")),
            pricing=Pricing(
                credit_log_type="product_avatar_image2video",
                note=NO_PRICE,
                priced_by=("mode", "script"),
            ),
        ),
    ),
    demo=DemoBrief(DEMO),
)
