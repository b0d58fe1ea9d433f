"""A model shows a product: the product is cut out, put into the model's picture, and one picture then speaks.

Docs: https://docs.topview.ai/reference/pa2_image2video_submit_task (contract: submitRemoveBackground,
submitProductAvatarReplaceV3, submitProductAvatarVideoV2). The first two steps are overdue when TopView's own
client gives up on them; usual times are this portal's own.
"""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from tasks.causes import Code
from tasks.kinds.base import (
    NO_PRICE,
    Body,
    Brief,
    DemoBrief,
    FileIds,
    FollowUp,
    Output,
    Pricing,
    Result,
    Step,
    TaskKind,
    UnusableBrief,
    Wire,
    each_costs,
    only_video,
    speech,
    titled,
)
from tasks.kinds.base.json_readers import pixels, words
from tasks.kinds.product_avatar_parts.inputs import MANUAL, NO_FACE, Inputs, VideoInputs
from tasks.kinds.product_avatar_parts.pictures import from_one_picture, note_on_face, pictures
from tasks.kinds.product_avatar_parts.product import DEMO


def cutout_body(brief: Brief, file_ids: FileIds) -> Body:
    return {"productImageFileId": Inputs.body(brief, file_ids)["productImageFileId"]}


def cutouts(result: Result, asked: Brief) -> Iterator[Output]:
    """The product without its background. The mask that may come with it is of no use here."""
    if url := words(result, "bgRemovedImagePath"):
        width, height = (pixels(result, f"bgRemovedImage{side}") for side in ("Width", "Height"))
        file_id = words(result, "bgRemovedImageFileId") or None
        yield Output("image", url, width=width, height=height, remote_file_id=file_id)


def pictures_body(asked: Brief, file_ids: FileIds) -> Body:
    if not asked.get("remote_file_id"):
        raise UnusableBrief("the cut-out product has no number", code=Code.CUTOUT_WITHOUT_NUMBER)
    body = Inputs.body(asked, file_ids)
    del body["productImageFileId"]
    if asked.get("placement") == MANUAL:
        body["version"] = "v4"  # the only engine that takes a place
    return {**body, "productImageWithoutBackgroundFileId": asked["remote_file_id"]}


def found_pictures(result: Result, asked: Brief) -> Iterator[Output]:
    """The pictures to choose from; the one that some answers name beside an empty list, when that is all."""
    found = list(pictures(result, "replaceProductResult", "imageId"))
    yield from found
    if not found and words(result, "status") == "success" and (url := words(result, "resultImageUrl")):
        yield Output("image", url)


def video_body(asked: Brief, file_ids: FileIds) -> Body:
    return {"replaceProductTaskImageId": asked["item_facts"]["number"], **VideoInputs.body(asked, file_ids)}


KIND = TaskKind(
    slug="product-avatar",
    label=_("Product avatar"),
    summary=_("A model shows your product: choose the best picture, then let it speak."),
    icon="shopping-bag",
    docs_url="https://docs.topview.ai/reference/pa2_image2video_submit_task",
    inputs=Inputs,
    action=_("Create pictures"),
    order=30,
    titled=titled(_("Product avatar"), file="product"),
    steps=(
        Step(
            slug="cutout",
            label=_("Cut the product out"),
            wire=Wire(
                operation="submitRemoveBackground",
                query_operation="queryRemoveBackground",
                submit_path="/v1/common_task/remove_background/submit",
                query_path="/v1/common_task/remove_background/query",
                body=cutout_body,
                outputs=cutouts,
            ),
            usual_seconds=30,
            deadline_seconds=300,
            pricing=Pricing(
                priced_by=(),
                note=_("The pictures cost 0.5 credits. TopView does not publish what cutting out costs."),
            ),
        ),
        Step(
            slug="pictures",
            label=_("Put it into the model's picture"),
            wire=Wire(
                operation="submitProductAvatarReplaceV3",
                query_operation="queryProductAvatarReplaceV3",
                submit_path="/v3/product_avatar/task/image_replace/submit",
                query_path="/v3/product_avatar/task/image_replace/query",
                body=pictures_body,
                outputs=found_pictures,
                board_media="image",
            ),
            usual_seconds=120,
            deadline_seconds=600,
            note=note_on_face(NO_FACE),
            follow_up=FollowUp(works_on=("cutout",), is_automatic=True),
            pricing=Pricing(
                credit_log_type="pa2_replace_product_image",
                # For the task, however many pictures it makes.
                cost=each_costs("submitProductAvatarReplaceV3"),
                priced_by=(),
            ),
        ),
        Step(
            slug="video",
            label=_("Make the video"),
            wire=Wire(
                operation="submitProductAvatarVideoV2",
                query_operation="queryProductAvatarVideoV2",
                submit_path="/v2/product_avatar/task/image2Video/submit",
                query_path="/v2/product_avatar/task/image2Video/query",
                body=video_body,
                outputs=only_video("finishedVideoUrl"),
            ),
            usual_seconds=300,
            deadline_seconds=45 * 60,
            follow_up=from_one_picture(VideoInputs, summary=_("Choose the picture that speaks.")),
            pricing=Pricing(
                credit_log_type="pa2_image2video",
                note=NO_PRICE,
                priced_by=("mode", *speech.LENGTH),
            ),
        ),
    ),
    demo=DemoBrief({**DEMO, "placement": "auto", "keep": "model"}),
)
