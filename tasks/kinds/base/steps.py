"""Steps, outputs and the kind that holds them: all data, so that one page and one worker serve every kind."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tasks.kinds.base.chosen import Asset, Pick
from tasks.kinds.base.facts import Body, Brief, FileIds, Role, Words
from tasks.kinds.base.form import SCHEMA_KEY, KindForm
from tasks.kinds.base.shapes import has_failed, words

Result = Mapping[str, Any]


@dataclass(frozen=True)
class Output:
    """A file TopView has made. Its identity within a submission is (role, key, position)."""

    role: Role
    url: str
    key: str = ""  # TopView's own key of the row; "" when it gives none
    position: int = 0  # place in TopView's list, null rows counted
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    remote_file_id: str | None = None  # usable as an input without uploading again


@dataclass(frozen=True)
class FailedPart:
    """One of several outputs that TopView could not make."""

    position: int
    key: str = ""
    message: str = ""  # TopView's words; may be empty


def no_failed_parts(result: Result) -> Iterable[FailedPart]:
    """For steps with a single output: it fails as a whole or not at all."""
    return ()


def failed_rows(found: Iterable[tuple[int, Result]], key: str = "key") -> Iterable[FailedPart]:
    """The rows of `shapes.rows` whose own status says that they failed."""
    for position, row in found:
        if has_failed(row):
            yield FailedPart(position, words(row, key), words(row, "errorMsg"))


def one_output(brief: Brief) -> int:
    """For steps that always make one file."""
    return 1


def no_published_price(brief: Brief) -> Decimal | None:
    """TopView publishes no table: the caller may estimate from past charges of the same shape."""
    return None


def no_shelf(brief: Brief) -> tuple[str, ...]:
    """The catalogs stay as they are."""
    return ()


def one_shape(brief: Brief) -> str:
    """Every task of the step costs alike, as far as the brief tells."""
    return ""


@dataclass(frozen=True)
class Step:
    """One call that creates work at TopView, and how its answer is read.

    `outputs` and `failed_parts` raise UnexpectedShape for an answer unlike the contract.
    A step after the first is given the task's brief with its own answers added to it, and, under "item" and
    "remote_id", the key of the output it works on and TopView's id of the submission that made it.
    """

    slug: str
    label: Words
    operation: str  # operationId in the contract
    query_operation: str
    submit_path: str
    query_path: str
    body: Callable[[Brief, FileIds], Body]  # raises UnusableBrief
    outputs: Callable[[Result], Iterable[Output]]
    usual_seconds: int  # until own history is known
    deadline_seconds: int  # after this it is said to take unusually long; it is followed all the same
    failed_parts: Callable[[Result], Iterable[FailedPart]] = no_failed_parts
    expected_outputs: Callable[[Brief], int] = one_output
    item: str = ""  # slug of the step whose outputs this one works on, one by one; "": the task as a whole
    credit_log_type: str | None = None  # how the credit log names it; None: the log does not have it
    biz_types: tuple[str, ...] = ()  # words of callbacks
    price: Callable[[Brief], Decimal | None] = no_published_price  # credits
    price_note: Words = ""
    adds_to: Callable[[Brief], tuple[str, ...]] = no_shelf  # shelves that its success adds an entry to
    shape: Callable[[Brief], str] = one_shape  # briefs of one shape are expected to cost and take alike


@dataclass(frozen=True)
class DemoFile:
    """A file in `tasks/kinds/demo/`, drawn for this project."""

    name: str

    @property
    def path(self) -> Path:
        """Where it lies."""
        return Path(__file__).parent.parent / "demo" / self.name


@dataclass(frozen=True)
class DemoBrief:
    """A complete set of answers: DemoFile for uploads, a place on the shelf (from 0) for picks."""

    values: Mapping[str, Any]

    def data(
        self,
        inputs: type[KindForm],
        *,
        upload: Callable[[DemoFile], UUID],
        pick: Callable[[str, int], str],
    ) -> dict[str, str]:
        """What a person would post. `upload` stores a file, `pick` gives the id at a place of a shelf."""
        fields = dict(inputs.own_fields())
        posted = {}
        for name, value in self.values.items():
            own = fields[name]
            if isinstance(own, Asset):
                value = upload(value)
            elif isinstance(own, Pick):
                value = pick(own.shelf, value)
            posted[name] = str(value)
        return posted


def title_from(text: str, fallback: str, length: int = 60) -> str:
    """The first words of a text, cut between words where that is possible."""
    line = " ".join(text.split())
    if not line:
        return fallback
    if len(line) <= length:
        return line
    head = line[:length].rsplit(" ", 1)[0]
    return f"{head}…"


@dataclass(frozen=True)
class TaskKind:
    """A TopView product as the portal offers it."""

    slug: str  # hyphenated, and no word TopView uses
    label: Words
    summary: Words
    icon: str
    docs_url: str
    inputs: type[KindForm]
    steps: tuple[Step, ...]
    titled: Callable[[Brief, Mapping[str, str]], str]  # brief, file names by upload id
    demo: DemoBrief | None = None
    order: int = field(default=100)  # place among the products offered

    @property
    def version(self) -> int:
        """The schema version of briefs made now."""
        return self.inputs.SCHEMA

    def step(self, slug: str) -> Step:
        """The step of that name. Raises KeyError."""
        return {step.slug: step for step in self.steps}[slug]

    def title(self, brief: Brief, names: Mapping[str, str] | None = None) -> str:
        """A title for a task; `names` gives the file names of its uploads by id."""
        return self.titled(brief, names or {})

    def uploads(self, brief: Brief) -> list[UUID]:
        """The uploads a brief needs. Raises UnusableBrief."""
        return self.inputs.uploads(brief)

    def read_brief(self, brief: Brief) -> dict[str, Any]:
        """Initial values for making a task again."""
        return self.inputs.read_brief(brief)

    def is_current(self, brief: Brief) -> bool:
        """Whether the brief was made with today's schema."""
        return bool(brief.get(SCHEMA_KEY) == self.version)


NO_PRICE = _("TopView does not publish the price.")
