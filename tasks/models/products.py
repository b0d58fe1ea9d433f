"""Product pages that were read: names, words, pictures and clips, ready for every form."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from tasks.models.files import Upload
from tasks.models.people import Workspace
from tasks.models.tasks import Task

# Letters of a product's name.
LONGEST_NAME = 200


class ProductQuerySet(models.QuerySet["Product"]):
    def for_library(self, workspace: Workspace) -> ProductQuerySet:
        """What may be used in a workspace, newest first."""
        return self.filter(workspace=workspace, hidden_at=None).order_by("-created_at", "-id")


class Product(models.Model):
    """Something a workspace sells, as its page described it or as people put it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="products")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="products"
    )
    name = models.CharField(max_length=LONGEST_NAME)
    description = models.TextField(blank=True)
    link = models.URLField(max_length=2000, blank=True)
    # The task that read the page.
    task = models.OneToOneField(
        Task, null=True, blank=True, on_delete=models.SET_NULL, related_name="product"
    )
    uploads = models.ManyToManyField(Upload, through="ProductFile", related_name="products", blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    hidden_at = models.DateTimeField(null=True, blank=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["workspace", "-created_at", "-id"], name="product_library")]

    def __str__(self) -> str:
        return self.name


class ProductFile(models.Model):
    """One picture or clip of a product, in its place."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="files")
    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["product", "upload"], name="one_place_per_file")]

    def __str__(self) -> str:
        return f"{self.product_id} {self.position}"
