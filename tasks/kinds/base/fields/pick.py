"""The field whose value is an entry of one of TopView's catalogs."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tasks.kinds.base.fields.basic import Wired
from tasks.kinds.base.types import Catalog, CatalogEntry


class Pick(Wired, forms.CharField):
    """One entry of a catalog, posted as TopView's id. Cleaned to CatalogEntry."""

    widget_kind = "pick"
    catalog: Catalog

    def __init__(self, *, catalog_name: str, **kwargs: Any) -> None:
        self.catalog_name = catalog_name
        super().__init__(**kwargs)

    def clean(self, value: Any) -> CatalogEntry | None:
        """The entry, once it is known to be in its catalog."""
        remote_id: str = super().clean(value)
        if not remote_id:
            return None
        readable = len(remote_id) <= 200 and remote_id.isprintable()
        entry = self.catalog.find(self.catalog_name, remote_id) if readable else None
        if entry is not None:
            return entry
        if self.catalog.is_empty(self.catalog_name):
            raise ValidationError(
                _("This list has not been read from TopView yet. Try again in a minute."), "empty"
            )
        raise ValidationError(_("This is not in the list any more. Choose another."), "missing")

    def to_brief(self, value: Any) -> str:
        return str(value.id)

    def price_mark(self, stored: Any, brief: Mapping[str, Any]) -> str:
        """That there is one; which of them is not known to matter."""
        return "yes" if stored else ""
