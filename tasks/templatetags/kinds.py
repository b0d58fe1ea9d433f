"""Draws what pages show of formats: the fields of their forms, and where a file can be used."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Any, Protocol, cast

from cachetools import LRUCache, cached
from django import template
from django.forms import BoundField
from django.template import Context
from django.template.loader import get_template
from django.utils.translation import get_language

from tasks.kinds.base import KindForm, TaskKind

register = template.Library()


class Usage(Protocol):
    """A format, and the name of the field of its form that takes the file."""

    kind: TaskKind
    name: str


_FIELD, _CHOICES = "components/kind_field.html", "tasks/_use_choices.html"
# Fields: three times as many as all formats have, in one language.
_MOST_FIELDS, _MOST_CHOICES = 1000, 200


@register.simple_tag(takes_context=True)
def kind_field(context: Context, field: BoundField) -> str:
    """The field with its label, what it holds and its errors.

    One that nobody has filled in looks the same for everybody, and is drawn once in each language.
    """
    form = cast(KindForm, field.form)
    if _is_blank(context, field):
        return _blank(
            form,
            field.name,
            is_unshown=field.html_name in form.unshown,
            has_order=bool(context.get("order_id")),
            language=get_language(),
        )
    with context.push(field=field):
        drawn: str = get_template(_FIELD).template.render(context)  # type: ignore[attr-defined]  # Django's own
        return drawn


def _is_blank(context: Context, field: BoundField) -> bool:
    """Whether it is of a format's own form, which no request has changed, and holds nothing of anybody."""
    form, kind = field.form, context.get("kind")
    if kind is None or type(form) is not kind.inputs or form.is_bound or form.prefix:
        return False
    return field.name not in form.initial and not context["chosen"].get(field.html_name) and not field.errors


def _blank_key(form: KindForm, name: str, **shown: Any) -> tuple[Any, ...]:
    return type(form), name, frozenset(shown.items())


# Kept by all that its template is given. What a form's class says changes with a release alone.
@cached(LRUCache(_MOST_FIELDS), key=_blank_key, lock=Lock())
def _blank(form: KindForm, name: str, *, is_unshown: bool, has_order: bool, language: str) -> str:
    context = {"field": form[name], "chosen": {}, "order_id": has_order}
    return get_template(_FIELD).render(context)


@register.simple_tag
def use_choices(usages: Sequence[Usage]) -> str:
    """The buttons of a menu of usages; equal menus are drawn once in each language."""
    return _choices(usages, get_language())


def _choices_key(usages: Sequence[Usage], language: str) -> tuple[Any, ...]:
    return tuple((usage.kind.slug, usage.name) for usage in usages), language


# Kept by all that its template is given, as above.
@cached(LRUCache(_MOST_CHOICES), key=_choices_key, lock=Lock())
def _choices(usages: Sequence[Usage], language: str) -> str:
    return get_template(_CHOICES).render({"usages": usages})
