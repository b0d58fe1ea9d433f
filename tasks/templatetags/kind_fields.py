"""Draws the fields of a format's form."""

from __future__ import annotations

from threading import Lock
from typing import Any

from cachetools import LRUCache, cached
from django import template
from django.forms import BoundField
from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from tasks.kinds.base import KindForm

register = template.Library()

_TEMPLATE = "components/kind_field.html"
# Three times as many as all formats have, in one language.
_MOST_KEPT = 1000


@register.simple_tag(takes_context=True)
def kind_field(context: Context, field: BoundField) -> SafeString:
    """The field with its label, what it holds and its errors.

    One that nobody has filled in looks the same for everybody, and is drawn once in each language.
    """
    form = field.form
    if _is_blank(context, field):
        has_order = bool(context.get("order_id"))
        return _blank(form, field.name, field.html_name in form.unshown, has_order, get_language())
    with context.push(field=field):
        return get_template(_TEMPLATE).template.render(context)  # type: ignore[attr-defined]  # Django's own


def _is_blank(context: Context, field: BoundField) -> bool:
    """Whether it is of a format's own form, which no request has changed, and holds nothing of anybody."""
    form, kind = field.form, context.get("kind")
    if kind is None or type(form) is not kind.inputs or form.is_bound or form.prefix:
        return False
    return field.name not in form.initial and not context["chosen"].get(field.html_name) and not field.errors


def _blank_key(form: KindForm, *rest: Any) -> tuple[Any, ...]:
    return type(form), *rest


# Kept by all that its template is given. What a form's class says changes with a release alone.
@cached(LRUCache(_MOST_KEPT), key=_blank_key, lock=Lock())
def _blank(
    form: KindForm,
    name: str,
    is_unshown: bool,  # noqa: FBT001  # part of the key
    has_order: bool,  # noqa: FBT001
    language: str,
) -> SafeString:
    context = {"field": form[name], "chosen": {}, "order_id": has_order}
    html: SafeString = get_template(_TEMPLATE).render(context)
    return html
