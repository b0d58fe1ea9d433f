"""Scraper: `submitScraperTask`, `queryScraperTask`. No page is fetched: the words come from the address."""

import hashlib
from urllib.parse import urlsplit

from tasks.sandbox.catalog import Catalog
from tasks.sandbox.families.base import Family, NewJob, Plan, SubmitRequest, TaskView
from tasks.sandbox.prices import price
from tasks.sandbox.render_spec import RenderSpec
from tasks.sandbox.rows import Row

PICTURES = 3


def plan(request: SubmitRequest) -> Plan:
    """Pictures and one clip of an invented product."""
    link = request.body["productLink"]
    name, description = invented(link)
    scenery = stock(request.catalog, link, 1)
    cost = price("scraper")
    jobs = (
        NewJob(RenderSpec("picture", pictures=scenery, count=PICTURES, label=name), cost, part="images"),
        NewJob(RenderSpec("animation", pictures=scenery, seconds=4.0, label=name), cost, part="videos"),
    )
    return Plan(jobs=jobs, facts={"name": name, "description": description})


def answer(view: TaskView) -> Row:
    """`ScraperResult`."""
    facts, done = view.task.facts, view.status == "success"
    return {
        **view.head(),
        "productLink": view.task.body["productLink"],
        "productName": facts["name"] if done else None,
        "productDescription": facts["description"] if done else None,
        "productImages": _files(view, "images") if done else None,
        "productVideos": _files(view, "videos") if done else None,
    }


def invented(link: str) -> tuple[str, str]:
    """A name and a description for the product behind an address."""
    parts = urlsplit(link)
    words = parts.path.rstrip("/").rsplit("/", 1)[-1].replace("-", " ").replace("_", " ")
    name = words.rsplit(".", 1)[0].strip().capitalize()[:80] or str(parts.hostname)
    return name, f"{name}, as offered at {parts.hostname}. This text was made by the sandbox."


def stock(catalog: Catalog, seed: str, count: int) -> tuple[str, ...]:
    """Catalog pictures to stand for a product's own; the same seed gives the same ones."""
    rows = catalog.public("anyshoot_templates")
    start = int(hashlib.sha256(seed.encode()).hexdigest()[:8], 16)
    return tuple(str(rows[(start + number) % len(rows)]["templateImageUrl"]) for number in range(count))


def _files(view: TaskView, part: str) -> list[Row]:
    outputs = [output for job in view.task.latest(part) for output in job.outputs if job.succeeded]
    ending = "mp4" if part == "videos" else "png"
    return [
        {
            "fileId": output.file_id,
            "fileName": f"product-{number}.{ending}",
            "fileType": output.role,
            "fileUrl": view.url(output),
            "format": ending,
        }
        for number, output in enumerate(outputs, 1)
        if not output.failed
    ]


FAMILY = Family(
    submits={"submitScraperTask": plan},
    query="queryScraperTask",
    answer=answer,
    log_type="scraper",
)
