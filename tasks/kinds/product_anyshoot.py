"""A product in a ready-made scene: where the product goes is painted over the scene.

Contract: submitAnyShootTask, queryAnyShootTask. TopView demands a mode and publishes none of its words, so
the field is open; "standard" is how a public client calls its orders. Usual time and deadline are our own.
"""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from tasks.kinds.base import (
    Asset,
    Brief,
    Choice,
    DemoBrief,
    DemoFile,
    FailedPart,
    KindForm,
    Mask,
    Number,
    Option,
    Output,
    Pick,
    Pricing,
    Result,
    Step,
    TaskKind,
    Text,
    Wire,
    each_costs,
    titled,
    when,
)
from tasks.kinds.base.json_readers import rows, words
from tasks.kinds.product_avatar_parts.pictures import number
from tasks.kinds.product_avatar_parts.product import PRODUCT, product_picture

SCENE, PICTURES = _("Scene"), _("Pictures")
TEMPLATE, OWN = "template", "own"


class Inputs(KindForm):
    """The product, the scene, and the place of the one in the other."""

    product = product_picture()
    product_mask = Mask(
        of="product",
        wire="productMaskFileId",
        label=_("The product in its picture"),
        help_text=_("Optional: paint over the product when other things stand beside it."),
        required=False,
        section=PRODUCT,
    )
    scene = Choice(
        label=_("Scene"),
        section=SCENE,
        options=[
            Option(TEMPLATE, _("Template"), _("A ready-made scene of TopView.")),
            Option(OWN, _("My picture"), _("A scene of your own.")),
        ],
    )
    template = Pick(
        wire="templateId",
        catalog_name="anyshoot-templates",
        label=_("Template"),
        section=SCENE,
        shown_when=when("scene", TEMPLATE),
        required_message=_("Choose the template."),
    )
    picture = Asset(
        wire="templateImageFileId",
        role="image",
        label=_("Picture of the scene"),
        section=SCENE,
        shown_when=when("scene", OWN),
        required_message=_("Choose or upload the picture of the scene."),
    )
    place = Mask(
        of=("template", "picture"),
        wire="templateMaskFileId",
        label=_("Place of the product"),
        help_text=_("Paint over the part of the scene in which the product should appear."),
        section=SCENE,
        required_message=_("Paint where the product should appear."),
    )
    count = Number(
        wire="generatingCount",
        label=_("Pictures"),
        help_text=_("Each one is charged."),
        least="1",
        most="4",
        initial=1,
        section=PICTURES,
        required_message=_("Say how many pictures to make, from 1 to 4."),
    )
    mode = Text(
        wire="mode",
        label=_("Mode"),
        help_text=_(
            "TopView demands a word here and does not publish which it knows. Change it only when TopView "
            "refuses the order; that costs nothing."
        ),
        initial="standard",
        max_length=40,
        section=PICTURES,
        required_message=_("TopView demands a word here, for example: standard."),
    )


def outputs(result: Result, asked: Brief) -> Iterator[Output]:
    """The pictures that were made; some answers number them, some do not."""
    for position, row in rows(result, "anyfitImages"):
        if url := words(row, "url"):
            yield Output("image", url, key=number(row, "key"), position=position)


def failed_parts(result: Result, asked: Brief) -> Iterator[FailedPart]:
    """Rows that are still without a picture when TopView has finished."""
    if words(result, "status") == "success":
        for position, row in rows(result, "anyfitImages"):
            if not words(row, "url"):
                yield FailedPart(position, number(row, "key"))


KIND = TaskKind(
    slug="product-anyshoot",
    label=_("Product AnyShoot"),
    summary=_("Your product in a ready-made scene: choose the scene and paint where the product goes."),
    icon="image",
    docs_url="https://docs.topview.ai/",
    inputs=Inputs,
    action=_("Create pictures"),
    order=40,
    titled=titled(_("Product in a scene"), file="product"),
    steps=(
        Step(
            slug="pictures",
            label=_("Make the pictures"),
            wire=Wire(
                operation="submitAnyShootTask",
                query_operation="queryAnyShootTask",
                submit_path="/v1/product_anyShoot/task/submit",
                query_path="/v1/product_anyShoot/task/result",
                body=Inputs.body,
                outputs=outputs,
                failed_parts=failed_parts,
                count_field="count",
                biz_types=("PRODUCT_ANY_SHOOT",),
            ),
            usual_seconds=60,
            deadline_seconds=20 * 60,
            pricing=Pricing(
                credit_log_type="product_anyfit",
                cost=each_costs("submitAnyShootTask", count_field="count"),
                priced_by=("count", "mode"),
            ),
        ),
    ),
    demo=DemoBrief(
        {
            "product": DemoFile("product.png"),
            "scene": OWN,
            "picture": DemoFile("scene.png"),
            "place": DemoFile("scene-mask.png"),
            "count": "1",
            "mode": "standard",
        }
    ),
)
