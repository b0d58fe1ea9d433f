"""A duplicate of a task: which version it is, what differs from the first, and what came after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from tasks.kinds.base import KindForm, TaskKind
from tasks.models import Task
from tasks.views.tasks.differences import Difference, differences

# Of one task with many duplicates, its page names this many.
_MOST = 20


@dataclass(frozen=True)
class Version:
    """A task among those made after the same first one; the first counts as 1."""

    number: int
    task: Task


@dataclass(frozen=True)
class Versions:
    first: Task | None  # the task it was made after
    number: int  # 0 when it was made after none
    differences: list[Difference]
    later: list[Version]


def versions_of(task: Task) -> Versions:
    """Both ways: the task this one was made after, and those made after it."""
    later = [
        Version(number, row)
        for number, row in enumerate(task.versions.order_by("created_at", "id")[:_MOST], 2)
    ]
    first = task.version_of
    if first is None:
        return Versions(None, 0, [], later)
    number = first.versions.filter(created_at__lt=task.created_at).count() + 2
    return Versions(first, number, list(differences(first, task)), later)


def changed_labels(kind: TaskKind, first: Task, answers: Mapping[str, Any]) -> list[str]:
    """What a form asks for otherwise than the task it is made after."""
    brief = first.current_brief
    return [
        str(field.label or name)
        for name, field in kind.inputs.own_fields()
        if brief.get(name) != answers.get(name)
    ]


def not_carried_over(first: Task, kind: TaskKind, form: KindForm) -> list[str]:
    """What of a task's brief cannot be used as it stands, in sentences. `form` holds the brief's answers."""
    words, brief = [], first.current_brief
    if not kind.is_current(brief):
        words.append(
            _("It was made with an earlier version of this format. What is no longer asked is left out.")
        )
    for name, field in kind.inputs.own_fields():
        if name in brief and name in form.errors:
            words += [f"{field.label}: {message}" for message in form.errors[name]]
    return words
