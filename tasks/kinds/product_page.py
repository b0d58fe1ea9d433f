"""A product page is read: the product's name, words, pictures and clips, ready for every other form.

Docs: https://apifox.com/apidoc/shared/e8e2bcff-c3c8-4f04-9b5c-465e985c31bc/api-277604799 (contract:
submitScraperTask, queryScraperTask). The credit log has no word for it.
TopView states neither a price, a usual time nor a deadline: one minute and ten minutes are this portal's own.
"""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from tasks.kinds.base import (
    Brief,
    DemoBrief,
    Facts,
    KindForm,
    Link,
    Output,
    Pricing,
    ProductWords,
    Result,
    Role,
    Step,
    TaskKind,
    Wire,
    title_from,
)
from tasks.kinds.base.json_readers import rows, words


class Inputs(KindForm):
    link = Link(
        wire="productLink",
        label=_("Link of the product page"),
        help_text=_("TopView opens it, so it must be on the open internet and need no sign-in."),
        section=_("Product page"),
        required_message=_("Give the link of the product page."),
    )


def outputs(result: Result, asked: Brief) -> Iterator[Output]:
    """Pictures and clips as they appear; the words when TopView is done, also when the page has none."""
    yield from _files(result, "productImages", "image")
    yield from _files(result, "productVideos", "video")
    facts = {
        "name": words(result, "productName").strip(),
        "description": words(result, "productDescription").strip(),
        "link": words(result, "productLink") or str(asked.get("link", "")),
    }
    if words(result, "status").lower() == "success":
        text = "\n\n".join(value for value in facts.values() if value)
        yield Output("text", "", key="product", name=facts["name"], facts={**facts, "text": text})


def _files(result: Result, key: str, role: Role) -> Iterator[Output]:
    for position, row in rows(result, key):
        url = words(row, "fileUrl")
        if url:
            yield Output(
                role,
                url,
                position=position,
                name=PurePosixPath(words(row, "fileName")).stem,
                remote_file_id=words(row, "fileId") or None,
            )


def product_words(brief: Brief, facts: Facts) -> ProductWords:
    """What the text output says; a page without a name is called by its address."""
    link = str(brief.get("link", ""))
    return ProductWords(
        str(facts.get("name") or address_words(link)), str(facts.get("description", "")), link
    )


def address_words(link: str) -> str:
    """An address as people name it: "shop.example/blue-cup"."""
    parts = urlsplit(link)
    return f"{parts.hostname or ''}{unquote(parts.path).rstrip('/')}"


def title(brief: Brief, names: Mapping[str, str]) -> str:
    """The address without what follows its path."""
    return title_from(address_words(str(brief.get("link", ""))), str(KIND.label))


def description_of(facts: Facts) -> str:
    """The words below the product's name."""
    return str(facts.get("description", ""))


KIND = TaskKind(
    slug="product-page",
    label=_("Product page"),
    summary=_(
        "TopView reads a page of a shop: name, description, pictures and clips become a saved product."
    ),
    icon="shopping-bag",
    docs_url="https://apifox.com/apidoc/shared/e8e2bcff-c3c8-4f04-9b5c-465e985c31bc/api-277604799",
    inputs=Inputs,
    action=_("Read the page"),
    order=80,
    titled=title,
    product_of=product_words,
    steps=(
        Step(
            slug="page",
            label=_("Read the page"),
            wire=Wire(
                operation="submitScraperTask",
                query_operation="queryScraperTask",
                submit_path="/v1/scraper/task/submit",
                query_path="/v1/scraper/task/query",
                body=Inputs.body,
                outputs=outputs,
                biz_types=("SCRAPER",),
            ),
            note=description_of,
            usual_seconds=60,
            deadline_seconds=10 * 60,
            pricing=Pricing(
                note=_("TopView documents no charge for this."),
            ),
        ),
    ),
    demo=DemoBrief({"link": "https://shop.example/products/morning-cup"}),
)
