"""The outputs of a task as its page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from tasks.forms.tasks.sources import facts_of_output
from tasks.kinds import KINDS
from tasks.kinds.base import Step
from tasks.media import Cause
from tasks.models import AssetRole, Output, OutputState, Task
from tasks.models.task_pages import Results
from tasks.templatetags.portal import clock
from tasks.views.http.addresses import poster_url
from tasks.views.http.formatting import exact
from tasks.views.http.playback import Playback
from tasks.views.http.stage import Addresses, StageMedia, on_stage
from tasks.views.tasks.usages import Usage, usages
from tasks.wording import cause_words

# Why a result that is saved could not be checked.
_UNCHECKED: dict[str, str | Promise] = {
    Cause.UNKNOWN: gettext_lazy("Its content is no format that the portal knows."),
    Cause.EMPTY: gettext_lazy("Neither a picture nor sound was found in it."),
    Cause.CUT_OFF: gettext_lazy("It ends before its own header says it does."),
    Cause.SHORT: gettext_lazy("A part of it is shorter than its own header says."),
    Cause.NO_DECODER: gettext_lazy("It is recorded in a way (a codec) that the portal cannot read."),
    Cause.DAMAGED: gettext_lazy("Reading it fails at some place."),
    Cause.TOO_SLOW: gettext_lazy("Checking it took longer than is allowed."),
    Cause.CRASHED: gettext_lazy("The check itself failed."),
    Cause.OTHER_ROLE: gettext_lazy(
        "It is of another sort than was ordered, such as a picture instead of a video."
    ),
    Cause.TOO_MANY_PIXELS: gettext_lazy("It has more pixels than the portal opens."),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One output: saved with its facts, on its way, or lost."""

    id: UUID
    role: str
    role_word: str
    name: str  # what TopView calls it; "" when it gives no name
    note: str  # what people should know about it
    number: int  # from 1; 0 when there is only one
    state: str
    url: str
    download_url: str
    poster_url: str
    width: int | None
    height: int | None
    facts: str
    sha256: str
    saved: str
    error: str
    playback: Playback
    stage: StageMedia
    unchecked_cause: str  # why it could not be checked, though it is saved
    kept_until: datetime | None  # how long TopView has it, as long as no copy is here
    is_at_risk: bool
    tries: int
    next_at: datetime | None  # when it is tried again, after a try that failed
    save_again_url: str
    use_url: str
    usages: list[Usage]  # where it can be used as material


@dataclass(frozen=True, slots=True)
class Group:
    """The results of one step. `label` is empty where a kind has a single step."""

    label: str
    results: list[Shown]

    @property
    def is_upright(self) -> bool:
        """Whether all of them are, so that several stand side by side."""
        return all(result.stage.is_upright for result in self.results)


def results_of(task: Task, results: Results) -> list[Group]:
    """The last step first; in each, newest attempt last, in TopView's order."""
    kind = KINDS.get(task.kind)
    has_script = kind is not None and bool(kind.spoken_words(task.current_brief))
    groups = []
    for slug, rows in results.shown.items():
        step = kind.find_step(slug) if kind else None
        numbered = results.totals[slug] > 1
        found = [
            shown(row, number if numbered else 0, step, has_script=has_script)
            for number, row in enumerate(rows, 1)
        ]
        label = str(step.label) if kind and step and len(kind.steps) > 1 else ""
        groups.append(Group(label, found))
    return groups


def shown(output: Output, number: int, step: Step | None = None, *, has_script: bool = False) -> Shown:
    """One output; `step` is the one that made it, whose kind knows what is to be said about it.

    With `has_script` its words are offered as captions.
    """
    url = reverse("output-file", args=[output.pk])
    stage = _stage(output, url, has_script=has_script)
    return Shown(
        id=output.pk,
        role=output.role,
        role_word=str(AssetRole(output.role).label),
        name=output.name,
        note=str(step.note(output.facts)) if step else "",
        number=number,
        state="unwanted" if output.is_unwanted else output.state,
        url=url,
        download_url=stage.download_url,
        poster_url=stage.poster_url,
        width=output.width,
        height=output.height,
        facts=_facts(output),
        sha256=output.blob.sha256 if output.blob else "",
        saved=exact(output.saved_at) if output.saved_at else "",
        error=cause_words(output.error),
        playback=stage.playback,
        stage=stage,
        unchecked_cause=_unchecked_words(output.unchecked_cause),
        **_clock(output, timezone.now()),
        save_again_url=reverse("output-retry-save", args=[output.pk]),
        use_url=reverse("output-use", args=[output.pk]),
        usages=_usages(output),
    )


def _stage(output: Output, url: str, *, has_script: bool) -> StageMedia:
    at = Addresses(
        file=url,
        download=f"{url}?download=1",
        poster=poster_url(output, output.poster),
        strip=reverse("output-strip", args=[output.pk]),
        captions=reverse("output-captions", args=[output.pk]) if has_script and output.seconds else "",
    )
    return on_stage(output, output.blob, at, key=output.pk)


def _usages(output: Output) -> list[Usage]:
    facts = facts_of_output(output)
    return [] if facts is None or output.unchecked_cause else usages(facts)


def _unchecked_words(unchecked_cause: str) -> str:
    """What is known of it; empty for a result that was checked."""
    return str(_UNCHECKED.get(unchecked_cause, gettext_lazy("Why is not known."))) if unchecked_cause else ""


def _clock(output: Output, now: datetime) -> dict[str, Any]:
    """The hours left at TopView, and what is done meanwhile."""
    is_unsaved = output.state in (OutputState.WAITING, OutputState.SAVING)
    is_late = output.kept_until - now < timedelta(hours=settings.LOSS_WARNING_HOURS)
    return {
        "kept_until": output.kept_until if is_unsaved else None,
        "is_at_risk": is_unsaved and is_late,
        "tries": output.tries,
        "next_at": output.next_at if output.state == OutputState.WAITING and output.error else None,
    }


def _facts(output: Output) -> str:
    sides = f"{output.width} × {output.height}" if output.width and output.height else ""
    size = filesizeformat(output.blob.size) if output.blob else ""
    parts = [clock(output.seconds), sides, output.format.upper(), size]
    return " · ".join(part for part in parts if part)
