"""Steps and the kind that holds them: all data, so that one page and one worker serve every kind."""

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tasks.kinds.base.demo import DemoBrief
from tasks.kinds.base.form import SCHEMA_KEY, KindForm, SizeOf
from tasks.kinds.base.prices import Cost, Prices
from tasks.kinds.base.results import FailedPart, Output, ProductWords, Result, no_failed_parts
from tasks.kinds.base.types import Body, Brief, FileIds
from tasks.names import clean_name
from tasks.text import StrOrPromise

Facts = Mapping[str, Any]


def one_output(brief: Brief) -> int:
    """For steps that always make one file."""
    return 1


def no_published_price(brief: Brief, prices: Prices) -> Cost | None:
    """TopView publishes no rate: the caller may estimate from past charges of the same shape."""
    return None


def no_shelf(brief: Brief) -> tuple[str, ...]:
    """The catalogs stay as they are."""
    return ()


def always(brief: Brief) -> bool:
    """The step belongs to every task of its kind."""
    return True


def no_words(facts: Facts) -> StrOrPromise:
    """Nothing to say about an output."""
    return ""


def no_answers(facts: Facts) -> dict[str, Any]:
    """The form of a step starts with its fields' own initial values."""
    return {}


@dataclass(frozen=True)
class Step:
    """One call that creates work at TopView, and how its answer is read.

    Every function that takes a Brief is given the task's brief; for a step that works on an output, with the
    step's own answers added, and the output's key as "item", TopView's id of the submission that made it as
    "remote_id", of its file as "remote_file_id", its facts as "item_facts", and as
    "earlier_facts" those of what other calls of the step have made of the same key.
    `outputs` and `failed_parts` raise UnexpectedShape for an answer unlike the contract.
    """

    slug: str
    label: StrOrPromise
    operation: str  # operationId in the contract
    query_operation: str
    submit_path: str
    query_path: str
    body: Callable[[Brief, FileIds], Body]  # raises UnusableBrief
    outputs: Callable[[Result, Brief], Iterable[Output]]
    usual_seconds: int  # until own history is known
    deadline_seconds: int  # after this it is said to take unusually long; it is followed all the same
    failed_parts: Callable[[Result, Brief], Iterable[FailedPart]] = no_failed_parts
    expected_outputs: Callable[[Brief], int] = one_output
    count_field: str = ""  # the field that says how many outputs to make, where a person may choose that
    takes_notice: bool = True  # whether its call may name an address to call back
    credit_log_type: str | None = None  # how the credit log names it; None: the log does not have it
    # What boards say it makes ("image", "video" or "audio"), where its call may name a board; "": it may not.
    board_media: str = ""
    biz_types: tuple[str, ...] = ()  # words of callbacks
    price: Callable[[Brief, Prices], Cost | None] = no_published_price
    price_note: StrOrPromise = ""  # said where no price is known
    # The fields that the charge follows, of the task's form and of the step's; None: every one that may.
    priced_by: tuple[str, ...] | None = None
    deadline_of: Callable[[Brief], int] | None = None  # when the deadline depends on the answers
    adds_to: Callable[[Brief], tuple[str, ...]] = no_shelf  # shelves that its success adds an entry to
    # TopView's word for this call, when not the task's; "" when the answer shows no sign of it.
    state: Callable[[Result, Brief], str] | None = None
    also_read: Mapping[str, str] = field(default_factory=dict)  # key added to the answer: path, by task id
    also_read_operations: tuple[str, ...] = ()  # their operationIds

    # Steps after the first.
    works_on: tuple[str, ...] = ()  # slugs of the steps whose outputs it works on, one by one
    inputs: type[KindForm] | None = None  # what is asked before it starts
    initial: Callable[[Facts], dict[str, Any]] = no_answers  # of that form, from the output's facts
    applies: Callable[[Brief], bool] = always  # whether it belongs to a task with this brief
    is_automatic: bool = False  # starts as soon as an output appears, asking nobody
    is_optional: bool = False  # no task waits for it
    takes_several: bool = False  # several outputs may be chosen at once; each is a call of its own
    is_repeatable: bool = False  # may be started again for an output it was already started for
    shares_task: bool = False  # TopView answers with the id of the task whose output it works on
    summary: StrOrPromise = ""  # what people choose here
    action: StrOrPromise = ""  # the button's words
    refusal: Callable[[Facts], StrOrPromise] = no_words  # why it cannot work on an output; "" when it can

    # Of its own outputs.
    note: Callable[[Facts], StrOrPromise] = no_words  # what people should know about one

    def deadline(self, asked: Brief) -> int:
        """The seconds after which a call with these answers is said to take unusually long."""
        return self.deadline_of(asked) if self.deadline_of else self.deadline_seconds


def title_from(text: str, fallback: str, length: int = 60) -> str:
    """The first words of a text, cut between words where that is possible."""
    line = clean_name(text)
    if not line:
        return fallback
    if len(line) <= length:
        return line
    head = line[:length].rsplit(" ", 1)[0]
    return f"{head}…"


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

        `asked` is the task's brief with the step's own answers.
        """
        fields = dict(self.inputs.own_fields()) | dict(step.inputs.own_fields() if step.inputs else ())
        names = fields if step.priced_by is None else step.priced_by
        marks = ((name, fields[name].price_mark(asked[name], asked)) for name in names if name in asked)
        return "/".join(f"{name}={mark}" for name, mark in marks if mark)

    def waiting_steps(self, brief: Brief, *, done: AbstractSet[str], started: AbstractSet[str]) -> list[Step]:
        """The steps that wait for a person, given which have succeeded and which were started."""
        return [
            step
            for step in self.open_steps(brief, done=done, started=started)
            if not (step.is_optional or step.slug in started)
        ]

    def open_steps(self, brief: Brief, *, done: AbstractSet[str], started: AbstractSet[str]) -> list[Step]:
        """The steps that a person may start, given which have succeeded and which were started.

        One that starts by itself is among them only where it did not, since nobody watched any more.
        """
        possible = [step for step in self.steps[1:] if step.applies(brief)]
        return [
            step
            for step in possible
            if not done.isdisjoint(step.works_on) and not (step.is_automatic and step.slug in started)
        ]

    def automatic_steps(self, brief: Brief, after: str) -> list[Step]:
        """The steps that start by themselves when the given one has succeeded."""
        return [
            step
            for step in self.steps[1:]
            if step.is_automatic and after in step.works_on and step.applies(brief)
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


NO_PRICE = _("TopView does not publish the price.")
