"""Picture products: AnyShoot v1, and removing a background."""

from tasks.sandbox.families.base import Family, NewJob, Order, Planned, Told
from tasks.sandbox.messages import refuse
from tasks.sandbox.prices import price
from tasks.sandbox.render_spec import Scene
from tasks.sandbox.rows import Job, Output, Row


def plan_anyshoot(order: Order) -> Planned:
    """The product in a template; an uploaded template wins over a public one."""
    count = int(order.body.get("generatingCount", 1))
    product = order.file("productImageFileId", "image")
    scene = Scene(
        "picture",
        pictures=(_template(order), str(product)),
        count=count,
        place_mask=order.file("templateMaskFileId", "image"),
        product_mask=order.file("productMaskFileId", "image"),
        label=order.body["mode"][:60],
    )
    return Planned(jobs=(NewJob(scene, price("anyshoot_picture") * count),))


def answer_anyshoot(told: Told) -> Row:
    """`AnyShootResult`: pictures that failed are simply not there."""
    job = told.task.main
    good = [(number, output) for number, output in enumerate(job.outputs) if not output.failed]
    rows = [{"key": str(number), "url": told.url(output)} for number, output in good]
    return {
        **told.head(),
        "anyfitImages": rows if job.succeeded else None,
        "costCredit": told.task.cost,
    }


def plan_cutout(order: Order) -> Planned:
    """One picture without its background, and its mask."""
    product = order.file("productImageFileId", "image")
    scene = Scene("cutout", pictures=(str(product),), count=2)
    return Planned(jobs=(NewJob(scene, price("remove_background")),))


def answer_cutout(told: Told) -> Row:
    """`RemoveBackgroundResult`. The second file is the mask."""
    output, mask = _good(told.task.main, 0), _good(told.task.main, 1)
    return {
        **told.head(),
        "costCredit": told.task.cost,
        "bgRemovedImageFileId": output.file_id if output else None,
        "bgRemovedImagePath": told.url(output),
        "bgRemovedImageWidth": output.width if output else None,
        "bgRemovedImageHeight": output.height if output else None,
        "maskImageFileId": mask.file_id if mask else None,
        "maskImagePath": told.url(mask),
    }


def _good(job: Job, number: int) -> Output | None:
    output = job.outputs[number] if job.succeeded and number < len(job.outputs) else None
    return None if output is None or output.failed else output


def _template(order: Order) -> str:
    picture = order.file("templateImageFileId", "image")
    if picture:
        return picture
    number = order.body.get("templateId")
    if number is None:
        refuse("4003", "required parameter is null: templateId or templateImageFileId")
    row = order.catalog.entry("anyshoot_templates", "templateId", number, key="templateId")
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
