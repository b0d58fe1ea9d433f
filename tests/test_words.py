"""What people read on pages uses the trade's words."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What stood for: brief, duplicate, activity, format, in queue, sent, mark as done, refresh, system status.
OLD = (
    r"what was asked$|\bma[dk]e (it )?again\b|^what happened$|(every|another) product$|other products$|"
    r"it waits$|handed over|need nothing more|^read (again|now)$|how it goes|nobody knows yet|once more\?$|"
    r"way to the video|put away|everyone's and own"
)
TRANSLATED = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}


def sentences_of_code() -> set[str]:
    """Every text that is translated in Python."""
    calls = [
        node
        for folder in ("tasks", "topview_portal")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in TRANSLATED
    ]
    return {
        text.value for call in calls for text in call.args
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
    }  # fmt: skip


def sentences_of_templates() -> set[str]:
    """Every text that is translated in a template."""
    pages = "".join(path.read_text() for path in sorted((ROOT / "templates").rglob("*.html")))
    marked = re.findall(r"""{% translate (["'])(.*?)\1|_\((["'])(.*?)\3\)""", pages)
    blocks = re.findall(r"{% blocktranslate.*?%}(.*?){% endblocktranslate %}", pages, re.DOTALL)
    parts = [part for block in blocks for part in block.split("{% plural %}")]
    return {" ".join(text.split()) for text in [*(one[1] or one[3] for one in marked), *parts]}


def test_no_page_says_it_in_the_words_of_before() -> None:
    sentences = sentences_of_code() | sentences_of_templates()
    assert len(sentences) > 1000
    assert [text for text in sentences if re.search(OLD, text, re.IGNORECASE)] == []
