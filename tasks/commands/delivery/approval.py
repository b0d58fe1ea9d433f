"""Which bytes are approved: the one place that knows, for what is put into packages and what leaves them."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from tasks.models import Decision, Membership, Package, PackageEntry, Version, VersionState


def approved(rows: QuerySet[Version]) -> QuerySet[Version]:
    """Those that are approved now, by somebody who saw the very bytes that they have."""
    given = Decision.objects.approving().filter(version=OuterRef("pk"))
    return rows.filter(Exists(given), state=VersionState.APPROVED)


def not_approved(package: Package) -> list[PackageEntry]:
    """Files of a package of which this is not so, or not so any more."""
    same = approved(Version.objects.filter(pk=OuterRef("version"), blob=OuterRef("blob")))
    files = PackageEntry.objects.filter(~Exists(same), package=package, blob__isnull=False)
    return list(files.select_related("version__piece").order_by("position"))


def still_allowed(package_id: UUID, *, membership_id: int) -> bool:
    """Whether a member who is being sent it may have the rest, by the rows as they are now."""
    package = Package.objects.filter(pk=package_id).first()
    if package is None or package.is_over(timezone.now()):
        return False
    if not Membership.objects.filter(pk=membership_id, user__is_active=True).exists():
        return False
    return not (package.only_approved and not_approved(package))
