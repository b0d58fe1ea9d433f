"""Saved products: the list, a product's page, its form."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tasks.access import PortalRequest, marketer, member, product_for
from tasks.commands.library.products import hide_product, save_product, show_product
from tasks.forms.products.product import ProductForm, fillable, page_reader
from tasks.forms.tasks.filters import ProductFilter
from tasks.forms.tasks.sources import CredentialCatalog, WorkspaceFiles
from tasks.models import Product, Upload
from tasks.views.http.formatting import ago, exact
from tasks.views.http.paging import address, page_of
from tasks.views.http.responses import REFUSED, see_other
from tasks.views.tasks.form_files import take_files
from tasks.views.tasks.selection import chosen_in, of_upload
from tasks.views.tasks.usages import Usage

TILES = 24


@require_safe
@member
def product_list(request: PortalRequest) -> HttpResponse:
    """Tiles, newest first, filtered by words of the name."""
    filters = ProductFilter.read(request.GET)
    rows = Product.objects.for_library(request.membership.workspace).prefetch_related(
        "files__upload__poster", "files__upload__blob"
    )
    page = page_of(filters.apply(rows), request.GET, size=TILES)
    kept = QueryDict(mutable=True)
    kept["q"] = filters.q
    here = reverse("product-list")
    context = {
        "filters": filters,
        "tiles": [_tile(product) for product in page.rows],
        "older_url": address(here, kept, before=page.older) if page.older else "",
        "newer_url": address(here, kept, after=page.newer) if page.newer else "",
        "reader_url": _reader_url(),
    }
    return render(request, "products/list.html", context)


@dataclass(frozen=True, slots=True)
class Tile:
    url: str
    name: str
    preview: str
    host: str
    files: int
    added: str


def _tile(product: Product) -> Tile:
    uploads = _visible(product)
    previews = [of_upload(upload).preview for upload in uploads]
    return Tile(
        url=reverse("product-item", args=[product.pk]),
        name=product.name,
        preview=next(filter(None, previews), ""),
        host=host_of(product.link),
        files=len(uploads),
        added=ago(product.created_at, timezone.now()),
    )


def host_of(link: str) -> str:
    """The shop's name in an address."""
    return link.partition("://")[2].partition("/")[0]


def _visible(product: Product) -> list[Upload]:
    return [file.upload for file in product.files.all() if file.upload.hidden_at is None]


def _reader_url() -> str:
    reader = page_reader()
    return reverse("task-new", args=[reader[0].slug]) if reader else ""


@require_safe
@member
def product_page(request: PortalRequest, product_id: UUID) -> HttpResponse:
    """One product with its words, its files, and the forms it can fill."""
    product = product_for(request.membership, product_id)
    context = {
        "product": product,
        "host": host_of(product.link),
        "items": [of_upload(upload) for upload in _visible(product)],
        "added": exact(product.created_at),
        "usages": []
        if product.hidden_at
        else [
            (Usage(kind), f"{reverse('task-new', args=[kind.slug])}?saved-product={product.pk}")
            for kind in fillable()
        ],
    }
    return render(request, "products/page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@marketer
def product_new(request: PortalRequest) -> HttpResponse:
    try:
        product_id = UUID(request.POST.get("product_id", ""))
    except ValueError:
        product_id = uuid.uuid4()
    product = Product(pk=product_id, workspace=request.membership.workspace)
    return _form_page(request, product, is_new=True)


@require_http_methods(["GET", "HEAD", "POST"])
@marketer
def product_edit(request: PortalRequest, product_id: UUID) -> HttpResponse:
    """Change a product: its words, and its files and their order."""
    return _form_page(request, product_for(request.membership, product_id), is_new=False)


def _form_page(request: PortalRequest, product: Product, *, is_new: bool) -> HttpResponse:
    workspace = request.membership.workspace
    sent, problems = take_files(request, ProductForm) if request.method == "POST" else (None, {})
    form = ProductForm.of(product, workspace, sent)
    for name, words in problems.items():
        form.errors[name] = form.error_class(words)
    if sent is not None and form.is_valid():
        return _saved(request, product.pk, form)
    context = {
        "product": product,
        "is_new": is_new,
        "form": form,
        "chosen": chosen_in(form, WorkspaceFiles(workspace), CredentialCatalog(None)),
        "reader_url": _reader_url(),
    }
    return render(request, "products/form.html", context, status=200 if sent is None else REFUSED)


def _saved(request: PortalRequest, product_id: UUID, form: ProductForm) -> HttpResponse:
    try:
        product = save_product(
            product_id=product_id,
            membership=request.membership,
            words=form.words,
            upload_ids=form.upload_ids,
        )
    except Product.DoesNotExist:
        return see_other("product-new")
    messages.success(request, _("“%(name)s” is saved.") % {"name": product.name})
    return see_other("product-item", product.pk)


@require_POST
@marketer
def product_hide(request: PortalRequest, product_id: UUID) -> HttpResponse:
    """Take a product out of the list; its page says so, and can undo it."""
    hide_product(product=product_for(request.membership, product_id), actor=request.user)
    return see_other("product-item", product_id)


@require_POST
@marketer
def product_show(request: PortalRequest, product_id: UUID) -> HttpResponse:
    """Put a product back into the list."""
    show_product(product=product_for(request.membership, product_id))
    return see_other("product-item", product_id)
