"""Making a package: what is in it is written down once, while nothing of it can be decided anew."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tasks.audit import Verb, record
from tasks.commands.delivery.approval import approved
from tasks.commands.delivery.file_names import ending_of, file_stem
from tasks.commands.delivery.manifest import MANIFEST, SUMS, default_name, write_manifest, write_sums
from tasks.commands.delivery.side_cars import can_be_marked, comments_sheet, editor_markers
from tasks.commands.delivery.zip_layout import Entry, ZipLayout
from tasks.commands.library.blobs import is_stored
from tasks.commands.library.captions import cues_for
from tasks.commands.refusals import NotPossible
from tasks.commands.runtime.queue import MEASURE_FILES, nudge
from tasks.file_names import LONGEST_FILE_NAME, set_apart
from tasks.media.captions import subrip, webvtt
from tasks.models import (
    MOST_VERSIONS,
    Blob,
    Comment,
    CommentsKept,
    Decision,
    FilmTiming,
    Membership,
    Package,
    PackageAct,
    PackageEntry,
    PackageEvent,
    Version,
    Visibility,
)
from tasks.names import cut_to_bytes, download_name

# Part of every digest: archives that are laid out otherwise have another.
_LAYOUT = "1"


@dataclass(frozen=True)
class Order:
    """What somebody wants delivered. Equal ids are one package."""

    id: UUID
    versions: Collection[UUID]
    lifetime: timedelta
    name: str = ""
    only_approved: bool = True
    comments: CommentsKept = CommentsKept.ALL


class NotApproved(NotPossible):
    """Some of the versions are not approved with the bytes that they have; nothing was made."""

    def __init__(self, versions: Sequence[Version]) -> None:
        text = ngettext(
            "%(count)d of these is not approved.", "%(count)d of these are not approved.", len(versions)
        )
        super().__init__(text % {"count": len(versions)})
        self.versions = versions


def make_package(*, membership: Membership, order: Order) -> Package:
    """Freeze it. Raises NotApproved, NotPossible, or OSError where the storage does not answer now."""
    if not 0 < len(set(order.versions)) <= MOST_VERSIONS:
        raise NotPossible(_("Choose between 1 and %(most)d versions.") % {"most": MOST_VERSIONS})
    stored = {blob: is_stored(blob) for blob in {version.blob for version in _read(membership, order)}}
    try:
        with transaction.atomic():
            made = Package.objects.filter(pk=order.id, workspace=membership.workspace_id).first()
            return made or _frozen(membership, order, stored)
    except IntegrityError:
        # Sent twice at the same time.
        found = Package.objects.filter(pk=order.id, workspace=membership.workspace_id).first()
        if found is None:
            raise NotPossible(_("This form was sent before. Open it anew.")) from None
        return found


def _read(membership: Membership, order: Order) -> list[Version]:
    """In the order in which they stand in the package."""
    rows = Version.objects.filter(workspace=membership.workspace_id, pk__in=set(order.versions))
    joined = rows.select_related(
        "piece", "blob__timing", "blob__player_media", "workspace", "output__task", "output__submission"
    )
    return list(joined.order_by("piece__title", "piece__id", "number"))


def _frozen(membership: Membership, order: Order, stored: dict[Blob, bool]) -> Package:
    # Held until the end: nobody takes an approval back between the look at it and the rows.
    mine = Version.objects.filter(workspace=membership.workspace_id, pk__in=set(order.versions))
    list(mine.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    versions = _read(membership, order)
    if order.only_approved:
        good = set(approved(mine).values_list("pk", flat=True))
        if others := [version for version in versions if version.pk not in good]:
            raise NotApproved(others)
    if len(versions) != len(set(order.versions)) or any(one.blob not in stored for one in versions):
        raise NotPossible(_("Something of it has changed just now. Try it again."))
    here = [version for version in versions if stored[version.blob]]
    if not here:
        raise NotPossible(_("None of these files can be found in the portal's storage."))
    stems = set_apart(file_stem(version) for version in here)
    package = _described(membership, order, default_name(here, stems))
    files = _files(here, stems, order.comments)
    missing = [version for version in versions if not stored[version.blob]]
    return _written(membership, package, files, missing)


def _described(membership: Membership, order: Order, default: str) -> Package:
    now = timezone.now()
    name = download_name(order.name or default, fallback="delivery")
    return Package(
        pk=order.id,
        workspace=membership.workspace,
        made_by=membership.user,
        name=cut_to_bytes(name, LONGEST_FILE_NAME - len(".zip")),
        only_approved=order.only_approved,
        created_at=now,
        expires_at=now + order.lifetime,
    )


def _files(versions: Sequence[Version], stems: Sequence[str], kept: CommentsKept) -> list[PackageEntry]:
    """Each film and picture, followed by its side-cars."""
    comments = _comments(versions, kept)
    files = []
    for version, stem in zip(versions, stems, strict=True):
        blob = version.blob
        name = f"{stem}.{ending_of(version)}"
        files.append(PackageEntry(name=name, blob=blob, version=version, size=blob.size, sha256=blob.sha256))
        files += _side_cars(version, stem, comments[version.pk])
    return files


def _side_cars(version: Version, stem: str, comments: Sequence[Comment]) -> Iterable[PackageEntry]:
    timing: FilmTiming | None = getattr(version.blob, "timing", None)
    if cues := cues_for(version.output, version.blob):
        yield PackageEntry.written(f"{stem}.srt", subrip(cues), version)
        yield PackageEntry.written(f"{stem}.vtt", webvtt(cues), version)
    if comments:
        sheet = comments_sheet(comments, timing)
        yield PackageEntry.written(f"{stem}-comments.csv", sheet, version)
    if timing is not None and can_be_marked(timing, comments):
        yield PackageEntry.written(f"{stem}.edl", editor_markers(stem, comments, timing), version)


def _comments(versions: Sequence[Version], kept: CommentsKept) -> dict[UUID, list[Comment]]:
    """Of each version, replies after what they answer."""
    found: dict[UUID, list[Comment]] = defaultdict(list)
    if kept is CommentsKept.NONE:
        return found
    rows = Comment.objects.filter(version__in=versions, deleted_at=None).select_related("author", "guest")
    if kept is CommentsKept.EVERYONE:
        rows = rows.filter(visibility=Visibility.EVERYONE)
    begun = {comment.pk: comment.created_at for comment in rows}
    for comment in sorted(
        rows, key=lambda one: (begun.get(one.parent_id or one.pk, one.created_at), one.created_at)
    ):
        found[comment.version_id].append(comment)
    return found


def _written(
    membership: Membership, package: Package, files: list[PackageEntry], missing: Sequence[Version]
) -> Package:
    decisions: dict[UUID, list[Decision]] = defaultdict(list)
    for decision in Decision.objects.filter(version__in=[entry.version for entry in files if entry.blob]):
        decisions[decision.version_id].append(decision)
    manifest = PackageEntry.written(MANIFEST, write_manifest(package, files, missing, decisions))
    entries = [manifest, PackageEntry.written(SUMS, write_sums([manifest, *files])), *files]
    for position, entry in enumerate(entries):
        entry.package, entry.position = package, position
    package.count = len(entries)
    package.size = layout_of(package, entries).size
    package.digest = _digest(package, entries)
    package.save(force_insert=True)
    PackageEntry.objects.bulk_create(entries, batch_size=100)
    note(package, PackageAct.MADE, membership)
    record(Verb.PACKAGE_MADE, actor=membership.user, workspace=package.workspace, subject=package)
    _have_measured(entries)
    return package


def layout_of(package: Package, entries: Iterable[PackageEntry]) -> ZipLayout:
    """The archive that these entries make. The CRC of one that is not measured is wrong in it."""
    return ZipLayout([Entry(one.name, one.size, one.crc32 or 0) for one in entries], package.created_at)


def _digest(package: Package, entries: Iterable[PackageEntry]) -> str:
    facts = [_LAYOUT, package.created_at.isoformat(), *([one.name, one.size, one.sha256] for one in entries)]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _have_measured(entries: Iterable[PackageEntry]) -> None:
    waiting = [entry.blob.pk for entry in entries if entry.blob and entry.crc32 is None]
    if waiting:
        Blob.objects.filter(pk__in=waiting).update(measure_at=timezone.now())
        nudge(MEASURE_FILES)


def note(package: Package, act: PackageAct, membership: Membership) -> None:
    """Write down what somebody did with a package."""
    person = membership.user
    PackageEvent.objects.create(package=package, act=act, person=person, person_name=str(person))
