"""A package outlives the machine: it comes back from a backup as it was frozen."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from tasks.commands.delivery.approval import not_approved
from tasks.models import Membership, Package, PackageAct
from tests.commands.backups import back_up, place, restore
from tests.delivering import approved_version, bytes_of, package_of
from tests.people import make_member, make_workspace

__all__ = ["place"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_package_comes_back_from_a_backup_byte_for_byte(
    mark: Membership, rita: Membership, place: Path
) -> None:
    package = package_of(mark, approved_version(mark, rita, title="口红"), approved_version(mark, rita))
    before = bytes_of(package)
    back_up(place)
    call_command("flush", interactive=False, verbosity=0)
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
    make_member(make_workspace("Another life"))
    restore(place, "--replace")
    found = Package.objects.get(pk=package.pk)
    assert (found.digest, found.size) == (package.digest, package.size)
    assert bytes_of(found) == before
    assert not not_approved(found)
    assert [event.act for event in found.events.all()] == [PackageAct.MADE]
