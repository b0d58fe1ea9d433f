"""What one task asks for otherwise than another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from tasks.kinds import KINDS
from tasks.kinds.base import TaskKind
from tasks.models import Task
from tasks.views.tasks.brief import Input, inputs_of


@dataclass(frozen=True, slots=True)
class Difference:
    """An answer that is not the same; None where none was given."""

    label: str | Promise
    before: Input | None
    after: Input | None


def differences(first: Task, second: Task) -> Iterator[Difference]:
    """In the order of the second one's form; of another format that, and the account."""
    kind = KINDS.get(second.kind)
    if first.kind != second.kind:
        label = _("Format")
        yield Difference(label, Input(label, _format(first)), Input(label, _format(second)))
    elif kind is not None:
        before, after = _by_name(kind, first), _by_name(kind, second)
        was, became = first.current_brief, second.current_brief
        for name, field in kind.inputs.own_fields():
            if was.get(name) != became.get(name):
                yield Difference(field.label or name, before.get(name), after.get(name))
    if first.credential_id != second.credential_id:
        label = _("Account")
        yield Difference(label, Input(label, first.credential.name), Input(label, second.credential.name))


def _by_name(kind: TaskKind, task: Task) -> dict[str, Input]:
    brief = task.current_brief
    names = (name for name, _field in kind.inputs.own_fields() if name in brief)
    return dict(zip(names, inputs_of(task), strict=True))


def _format(task: Task) -> str:
    kind = KINDS.get(task.kind)
    return str(kind.label) if kind else task.kind
