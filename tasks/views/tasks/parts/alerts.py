"""What a box on a task's page is made of: words, and what a person may do about them."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.urls import reverse

from tasks.models import Submission
from tasks.text import StrOrPromise


@dataclass(frozen=True)
class Question:
    """Something a person must write with an action."""

    name: str
    label: StrOrPromise
    help: StrOrPromise = ""
    longest: int = 500
    suggestions: tuple[StrOrPromise, ...] = ()


@dataclass(frozen=True)
class Choice:
    """Something a person may tick with an action."""

    name: str
    label: StrOrPromise


@dataclass(frozen=True)
class Action:
    """A button: a POST to `url`, or with `is_link` a page to go to. `confirm` is asked before it is sent."""

    url: str
    label: StrOrPromise
    icon: str
    style: str = ""
    confirm: StrOrPromise = ""
    question: Question | None = None
    is_link: bool = False
    choice: Choice | None = None
    key: str = ""  # tells its fields from those of other actions on the page


@dataclass(frozen=True)
class Fit:
    """A task at TopView that may be the call: what is known of it, and the button that says it is."""

    remote_id: str
    seen_in: StrOrPromise
    when: str
    state: StrOrPromise
    cost: str
    line: str
    action: Action | None


@dataclass(frozen=True)
class Trouble:
    """A box above the results: what is the matter, and what to do."""

    level: str  # info, warning or error
    title: StrOrPromise
    texts: list[StrOrPromise]
    action: Action | None = None
    others: list[Action | None] = field(default_factory=list)
    remote_id: str = ""  # TopView's name of the task, to be quoted to its support
    found: list[Fit] = field(default_factory=list)  # what it may be
    # said under *More options*, with what else can be done
    more: list[StrOrPromise] = field(default_factory=list)
    kept: str = ""  # an answer of TopView's that nobody understands, as JSON


def post_to(
    name: str,
    submission: Submission,
    label: StrOrPromise,
    icon: str,
    *,
    style: str = "",
    confirm: StrOrPromise = "",
    question: Question | None = None,
) -> Action:
    """A button that sends what a person decides about a call to the address of that name."""
    url, key = reverse(name, args=[submission.pk]), submission.pk.hex[:8]
    return Action(url, label, icon, style, confirm, question, key=key)
