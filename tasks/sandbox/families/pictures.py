"""Picture products: AnyShoot v1, and removing a background."""

from tasks.sandbox.families.base import Family, NewJob, Plan, SubmitRequest, TaskView
from tasks.sandbox.messages import refuse
from tasks.sandbox.prices import price
from tasks.sandbox.render_spec import RenderSpec
from tasks.sandbox.rows import Job, Output, Row


def plan_anyshoot(request: SubmitRequest) -> Plan:
    """The product in a template; an uploaded template wins over a public one."""
    count = int(request.body.get("generatingCount", 1))
    product = request.file("productImageFileId", "image")
    spec = RenderSpec(
        "picture",
        pictures=(_template(request), str(product)),
        count=count,
        place_mask=request.file("templateMaskFileId", "image"),
        product_mask=request.file("productMaskFileId", "image"),
        label=request.body["mode"][:60],
    )
    return Plan(jobs=(NewJob(spec, price("anyshoot_picture") * count),))


def answer_anyshoot(view: TaskView) -> Row:
    """`AnyShootResult`: pictures that failed are simply not there."""
    job = view.task.main
    good = [(number, output) for number, output in enumerate(job.outputs) if not output.failed]
    rows = [{"key": str(number), "url": view.url(output)} for number, output in good]
    return {
        **view.head(),
        "anyfitImages": rows if job.succeeded else None,
        "costCredit": view.task.cost,
    }


def plan_cutout(request: SubmitRequest) -> Plan:
    """One picture without its background, and its mask."""
    product = request.file("productImageFileId", "image")
    spec = RenderSpec("cutout", pictures=(str(product),), count=2)
    return Plan(jobs=(NewJob(spec, price("remove_background")),))


def answer_cutout(view: TaskView) -> Row:
    """`RemoveBackgroundResult`. The second file is the mask."""
    output, mask = _good(view.task.main, 0), _good(view.task.main, 1)
    return {
        **view.head(),
        "costCredit": view.task.cost,
        "bgRemovedImageFileId": output.file_id if output else None,
        "bgRemovedImagePath": view.url(output),
        "bgRemovedImageWidth": output.width if output else None,
        "bgRemovedImageHeight": output.height if output else None,
        "maskImageFileId": mask.file_id if mask else None,
        "maskImagePath": view.url(mask),
    }


def _good(job: Job, number: int) -> Output | None:
    output = job.outputs[number] if job.succeeded and number < len(job.outputs) else None
    return None if output is None or output.failed else output


def _template(request: SubmitRequest) -> str:
    picture = request.file("templateImageFileId", "image")
    if picture:
        return picture
    number = request.body.get("templateId")
    if number is None:
        refuse("4003", "required parameter is null: templateId or templateImageFileId")
    row = request.catalog.entry("anyshoot_templates", "templateId", number, key="templateId")
    return str(row["templateImageUrl"])


FAMILIES = (
    Family(
        submits={"submitAnyShootTask": plan_anyshoot},
        query="queryAnyShootTask",
        answer=answer_anyshoot,
        log_type="product_anyfit",
    ),
    Family(
        submits={"submitRemoveBackground": plan_cutout},
        query="queryRemoveBackground",
        answer=answer_cutout,
        log_type="remove_background",
    ),
)
