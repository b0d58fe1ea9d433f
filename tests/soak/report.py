"""The report of a run, in plain lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.judging import Judgement
from tests.soak.diary import Diary

# So many breaches of one promise are listed.
_MOST = 20


def report(size: str, diary: Diary, judgement: Judgement, *, drained: float) -> str:
    """Everything that was done, what became of it, and each verdict."""
    return "\n".join([f"Soak: {size}", *_done(diary), *_ends(judgement, drained), *_verdicts(judgement), ""])


def _done(diary: Diary) -> Iterator[str]:
    orders = diary.orders
    yield f"Ordered and broken for {diary.minutes:.1f} minutes"
    ordered, answered = sum(orders.kinds.values()), len(orders.answered)
    yield f"Orders: {ordered:,} by HTTP, {answered:,} answered, {orders.sent_twice} sent twice"
    yield f"  by format: {_counts(orders.kinds)}"
    yield f"  sent again because no account could be used: {orders.turned_away}"
    yield f"  gone on with: {_counts(diary.went_on)}"
    yield f"People helped: {_counts(diary.helped)}"
    yield f"Kills: {sum(diary.kills.values())}: {_counts(diary.kills)}"
    yield f"Faults: {sum(diary.faults.values())}: {_counts(diary.faults)}"


def _ends(judgement: Judgement, drained: float) -> Iterator[str]:
    yield f"Quiet {drained:.0f} s after the last fault"
    for name, text in judgement.facts.items():
        yield f"{name.capitalize()}: {text}"
    yield f"  by end: {_counts(judgement.ends)}"
    there = sum(bool(call.remote_id) for call in judgement.unknown)
    yield f"Unknown: {len(judgement.unknown)}, of which TopView has {there}"
    yield from sorted(f"  {call}" for call in judgement.unknown)


def _verdicts(judgement: Judgement) -> Iterator[str]:
    for promise, breaches in judgement.verdicts.items():
        yield f"{promise}: {'yes' if not breaches else f'NO, {len(breaches)} breaches'}"
        yield from (f"  {breach}" for breach in breaches[:_MOST])
    yield "Every promise was kept." if judgement.holds else "A promise was broken."


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counter.items())) or "none"
