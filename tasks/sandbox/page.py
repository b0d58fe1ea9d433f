"""The page at the sandbox's root: plain HTML, no script, every value escaped."""

from collections.abc import Sequence
from html import escape
from typing import Any

from tasks.sandbox.faults import KINDS, Hook

Row = dict[str, Any]

FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>TopView sandbox</title>
<link rel="stylesheet" href="/sandbox/page.css">
</head>
<body>
<header><h1>TopView sandbox</h1>
<p>A local stand-in for the TopView API. Nothing here costs money.</p></header>
<main>
<ul class="sums">{sums}</ul>
<section><h2>Faults</h2>{faults}{form}</section>
<section><h2>Tasks</h2>{tasks}{speed}</section>
<section><h2>Accounts</h2>{accounts}</section>
<section><h2>Accepted submits</h2>{accepted}</section>
<section><h2>Contract violations</h2>{violations}</section>
<section><h2>Callbacks</h2>{callbacks}</section>
<section><h2>Calls since the start</h2>{calls}</section>
</main>
</body>
</html>
"""


def render(state: Row) -> str:
    """The whole page, from what `/sandbox/state` tells."""
    return FRAME.format(
        sums=_sums(state),
        faults=_faults(state["faults"]),
        form=_fault_form(),
        tasks=_tasks(state["tasks"]),
        speed=_speed_form(state["seconds"]),
        accounts=_table(
            ("Account", "Key", "Credits", "Reserved"),
            _codes(state["accounts"], "uid", "key", "credit", "reserved"),
        ),
        accepted=_counts(state["accepted"]["operations"]),
        violations=_table(
            ("Operation", "What", "Times", "Last"),
            _codes(state["violations"], "operation", "what", "count", "last"),
        ),
        callbacks=_callbacks(state["callbacks"]),
        calls=_counts(state["calls"]),
    )


def _tasks(tasks: list[Row]) -> str:
    rows = []
    for task in tasks:
        status = _text(task["status"])
        badge = f'<span class="badge {status}">{status}</span>'
        rest = [_text(task[name]) for name in ("at", "cost", "errorMsg")]
        rows.append((_code(task["taskId"]), _text(task["operation"]), badge, *rest))
    return _table(("Task", "Operation", "Status", "Made", "Cost", "Error"), rows)


def _callbacks(callbacks: list[Row]) -> str:
    rows = [
        (
            _code(callback["payload"]["taskId"]),
            _text(callback["payload"]["bizType"]),
            *(_text(callback[name]) for name in ("tries", "state", "remark")),
        )
        for callback in callbacks
    ]
    return _table(("Task", "Kind", "Tries", "State", "Remark"), rows)


def _sums(state: Row) -> str:
    violations = sum(row["count"] for row in state["violations"])
    unfinished = sum(task["status"] in ("init", "running") for task in state["tasks"])
    sums = (
        ("accepted submits", state["accepted"]["total"]),
        ("unfinished tasks", unfinished),
        ("faults set", len(state["faults"])),
        ("violations", violations),
        ("seconds a task", state["seconds"]),
    )
    return "".join(f"<li><strong>{_text(value)}</strong> {_text(words)}</li>" for words, value in sums)


def _faults(faults: list[Row]) -> str:
    rows = [
        (
            f"<strong>{_text(fault['fault'])}</strong><br>{_text(fault['summary'])}",
            _code(fault["scope"]),
            _text("until cleared" if fault["next"] is None else fault["next"]),
            _text(fault["value"]),
            '<form method="post" action="/sandbox/faults/clear">'
            f'<input type="hidden" name="id" value="{_text(fault["id"])}">'
            f'<button aria-label="Clear {_text(fault["fault"])}">Clear</button></form>',
        )
        for fault in faults
    ]
    return _table(("Fault", "Where", "Calls left", "Value", "Clear"), rows)


def _fault_form() -> str:
    choices = "".join(_choices(hook) for hook in Hook)
    return (
        '<form method="post" action="/sandbox/faults" class="new">'
        f'<label>Fault <select name="fault">{choices}</select></label>'
        '<label>Where <input name="scope" placeholder="global, submits, operation or task id"></label>'
        '<label>Next calls <input name="next" inputmode="numeric" placeholder="until cleared"></label>'
        '<label>Value <input name="value" placeholder="its usual one"></label>'
        "<button>Set</button></form>"
    )


def _choices(hook: Hook) -> str:
    options = "".join(
        f'<option value="{_text(name)}">{_text(name)}: {_text(kind.summary)}</option>'
        for name, kind in KINDS.items()
        if kind.hook is hook
    )
    return f'<optgroup label="{_text(hook.value)}">{options}</optgroup>'


def _speed_form(seconds: float) -> str:
    return (
        '<form method="post" action="/sandbox/speed" class="new">'
        f'<label>Seconds a task <input name="seconds" inputmode="decimal" value="{_text(seconds)}"></label>'
        '<label>Operation <input name="operation" placeholder="all"></label>'
        "<button>Change</button></form>"
    )


def _counts(counts: dict[str, int]) -> str:
    return _table(("Operation", "Times"), [(_text(name), _text(count)) for name, count in counts.items()])


def _table(heads: Sequence[str], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return '<p class="none">None.</p>'
    head = "".join(f'<th scope="col">{_text(name)}</th>' for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    # A wide table scrolls by keyboard too, hence the tabindex.
    return (
        f'<div class="scroll" tabindex="0" role="group" aria-label="{_text(", ".join(heads))}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _codes(rows: list[Row], *names: str) -> list[tuple[str, ...]]:
    return [tuple(_code(row[name]) for name in names) for row in rows]


def _code(value: Any) -> str:
    return f"<code>{_text(value)}</code>"


def _text(value: Any) -> str:
    return "" if value is None else escape(str(value))
