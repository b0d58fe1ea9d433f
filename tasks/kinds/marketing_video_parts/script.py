"""New words for a script of a marketing video, and the preview that follows (operation updateM2vScript)."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tasks.kinds.base import FILM, Body, Brief, Facts, FileIds, KindForm, Output, Result
from tasks.kinds.base.fields.segments import Segments
from tasks.kinds.marketing_video_parts import parsing
from tasks.text import StrOrPromise


class ScriptInputs(KindForm):
    segments = Segments(
        wire="scriptContents",
        label=_("Script"),
        section=_("The words"),
        help_text=_("TopView makes a new preview with these words."),
        required_message=_("There are no words. Load the page again."),
    )

    def clean(self) -> dict[str, Any]:
        """The parts are those of the script that was chosen, and something in them has changed."""
        values = super().clean()
        before, after = self.initial.get("segments"), values.get("segments")
        if not before or not after:
            return values
        if [number for number, _text in before] != [number for number, _text in after]:
            words = _("These are the words of another script. Choose the script again.")
            self.add_error("segments", ValidationError(words, "parts"))
        elif before == after:
            self.add_error("segments", ValidationError(_("Nothing has been changed yet."), "unchanged"))
        return values


def initial(facts: Facts) -> dict[str, Any]:
    """The words that the preview says."""
    return {"segments": facts.get("segments", [])}


def refusal(facts: Facts) -> StrOrPromise:
    """Words that TopView has not told cannot be changed."""
    return "" if facts.get("segments") else _("TopView has not told the words of this script.")


def said(facts: Facts) -> StrOrPromise:
    """What a preview says, to be read beside it."""
    return " ".join(text for _number, text in facts.get("segments", []))


def body(asked: Brief, file_ids: FileIds) -> Body:
    return {**parsing.named(asked), **ScriptInputs.body(asked, file_ids)}


def state(result: Result, asked: Brief) -> str:
    """The word for the new preview. While TopView still shows the old film there is no sign of it."""
    found = parsing.row_asked(result, parsing.PREVIEWS, asked)
    if found is None:
        return parsing.NO_SIGN
    word = parsing.state_of(found[1])
    known = [asked["item_facts"], *asked.get("earlier_facts", ())]
    is_old = word == parsing.SUCCESS and parsing.film_of(found[1]) in {one.get(FILM) for one in known}
    return parsing.NO_SIGN if is_old else word


def outputs(result: Result, asked: Brief) -> Iterator[Output]:
    """The new preview, with the words as TopView tells them, else as they were sent."""
    found = parsing.row_asked(result, parsing.PREVIEWS, asked)
    if found is None or state(result, asked) != parsing.SUCCESS:
        return
    told = parsing.scripts_of(result).get(parsing.number_asked(asked))
    yield from parsing.video(*found, told or asked["segments"])
