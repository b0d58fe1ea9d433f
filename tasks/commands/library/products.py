"""Saved products: made from the task that read a page, or by people; changed and put away by people."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from tasks import audit
from tasks.commands.library.use_output import as_upload
from tasks.commands.runtime.queue import MAKE_PRODUCT, nudge
from tasks.kinds import KINDS
from tasks.kinds.base import ProductWords
from tasks.models import (
    LONGEST_NAME,
    AssetRole,
    Membership,
    Output,
    Product,
    ProductFile,
    Status,
    Task,
    Upload,
    User,
)
from tasks.names import clean_name

logger = logging.getLogger(__name__)

# Clips stand behind the pictures, however many there are.
_BEHIND = 1_000_000


def nudge_product(task: Task) -> None:
    """Queue the making of a task's product, if its kind makes one. Call where a part of it is saved."""
    declared = KINDS.get(task.kind)
    if declared is not None and declared.product_of is not None:
        nudge(MAKE_PRODUCT, task.pk)


def make_product(*, task_id: UUID) -> Product | None:
    """Bring a task's product up to what has been saved of it: its words, then each picture and clip.

    May run any number of times, also at once: a file that people dropped does not come back.
    None while TopView is at work, and for tasks whose kind makes no products.
    """
    task = Task.objects.select_related("owner", "credential", "workspace").filter(pk=task_id).first()
    words = _words(task) if task is not None else None
    if task is None or words is None:
        return None
    product, is_new = _product(task, words)
    files = Output.objects.checked().filter(task=task)
    for output in files.filter(role__in=(AssetRole.IMAGE, AssetRole.VIDEO)).order_by("position"):
        _add_output(product, output, is_new=is_new)
    return product


def make_missing_products() -> None:
    """On schedule: make the products whose jobs were lost."""
    makers = [slug for slug, declared in KINDS.items() if declared.product_of is not None]
    done = Task.objects.filter(kind__in=makers, product=None, submissions__status=Status.SUCCEEDED)
    for task_id in done.values_list("pk", flat=True).distinct():
        make_product(task_id=task_id)


def _words(task: Task) -> ProductWords | None:
    declared = KINDS.get(task.kind)
    if declared is None or declared.product_of is None:
        return None
    texts = Output.objects.filter(task=task, role=AssetRole.TEXT, submission__status=Status.SUCCEEDED)
    newest = texts.order_by("-created_at").first()
    return None if newest is None else declared.product_of(task.brief, newest.facts)


def _product(task: Task, words: ProductWords) -> tuple[Product, bool]:
    """The task's one product, and whether it was made just now."""
    with transaction.atomic():
        product, is_new = Product.objects.get_or_create(
            task=task,
            defaults={
                "workspace_id": task.workspace_id,
                "owner_id": task.owner_id,
                "name": clean_name(words.name)[:LONGEST_NAME] or task.title,
                "description": words.description,
                "link": words.link,
            },
        )
        if is_new:
            task.touch()
            logger.info("product.made", extra={"product": str(product.pk), "task_id": str(task.pk)})
    return product, is_new


def _add_output(product: Product, output: Output, *, is_new: bool) -> None:
    with transaction.atomic():
        # Whoever comes second waits here, and then sees what the first has made.
        output = (
            Output.objects.select_for_update(of=("self",), no_key=True)
            .select_related("task")
            .get(pk=output.pk)
        )
        known = Upload.objects.filter(made_from=output, hidden_at=None).first()
        if Upload.objects.filter(made_from=output).exists() and not (is_new and known):
            return
        place = output.position + (_BEHIND if output.role == AssetRole.VIDEO else 0)
        upload = known or as_upload(output=output, owner=product.owner)
        ProductFile.objects.get_or_create(product=product, upload=upload, defaults={"position": place})


def save_product(
    *, product_id: UUID, membership: Membership, words: ProductWords, upload_ids: Sequence[UUID]
) -> Product:
    """Write what people changed of a product, or a new one under the id drawn for it when its page was shown.

    Its files stand in the order given. Raises Product.DoesNotExist when the id is a stranger's.
    """
    with transaction.atomic():
        known = Product.objects.select_for_update(no_key=True).filter(pk=product_id).first()
        if known is not None and known.workspace_id != membership.workspace_id:
            raise Product.DoesNotExist
        product = known or Product(pk=product_id, workspace=membership.workspace, owner=membership.user)
        product.name, product.description, product.link = words.name, words.description, words.link
        product.save()
        _place_files(product, upload_ids)
    return product


def _place_files(product: Product, upload_ids: Sequence[UUID]) -> None:
    product.files.all().delete()
    mine = set(
        Upload.objects.usable(product.workspace).filter(pk__in=upload_ids).values_list("pk", flat=True)
    )
    wanted = [upload_id for upload_id in dict.fromkeys(upload_ids) if upload_id in mine]
    ProductFile.objects.bulk_create(
        ProductFile(product=product, upload_id=upload_id, position=place)
        for place, upload_id in enumerate(wanted)
    )


def hide_product(*, product: Product, actor: User) -> None:
    """Take a product out of the list; its files stay in the library. Hiding it twice changes nothing."""
    with transaction.atomic():
        if Product.objects.filter(pk=product.pk, hidden_at=None).update(hidden_at=timezone.now()):
            audit.record(
                audit.Verb.PRODUCT_HIDDEN,
                actor=actor,
                workspace=product.workspace,
                subject=product,
                name=product.name,
            )


def show_product(*, product: Product) -> None:
    """Undo hiding it."""
    Product.objects.filter(pk=product.pk).update(hidden_at=None)
