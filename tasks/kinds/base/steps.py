"""Steps: all data, so that one page and one worker serve every kind."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django.utils.translation import gettext_lazy as _

from tasks.kinds.base.errors import UnusableBrief, reading_answer, reading_brief
from tasks.kinds.base.form import KindForm
from tasks.kinds.base.prices import Cost, Prices
from tasks.kinds.base.results import FailedPart, Output, Result
from tasks.kinds.base.types import Body, Brief, FileIds
from tasks.text import StrOrPromise

Facts: TypeAlias = Mapping[str, Any]
"""What a step has written down about one of its outputs, as JSON."""

NO_PRICE = _("TopView does not publish the price.")


@dataclass(frozen=True)
class Wire:
    """What TopView is sent, and how its answers are read.

    `body` may raise UnusableBrief; the readers of answers raise UnexpectedShape for one unlike the contract.
    """

    operation: str  # operationId in the contract
    query_operation: str
    submit_path: str
    query_path: str
    body: Callable[[Brief, FileIds], Body]
    outputs: Callable[[Result, Brief], Iterable[Output]]
    # Those of several outputs that TopView could not make; a single one fails as a whole or not at all.
    failed_parts: Callable[[Result, Brief], Iterable[FailedPart]] = lambda result, asked: ()
    # TopView's word for this call, when not the task's; "" when the answer shows no sign of it.
    state: Callable[[Result, Brief], str] | None = None
    count_field: str = ""  # the field that says how many outputs to make, where a person may choose that
    expected_outputs: Callable[[Brief], int] | None = None  # None: as many as that field says, else one
    shares_task: bool = False  # TopView answers with the id of the task whose output it works on
    takes_notice: bool = True  # whether its call may name an address to call back
    # What boards say it makes ("image", "video" or "audio"), where its call may name a board; "": it may not.
    board_media: str = ""
    biz_types: tuple[str, ...] = ()  # words of callbacks
    also_read: Mapping[str, str] = field(default_factory=dict)  # key added to the answer: path, by task id
    also_read_operations: tuple[str, ...] = ()  # their operationIds


@dataclass(frozen=True)
class FollowUp:
    """On what a step after the first works, and how it is started."""

    works_on: tuple[str, ...] = ()  # slugs of the steps whose outputs it works on, one by one
    inputs: type[KindForm] | None = None  # what is asked before it starts
    # Of that form, from the output's facts; without any it starts with its fields' own initial values.
    initial: Callable[[Facts], dict[str, Any]] = lambda facts: {}
    refusal: Callable[[Facts], StrOrPromise] = lambda facts: (
        ""
    )  # why it cannot work on an output; "" when it can
    applies: Callable[[Brief], bool] = lambda brief: True  # whether it belongs to a task with this brief
    is_automatic: bool = False  # starts as soon as an output appears, asking nobody
    is_optional: bool = False  # no task waits for it
    takes_several: bool = False  # several outputs may be chosen at once; each is a call of its own
    is_repeatable: bool = False  # may be started again for an output it was already started for
    summary: StrOrPromise = ""  # what people choose here
    action: StrOrPromise = ""  # the button's words


@dataclass(frozen=True)
class Pricing:
    """What a call costs, and how TopView writes that down."""

    # None where TopView publishes no rate: the caller may estimate from past charges of the same shape.
    cost: Callable[[Brief, Prices], Cost | None] = lambda brief, prices: None
    note: StrOrPromise = ""  # said where no price is known
    # The fields that the charge follows, of the task's form and of the step's; None: every one that may.
    priced_by: tuple[str, ...] | None = None
    credit_log_type: str | None = None  # how the credit log names it; None: the log does not have it


@dataclass(frozen=True)
class Step:
    """One call that creates work at TopView.

    Every function that takes a Brief is given the task's brief; for a step that works on an output, with the
    step's own answers added, and the output's key as "item", TopView's id of the submission that made it as
    "remote_id", of its file as "remote_file_id", its facts as "item_facts", and as
    "earlier_facts" those of what other calls of the step have made of the same key.

    The portal calls the kind's functions by the methods here, which raise UnusableBrief and UnexpectedShape
    and nothing else, whatever the kind's own code does.
    """

    slug: str
    label: StrOrPromise
    wire: Wire
    usual_seconds: int  # until own history is known
    deadline_seconds: int  # after this it is said to take unusually long; it is followed all the same
    deadline_of: Callable[[Brief], int] | None = None  # when the deadline depends on the answers
    follow_up: FollowUp = FollowUp()
    pricing: Pricing = Pricing()
    adds_to: Callable[[Brief], tuple[str, ...]] = lambda brief: ()  # catalogs its success adds an entry to
    note: Callable[[Facts], StrOrPromise] = lambda facts: (
        ""
    )  # what people should know about one of its outputs

    def applies(self, brief: Brief) -> bool:
        """Whether it belongs to a task with this brief; not where that cannot be told.

        The answer of the step before is written all the same, and no page ends in an error over it.
        """
        with suppress(UnusableBrief), reading_brief():
            return self.follow_up.applies(brief)
        return False

    def body(self, asked: Brief, file_ids: FileIds) -> Body:
        """What TopView is sent. Raises UnusableBrief."""
        with reading_brief():
            return self.wire.body(asked, file_ids)

    def outputs(self, result: Result, asked: Brief) -> list[Output]:
        """The files that an answer lists. Raises UnexpectedShape."""
        with reading_answer():
            return list(self.wire.outputs(result, asked))

    def failed_parts(self, result: Result, asked: Brief) -> list[FailedPart]:
        """The outputs that an answer gives up. Raises UnexpectedShape."""
        with reading_answer():
            return list(self.wire.failed_parts(result, asked))

    def state(self, result: Result, asked: Brief) -> str | None:
        """TopView's word for this call; None when it is the task's own. Raises UnexpectedShape."""
        with reading_answer():
            return self.wire.state(result, asked) if self.wire.state else None

    def expected_outputs(self, asked: Brief) -> int:
        """How many files it makes. Raises UnusableBrief."""
        with reading_brief():
            if self.wire.expected_outputs:
                return self.wire.expected_outputs(asked)
            return int(asked[self.wire.count_field]) if self.wire.count_field else 1

    def price(self, asked: Brief, prices: Prices) -> Cost | None:
        """What it costs by published rates, where there are any. Raises UnusableBrief."""
        with reading_brief():
            return self.pricing.cost(asked, prices)

    def deadline(self, asked: Brief) -> int:
        """The seconds after which a call is said to take unusually long. Raises UnusableBrief."""
        with reading_brief():
            return self.deadline_of(asked) if self.deadline_of else self.deadline_seconds
