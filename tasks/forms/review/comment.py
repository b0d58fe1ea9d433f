"""What somebody says about a version, and where."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tasks.models import LONGEST_COMMENT, Timeline, Visibility
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
    """A comment with its place in time; `timeline` is the version's, None where it has none.

    `cleaned_data` holds `frame_in` and `frame_out` beside what was typed.
    """

    at = forms.CharField(label=gettext_lazy("From"), required=False, max_length=20)
    until = forms.CharField(label=gettext_lazy("To"), required=False, max_length=20)

    def __init__(self, *args: Any, timeline: Timeline | None, **named: Any) -> None:
        super().__init__(*args, **named)
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
        return {**cleaned, "frame_in": first, "frame_out": None if last == first else last}

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
        """What is allowed."""
        end = {"time": timeline.words(timeline.last), "frame": timeline.last}
        if timeline.counts_frames:
            return _("This lies beyond the end: the last frame is %(frame)d, at %(time)s.") % end
        return _("This lies beyond the end, which is %(time)s.") % end
