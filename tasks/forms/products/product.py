"""What people write of a product, and how a product fills the forms of other kinds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tasks.forms.tasks.sources import CredentialCatalog, WorkspaceFiles, facts_of
from tasks.kinds import KINDS
from tasks.kinds.base import (
    IMAGE,
    VIDEO,
    Asset,
    Assets,
    FileFacts,
    FromLibrary,
    KindForm,
    Link,
    ProductWords,
    TaskKind,
    Text,
    Wired,
)
from tasks.models import LONGEST_NAME, Product, Workspace
from tasks.names import clean_name

MOST_FILES = 60
ABOUT, FILES = _("The product"), _("Pictures and clips")


class ProductForm(KindForm):
    """A product's words, and its pictures and clips in their order."""

    name = Text(
        label=_("Name"),
        max_length=LONGEST_NAME,
        section=ABOUT,
        required_message=_("Give the product a name."),
    )
    description = Text(label=_("Description"), max_length=20_000, long=True, required=False, section=ABOUT)
    link = Link(label=_("Link of its page"), required=False, section=ABOUT)
    # Shops have pictures of any size: each product judges for itself what it can use.
    material = Assets(
        roles=("image", "video"),
        least=0,
        most=MOST_FILES,
        limits=(replace(IMAGE, min_side=None, max_side=None), replace(VIDEO, min_side=None, max_side=None)),
        label=_("Pictures and clips"),
        help_text=_("The first picture stands for the product."),
        section=FILES,
    )

    @classmethod
    def of(cls, product: Product, workspace: Workspace, data: Any = None) -> ProductForm:
        """The form of a product; with `data`, of what somebody changed."""
        initial = {
            "name": product.name,
            "description": product.description,
            "link": product.link,
            "material": [str(file.upload_id) for file in product.files.all()],
        }
        files, catalog = WorkspaceFiles(workspace), CredentialCatalog(None)
        return cls(data, files=files, catalog=catalog, initial=initial)

    @property
    def words(self) -> ProductWords:
        kept = self.cleaned_data
        return ProductWords(clean_name(kept["name"]), kept["description"], kept["link"])

    @property
    def upload_ids(self) -> list[UUID]:
        chosen: Sequence[FileFacts] = self.cleaned_data["material"] or ()
        return [facts.id for facts in chosen]


def page_reader() -> tuple[TaskKind, str] | None:
    """The kind that reads product pages, and its field for the page's address."""
    for kind in KINDS.values():
        if kind.product_of is not None:
            for name, field in kind.inputs.own_fields():
                if isinstance(field, Link):
                    return kind, name
    return None


def fillable() -> Iterator[TaskKind]:
    """Every kind whose form takes something of a product."""
    return (
        kind for kind in KINDS.values() if any(field.product_part for _n, field in kind.inputs.own_fields())
    )


def filled_from(product: Product, inputs: type[KindForm]) -> dict[str, Any]:
    """Initial values of a form: what its fields take of the product, and the answers that show them."""
    fields = dict(inputs.own_fields())
    files = product.files.filter(upload__hidden_at=None).select_related("upload__blob")
    material = [facts_of(file.upload) for file in files]
    found: dict[str, Any] = {}
    answers: dict[str, Any] = {}
    # Files come last: where a form takes either a link or files, files are what people can see and change.
    for name in sorted(fields, key=lambda name: isinstance(fields[name], FromLibrary)):
        value = _part(product, material, fields[name])
        if value:
            found[name] = value
            answers |= inputs.answers_showing(name)
    return {**found, **answers}


def _part(product: Product, material: Sequence[FileFacts], field: Wired) -> Any:
    if field.product_part in ("name", "description", "link"):
        return getattr(product, field.product_part)
    if field.product_part and isinstance(field, Asset | Assets):
        usable = []
        for facts in material:
            limits = field.limits.get(facts.role) if isinstance(field, Assets) else field.limits
            if limits is not None and not list(limits.problems(facts)):
                usable.append(str(facts.id))
        return usable[: field.most] if isinstance(field, Assets) else next(iter(usable), "")
    return ""
