"""The kind that holds the form and the steps of one of TopView's formats."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tasks.kinds.base.demo import DemoBrief
from tasks.kinds.base.errors import reading_brief
from tasks.kinds.base.fields.basic import Text
from tasks.kinds.base.form import SCHEMA_KEY, KindForm, SizeOf
from tasks.kinds.base.results import ProductWords
from tasks.kinds.base.steps import Facts, Step
from tasks.kinds.base.types import Brief
from tasks.names import clean_name
from tasks.text import StrOrPromise


def title_from(text: str, fallback: str, length: int = 60) -> str:
    """The first words of a text, cut between words where that is possible."""
    line = clean_name(text)
    if not line:
        return fallback
    if len(line) <= length:
        return line
    head = line[:length].rsplit(" ", 1)[0]
    return f"{head}…"


def titled(
    fallback: StrOrPromise, *, text: str = "", file: str = ""
) -> Callable[[Brief, Mapping[str, str]], str]:
    """A kind's way to a title: the first words of one field, else the name of the file in another."""

    def title(brief: Brief, names: Mapping[str, str]) -> str:
        return title_from(brief.get(text) or names.get(brief.get(file, ""), ""), str(fallback))

    return title


class UnknownStep(LookupError):
    """The kind has no step of this name."""


@dataclass(frozen=True)
class TaskKind:
    """One of TopView's formats as the portal offers it."""

    slug: str  # hyphenated, and no word TopView uses
    label: StrOrPromise
    summary: StrOrPromise
    icon: str
    docs_url: str
    inputs: type[KindForm]
    steps: tuple[Step, ...]
    titled: Callable[[Brief, Mapping[str, str]], str]  # brief, file names by upload id
    action: StrOrPromise = _("Create video")  # the button's words
    demo: DemoBrief | None = None
    # Its tasks become saved products: read from the brief and the facts of the text output.
    product_of: Callable[[Brief, Facts], ProductWords] | None = None
    order: int = field(default=100)  # place among the formats offered

    @property
    def version(self) -> int:
        """The schema version of briefs made now."""
        return self.inputs.SCHEMA

    def find_step(self, slug: str) -> Step | None:
        """The step of that name; None when a release has taken it away."""
        return next((step for step in self.steps if step.slug == slug), None)

    def step(self, slug: str) -> Step:
        """The step of that name. Raises UnknownStep."""
        found = self.find_step(slug)
        if found is None:
            raise UnknownStep(f"{self.slug}/{slug}")
        return found

    def shape(self, step: Step, asked: Brief) -> str:
        """Calls of a step with the same shape are charged alike and take alike, as far as answers tell.

        `asked` is the task's brief with the step's own answers. Raises UnusableBrief.
        """
        inputs, priced_by = step.follow_up.inputs, step.pricing.priced_by
        fields = dict(self.inputs.own_fields()) | dict(inputs.own_fields() if inputs else ())
        names = fields if priced_by is None else priced_by
        with reading_brief():
            marks = ((name, fields[name].price_mark(asked[name], asked)) for name in names if name in asked)
            return "/".join(f"{name}={mark}" for name, mark in marks if mark)

    def spoken_words(self, brief: Brief) -> str:
        """What is said in it, where a form asked for the words; empty for recordings and what is silent."""
        for name, asked in self.inputs.own_fields():
            condition = asked.shown_when
            is_asked = condition is None or brief.get(condition.field) in condition.values
            if isinstance(asked, Text) and asked.spoken and is_asked and brief.get(name):
                return str(brief[name])
        return ""

    def waiting_steps(self, brief: Brief, *, done: AbstractSet[str], started: AbstractSet[str]) -> list[Step]:
        """The steps that wait for a person, given which have succeeded and which were started."""
        return [
            step
            for step in self.open_steps(brief, done=done, started=started)
            if not (step.follow_up.is_optional or step.slug in started)
        ]

    def open_steps(self, brief: Brief, *, done: AbstractSet[str], started: AbstractSet[str]) -> list[Step]:
        """The steps that a person may start, given which have succeeded and which were started.

        One that starts by itself is among them only where it did not, since nobody watched any more.
        """
        return [
            step
            for step in self.steps[1:]
            if not done.isdisjoint(step.follow_up.works_on)
            and not (step.follow_up.is_automatic and step.slug in started)
            and step.applies(brief)
        ]

    def automatic_steps(self, brief: Brief, after: str) -> list[Step]:
        """The steps that start by themselves when the given one has succeeded."""
        return [
            step
            for step in self.steps[1:]
            if step.follow_up.is_automatic and after in step.follow_up.works_on and step.applies(brief)
        ]

    def title(self, brief: Brief, names: Mapping[str, str] | None = None) -> str:
        """A title for a task; `names` gives the file names of its uploads by id."""
        return self.titled(brief, names or {})

    def uploads(self, brief: Brief) -> list[UUID]:
        """The uploads a brief needs. Raises UnusableBrief."""
        return self.inputs.uploads(brief)

    def read_brief(self, brief: Brief) -> dict[str, Any]:
        """Initial values for making a task again."""
        return self.inputs.read_brief(brief)

    def renewed(self, brief: Brief, size_of: SizeOf) -> Brief:
        """A brief of an earlier schema in today's, where that can be told; see KindForm."""
        return brief if self.is_current(brief) else self.inputs.renewed(brief, size_of)

    def is_current(self, brief: Brief) -> bool:
        """Whether the brief was made with today's schema."""
        return bool(brief.get(SCHEMA_KEY) == self.version)
