"""A marketing video from a product page or own material: previews, their words, exports.

Docs: https://docs.topview.ai/reference/avatar_marketing_video_submit_task. All calls after the first work on
the task of the first, and one query tells of all of them. Times: people wait about five minutes for previews
and three for an export.
"""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tasks.kinds.base import (
    Brief,
    Cost,
    DemoBrief,
    DemoFile,
    FailedPart,
    FollowUp,
    Output,
    Prices,
    Pricing,
    Result,
    Step,
    TaskKind,
    Wire,
    title_from,
)
from tasks.kinds.base.json_readers import has_failed, rows, words
from tasks.kinds.marketing_video_parts import export, parsing, script
from tasks.kinds.marketing_video_parts.inputs import OWN, PREVIEW, Inputs

QUERY = "/v1/m2v/task/query"
READS_SCRIPTS = {parsing.SCRIPTS: "/v1/m2v/script/list"}


def has_previews(brief: Brief) -> bool:
    """Whether previews were asked for; only then are there scripts to edit and to export."""
    return bool(brief.get("way") == PREVIEW)


def first_list(asked: Brief) -> str:
    """Where the videos of the first call stand."""
    return parsing.PREVIEWS if has_previews(asked) else parsing.EXPORTS


def outputs(result: Result, asked: Brief) -> Iterator[Output]:
    """The previews, one for each script; without them, the finished video."""
    yield from parsing.videos(result, first_list(asked))


def failed_parts(result: Result, asked: Brief) -> Iterator[FailedPart]:
    """Scripts that could not be filmed."""
    for position, row in rows(result, first_list(asked)):
        if has_failed(row):
            yield FailedPart(position, str(parsing.script_id(row, position)), words(row, "errorMsg"))


def state(result: Result, asked: Brief) -> str:
    """The word for the first call: that of the task, but not over before each of its videos is."""
    word = words(result, "status")
    states = (words(row, "status") for _position, row in rows(result, first_list(asked)))
    is_unfinished = any(state in ("init", parsing.RUNNING) for state in states)
    return parsing.RUNNING if word == parsing.SUCCESS and is_unfinished else word


def price(brief: Brief, prices: Prices) -> Cost | None:
    """A finished video has a published price, a preview has none."""
    return None if has_previews(brief) else export.price(brief, prices)


def title(brief: Brief, names: Mapping[str, str]) -> str:
    """The product's name, else the place of its page."""
    return title_from(
        brief.get("name") or urlsplit(brief.get("link", "")).hostname or "", gettext("Marketing video")
    )


KIND = TaskKind(
    slug="marketing-video",
    label=_("Marketing video"),
    summary=_("A finished advertisement from a product page, or from your pictures and clips."),
    icon="shopping-bag",
    docs_url="https://docs.topview.ai/reference/avatar_marketing_video_submit_task",
    inputs=Inputs,
    order=15,
    titled=title,
    steps=(
        Step(
            slug="preview",
            label=_("Make the previews or the video"),
            wire=Wire(
                operation="submitM2vTask",
                query_operation="queryM2vTask",
                submit_path="/v1/m2v/task/submit",
                query_path=QUERY,
                body=Inputs.body,
                outputs=outputs,
                failed_parts=failed_parts,
                state=state,
                also_read=READS_SCRIPTS,
                also_read_operations=("listM2vScripts",),
                biz_types=("M2V_PREVIEW", "M2V_EXPORT", "M2V_SCRIPT"),
            ),
            usual_seconds=300,
            deadline_seconds=45 * 60,
            note=script.said,
            pricing=Pricing(
                credit_log_type="m2v",
                cost=price,
                note=_("TopView states no price for previews. Each exported video is charged later."),
                priced_by=("way", "length", "presenter"),
            ),
        ),
        Step(
            slug="script",
            label=_("Change the words"),
            wire=Wire(
                operation="updateM2vScript",
                query_operation="queryM2vTask",
                submit_path="/v1/m2v/script/update",
                query_path=QUERY,
                body=script.body,
                outputs=script.outputs,
                state=script.state,
                also_read=READS_SCRIPTS,
                also_read_operations=("listM2vScripts",),
                takes_notice=False,
                shares_task=True,
            ),
            usual_seconds=300,
            deadline_seconds=45 * 60,
            note=script.said,
            follow_up=FollowUp(
                works_on=("preview", "script"),
                inputs=script.ScriptInputs,
                initial=script.initial,
                refusal=script.refusal,
                applies=has_previews,
                is_optional=True,
                is_repeatable=True,
                summary=_("Change what a preview says, and see it anew."),
                action=_("Make a new preview"),
            ),
            pricing=Pricing(
                note=_("TopView states no price for a new preview."),
                priced_by=("length", "presenter"),
            ),
        ),
        Step(
            slug="export",
            label=_("Export"),
            wire=Wire(
                operation="exportM2v",
                query_operation="queryM2vTask",
                submit_path="/v1/m2v/export",
                query_path=QUERY,
                body=export.body,
                outputs=export.outputs,
                state=export.state,
                biz_types=("M2V_EXPORT",),
                shares_task=True,
            ),
            usual_seconds=180,
            deadline_seconds=45 * 60,
            follow_up=FollowUp(
                works_on=("preview", "script"),
                applies=has_previews,
                takes_several=True,
                summary=_("Make finished videos of the previews you like."),
                action=_("Export"),
            ),
            pricing=Pricing(
                credit_log_type="m2v",
                cost=export.price,
                priced_by=("length",),
            ),
        ),
    ),
    demo=DemoBrief(
        {
            "source": OWN,
            "material": [DemoFile("product.png")],
            "name": "Clay cup",
            "description": "A cup of red clay, thrown by hand. It keeps tea warm and feels good to hold.",
            "writer": "topview",
            "language": "en",
            "presenter": "any",
            "aspect": "9:16",
            "length": "15-30",
            "ending": "none",
            "way": PREVIEW,
        }
    ),
)
