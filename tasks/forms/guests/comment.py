"""What a guest says about a version."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from tasks.forms.review.comment import CommentForm


class GuestCommentForm(CommentForm):
    """A comment, or an answer to the one that `parent` names. Guests do not choose who sees it."""

    parent = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        del self.fields["visibility"]
        # They know no names to mention.
        self.fields["body"].widget.attrs["placeholder"] = gettext_lazy("Add a comment.")
