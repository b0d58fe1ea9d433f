"""Who approved which bytes: what is known here of a SHA-256."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from tasks.commands.delivery.approval import approved
from tasks.models import Decision, Output, Task, Verdict, Version, VersionState

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Known:
    """A version that has these bytes, or had them when it was decided on."""

    version: Version
    # About these bytes, oldest first.
    decisions: list[Decision]
    is_approved: bool
    # The version shows other bytes by now.
    is_replaced: bool
    # The newest version of the piece, where that is another one.
    newest: Version | None

    @property
    def approval(self) -> Decision | None:
        """The last one of these bytes."""
        given = [one for one in self.decisions if one.verdict == Verdict.APPROVED]
        return given[-1] if given else None


def read_digest(text: str) -> str | None:
    """The SHA-256 in what somebody pasted: alone, or as `sha256sum` writes it. None where there is none."""
    words = text.strip().lower().removeprefix("sha256:").split()
    return words[0].lstrip("\\") if words and _SHA256.fullmatch(words[0].lstrip("\\")) else None


def look_up(workspace_id: UUID, sha256: str) -> list[Known]:
    """The versions with these bytes; what is approved now comes first."""
    mine = Version.objects.filter(workspace=workspace_id)
    decided = Decision.objects.filter(workspace=workspace_id, sha256=sha256)
    rows = mine.filter(Q(blob__sha256=sha256) | Q(pk__in=decided.values("version")))
    good = set(approved(rows.filter(blob__sha256=sha256)).values_list("pk", flat=True))
    found = []
    for version in rows.select_related("piece", "blob").order_by("-changed_at", "-id"):
        others = version.piece.versions.exclude(state=VersionState.RECALLED)
        newer = others.filter(number__gt=version.number).order_by("-number").first()
        words = list(decided.filter(version=version))
        is_replaced = version.blob.sha256 != sha256
        found.append(Known(version, words, version.pk in good, is_replaced, newer))
    return sorted(found, key=lambda one: not one.is_approved)


def made_by(workspace_id: UUID, sha256: str) -> Task | None:
    """The task of which it is a result that nobody has sent for review."""
    rows = Output.objects.filter(workspace=workspace_id, blob__sha256=sha256).select_related("task")
    found = rows.first()
    return found.task if found else None
