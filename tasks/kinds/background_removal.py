"""A picture without its background, and the mask that was used.

Docs: https://docs.topview.ai/reference/getting-started-4 (contract: submitRemoveBackground). TopView states
neither a price nor a usual time; its own client asks every 3 seconds and gives up after 5 minutes.
"""

from collections.abc import Iterator

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tasks.kinds.base import (
    NO_PRICE,
    Asset,
    Brief,
    DemoBrief,
    DemoFile,
    KindForm,
    Output,
    Pricing,
    Result,
    Step,
    TaskKind,
    Wire,
    titled,
)
from tasks.kinds.base.json_readers import pixels, words


class Inputs(KindForm):
    picture = Asset(
        wire="productImageFileId",
        product_part="picture",
        role="image",
        label=_("Picture"),
        help_text=_("What stands in front is kept, with clear edges around it."),
        section=_("Picture"),
        required_message=_("Choose or upload the picture whose background goes."),
    )


def outputs(result: Result, asked: Brief) -> Iterator[Output]:
    """The cut-out, and the mask where there is one; later calls can use both without an upload."""
    if url := words(result, "bgRemovedImagePath"):
        yield Output(
            "image",
            url,
            key="cut-out",
            width=pixels(result, "bgRemovedImageWidth"),
            height=pixels(result, "bgRemovedImageHeight"),
            remote_file_id=words(result, "bgRemovedImageFileId") or None,
            name=gettext("Cut-out"),
        )
    if url := words(result, "maskImagePath"):
        file_id = words(result, "maskImageFileId") or None
        yield Output("image", url, key="mask", position=1, remote_file_id=file_id, name=gettext("Mask"))


KIND = TaskKind(
    slug="background-removal",
    label=_("Remove background"),
    summary=_("A picture's subject alone, on a transparent background."),
    icon="layers",
    docs_url="https://docs.topview.ai/reference/getting-started-4",
    inputs=Inputs,
    action=_("Remove background"),
    order=60,
    titled=titled(_("Cut-out"), file="picture"),
    steps=(
        Step(
            slug="cut-out",
            label=_("Remove the background"),
            wire=Wire(
                operation="submitRemoveBackground",
                query_operation="queryRemoveBackground",
                submit_path="/v1/common_task/remove_background/submit",
                query_path="/v1/common_task/remove_background/query",
                body=Inputs.body,
                outputs=outputs,
            ),
            usual_seconds=30,
            deadline_seconds=5 * 60,
            pricing=Pricing(
                note=NO_PRICE,
            ),
        ),
    ),
    demo=DemoBrief({"picture": DemoFile("product.png")}),
)
