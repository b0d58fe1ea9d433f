"""What somebody says about a version, and where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tasks.models import (
    LONGEST_COMMENT,
    LONGEST_DRAWING,
    Timeline,
    Version,
    Visibility,
    read_drawing,
    sentence_digest,
    timeline_of,
)
from tasks.names import shows


class WordsField(forms.CharField):
    """Text of which something can be seen. Line ends count once, as they do in the browser."""

    def to_python(self, value: object) -> str:
        text = super().to_python(value) or ""
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def validate(self, value: str) -> None:
        super().validate(value if shows(value) else "")


class WordsForm(forms.Form):
    """A reply, or an own comment's words anew."""

    comment_id = forms.UUIDField(widget=forms.HiddenInput)
    body = WordsField(
        label=gettext_lazy("Comment"),
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(
            {"rows": 3, "placeholder": gettext_lazy("Add a comment. @ mentions somebody.")}
        ),
        error_messages={"required": gettext_lazy("Write something first.")},
    )
    visibility = forms.ChoiceField(
        label=gettext_lazy("Seen by"), choices=Visibility.choices, required=False, initial=Visibility.TEAM
    )

    def clean_visibility(self) -> Visibility:
        return Visibility(self.cleaned_data["visibility"] or Visibility.TEAM)


class CommentForm(WordsForm):
    """A comment with its place; `timeline` is the version's, None where it has none.

    `cleaned_data` holds `frame_in`, `frame_out`, `sentence` and `sentence_digest` beside what was typed,
    `drawing` as it is stored or None.
    """

    drawing = forms.CharField(
        label=gettext_lazy("Drawing"),
        required=False,
        max_length=LONGEST_DRAWING,
        widget=forms.HiddenInput,
        error_messages={"max_length": gettext_lazy("This drawing is too large. Take some of it away.")},
    )
    sentence = forms.TypedChoiceField(
        label=gettext_lazy("Sentence"),
        required=False,
        coerce=int,
        empty_value=None,
        error_messages={"invalid_choice": gettext_lazy("Choose a sentence of this version's script.")},
    )
    at = forms.CharField(label=gettext_lazy("From"), required=False, max_length=20)
    until = forms.CharField(label=gettext_lazy("To"), required=False, max_length=20)

    def __init__(
        self,
        *args: Any,
        timeline: Timeline | None,
        has_picture: bool = False,
        sentences: Sequence[str] = (),
        starts: Sequence[float] = (),
        **named: Any,
    ) -> None:
        """A sentence that is chosen without a place stands where it begins, by `starts` in seconds."""
        super().__init__(*args, **named)
        self._sentences, self._starts = sentences, starts
        if sentences:
            told = [(number, f"{number + 1}. {text}"[:90]) for number, text in enumerate(sentences)]
            sentence = cast(forms.TypedChoiceField, self.fields["sentence"])
            sentence.choices = [("", _("The whole")), *told]
        else:
            del self.fields["sentence"]
        if not has_picture:
            del self.fields["drawing"]
        self.timeline = timeline
        if timeline is None:
            del self.fields["at"], self.fields["until"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = self._place("at"), self._place("until")
        if last is not None and first is None and "at" not in self.errors:
            self.add_error("at", _("Say where it begins, too."))
        if first is not None and last is not None and last < first:
            self.add_error("until", _("This lies before the beginning."))
        if cleaned.get("drawing") and self.timeline and first is None and "at" not in self.errors:
            self.add_error("at", _("Say which frame is drawn on."))
        chosen = cleaned.get("sentence")
        if chosen is not None and first is None and self.timeline and self._starts:
            first = min(self.timeline.last, self.timeline.place(f"{self._starts[chosen]:.3f}"))
        digest = "" if chosen is None else sentence_digest(self._sentences[chosen])
        return {
            **cleaned,
            "frame_in": first,
            "frame_out": None if last == first else last,
            "sentence": chosen,
            "sentence_digest": digest,
        }

    def clean_drawing(self) -> dict[str, Any] | None:
        try:
            return read_drawing(self.cleaned_data["drawing"] or '{"v": 1, "strokes": []}')
        except ValueError:
            raise forms.ValidationError(_("This is no drawing that can be kept. Draw it anew.")) from None

    def _place(self, name: str) -> int | None:
        text, timeline = self.cleaned_data.get(name), self.timeline
        if not text or timeline is None:
            return None
        try:
            place = timeline.place(text)
        except ValueError:
            self.add_error(name, self._expected(timeline))
            return None
        if place > timeline.last:
            self.add_error(name, self._end(timeline))
            return None
        return place

    @staticmethod
    def _expected(timeline: Timeline) -> str:
        if timeline.counts_frames:
            return _("Give a frame's number, or a time such as 0:03.12.")
        return _("Give a time such as 0:03.12.")

    @staticmethod
    def _end(timeline: Timeline) -> str:
        end = {"time": timeline.words(timeline.last), "frame": timeline.last}
        if timeline.counts_frames:
            return _("This lies beyond the end: the last frame is %(frame)d, at %(time)s.") % end
        return _("This lies beyond the end, which is %(time)s.") % end


def comment_form(version: Version, *args: Any, **named: Any) -> CommentForm:
    """The form for comments on this version; `sentences` are those of its script."""
    has_picture = version.output.role in ("video", "image")
    return CommentForm(*args, timeline=timeline_of(version), has_picture=has_picture, **named)
