"""What a member sets about a link for guests."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tasks.forms.people.names import NameField
from tasks.models import DownloadRight, Follows, Identification, Piece, ShareLink, Workspace

DAYS = 30
_SHORTEST_PASSWORD = 8
# As many as are offered beside those that the link has.
_MOST_OFFERED = 40


class ShareLinkForm(forms.Form):
    """A link's terms and pieces. `expires_at` of the cleaned data is the end of the day that was named."""

    name = NameField(
        label=gettext_lazy("Name"),
        max_length=120,
        help_text=gettext_lazy("Guests read it as the title; you find the link by it."),
    )
    pieces = forms.ModelMultipleChoiceField(
        label=gettext_lazy("What is shared"),
        queryset=Piece.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one piece.")},
    )
    follows = forms.ChoiceField(label=gettext_lazy("Versions"), choices=Follows.choices)
    expires_on = forms.DateField(
        label=gettext_lazy("Open until"),
        required=False,
        help_text=gettext_lazy("Until the end of that day."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    never_ends = forms.BooleanField(label=gettext_lazy("It never ends"), required=False)
    identification = forms.ChoiceField(
        label=gettext_lazy("Who guests say they are"), choices=Identification.choices
    )
    may_comment = forms.BooleanField(
        label=gettext_lazy("Guests may comment"),
        required=False,
        help_text=gettext_lazy("They see what the team says for everyone, and are seen by everyone."),
    )
    may_decide = forms.BooleanField(
        label=gettext_lazy("Guests may decide"),
        required=False,
        help_text=gettext_lazy(
            "Approve, request changes or reject, where a stage of the workspace's review asks guests and "
            "nowhere else. They prove their mail address first."
        ),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        required=False,
        strip=False,
        min_length=_SHORTEST_PASSWORD,
        max_length=128,
        help_text=gettext_lazy("Asked of every guest. Send it another way than the link."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    drop_password = forms.BooleanField(label=gettext_lazy("Ask for no password any more"), required=False)
    download = forms.ChoiceField(
        label=gettext_lazy("Downloads"),
        choices=DownloadRight.choices,
        help_text=gettext_lazy(
            "A small preview has 480 lines and the first two minutes. Without downloads there is no button; "
            "what is shown can still be recorded."
        ),
    )
    has_watermark = forms.BooleanField(
        label=gettext_lazy("The guest's name over the picture"),
        required=False,
        help_text=gettext_lazy("A deterrent: it lies over the player and is no part of the file."),
    )

    def __init__(
        self,
        *args: Any,
        workspace: Workspace,
        may_be_endless: bool,
        shown: list[Piece],
        has_password: bool = False,
        **named: Any,
    ) -> None:
        """`shown` are the pieces that are offered first, however old they are."""
        super().__init__(*args, **named)
        newest = Piece.objects.filter(workspace=workspace).order_by("-created_at")[:_MOST_OFFERED]
        offered = {piece.pk: piece.title for piece in (*shown, *newest)}
        pieces = cast("forms.ModelMultipleChoiceField[Piece]", self.fields["pieces"])
        pieces.queryset = Piece.objects.filter(pk__in=offered)
        pieces.choices = [(str(key), title) for key, title in offered.items()]
        if not may_be_endless:
            del self.fields["never_ends"]
        if not has_password:
            del self.fields["drop_password"]

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        day = asked.get("expires_on")
        asked["expires_at"] = None
        if not asked.get("never_ends"):
            if day is None and "expires_on" not in self.errors:
                self.add_error("expires_on", _("Say until when."))
            elif day is not None:
                asked["expires_at"] = end = _end_of(day)
                if end <= timezone.now():
                    self.add_error("expires_on", _("That day is over."))
        if asked.get("may_comment") and asked.get("identification") == Identification.NONE:
            self.add_error("identification", _("Guests who comment have to say who they are."))
        if asked.get("may_decide") and asked.get("identification") != Identification.MAIL:
            self.add_error("identification", _("Guests who decide have to prove their mail address."))
        if asked.get("has_watermark") and asked.get("download") == DownloadRight.ORIGINAL:
            self.add_error("download", _("The original has no watermark: offer no downloads, or a preview."))
        return asked

    @property
    def terms(self) -> dict[str, Any]:
        """The terms as the command takes them."""
        asked = self.cleaned_data
        password = "" if asked.get("drop_password") else asked["password"] or None
        return {
            "name": asked["name"],
            "expires_at": asked["expires_at"],
            "password": password,
            "may_comment": asked["may_comment"],
            "may_decide": asked["may_decide"],
            "download": DownloadRight(asked["download"]),
            "identification": Identification(asked["identification"]),
            "has_watermark": asked["has_watermark"],
            "follows": Follows(asked["follows"]),
        }


def initial_of(link: ShareLink) -> dict[str, Any]:
    """What the form shows of a link that there is."""
    until = link.expires_at
    return {
        "name": link.name,
        "pieces": [str(key) for key in link.items.values_list("piece", flat=True)],
        "follows": link.follows,
        "expires_on": (timezone.localtime(until) - timedelta(seconds=1)).date() if until else None,
        "never_ends": until is None,
        "may_comment": link.may_comment,
        "may_decide": link.may_decide,
        "identification": link.identification,
        "download": link.download,
        "has_watermark": link.has_watermark,
    }


def first_terms(piece: Piece) -> dict[str, Any]:
    """What the form begins with for a new one."""
    return {
        "name": piece.title[:120],
        "pieces": [str(piece.pk)],
        "follows": Follows.NEWEST,
        "expires_on": timezone.localdate() + timedelta(days=DAYS),
        "identification": Identification.NAME,
        "download": DownloadRight.NONE,
    }


def _end_of(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
