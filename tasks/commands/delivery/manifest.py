"""What a package says of itself: what is in it, whose decision that is, and the sums of its files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils import timezone

from tasks.models import Decision, Package, PackageEntry, Version

MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
# Of the manifest's form; `verify_delivery` reads it.
FORMAT = "topview-portal-delivery/1"


def write_manifest(
    package: Package,
    files: Sequence[PackageEntry],
    missing: Sequence[Version],
    decisions: Mapping[UUID, list[Decision]],
) -> str:
    """The manifest's text. `missing` are versions whose bytes were not there when it was made."""
    facts = {
        "format": FORMAT,
        "package": str(package.pk),
        "name": package.name,
        "workspace": package.workspace.name,
        "made_at": package.created_at.isoformat(),
        "made_by": str(package.made_by or ""),
        "only_approved": package.only_approved,
        "files": [_file(entry, decisions) for entry in files],
        "missing": [_version(version) | {"sha256": version.blob.sha256} for version in missing],
    }
    return json.dumps(facts, ensure_ascii=False, indent=1) + "\n"


def _file(entry: PackageEntry, decisions: Mapping[UUID, list[Decision]]) -> dict[str, Any]:
    facts: dict[str, Any] = {"path": entry.name, "size": entry.size, "sha256": entry.sha256}
    version = entry.version
    if version is None:
        return facts
    if entry.blob is None:
        return facts | {"about": str(version.pk)}
    cost = version.output.submission.cost
    return (
        facts
        | _version(version)
        | {
            "media_type": entry.blob.media_type,
            "state": version.state,
            "decisions": [_decision(one) for one in decisions.get(version.pk, [])],
            "brief_digest": version.brief_digest,
            "credits": None if cost is None else f"{cost.normalize():f}",
        }
    )


def _version(version: Version) -> dict[str, Any]:
    task = version.output.task
    return {
        "piece": version.piece.title,
        "piece_id": str(version.piece_id),
        "version": version.number,
        "version_id": str(version.pk),
        "task": str(task.pk),
        "task_format": task.kind,
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "verdict": decision.verdict,
        "by": decision.person_name,
        "at": decision.at.isoformat(),
        "stage": decision.stage,
        "rule": decision.rule,
        "own_work": decision.is_own_work,
        "sha256": decision.sha256,
    }


def write_sums(files: Iterable[PackageEntry]) -> str:
    """What `sha256sum -c` reads."""
    return "".join(f"{entry.sha256}  {entry.name}\n" for entry in files)


def default_name(versions: Sequence[Version], stems: Sequence[str]) -> str:
    """The name of a package that nobody has named: that of its one file, or the workspace's and the day."""
    if len(stems) == 1:
        return stems[0]
    workspace = versions[0].workspace.name if versions else ""
    return f"{workspace} {timezone.localdate():%Y-%m-%d}"
