"""`manage.py rotate_keys` makes older keys of the vault needless, and says when it does not."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from tasks import vault
from tasks.models import Credential
from tests import people

pytestmark = pytest.mark.django_db


def rotate() -> str:
    """What the command says."""
    said = StringIO()
    call_command("rotate_keys", stdout=said)
    return said.getvalue()


def test_every_stored_key_opens_with_the_new_key_alone(settings: Any) -> None:
    keys = {
        people.make_credential(people.make_workspace(), key=key).pk: key
        for key in ("sk-of-the-first-account-1111", "sk-of-the-second-account-2222")
    }
    new = Fernet.generate_key().decode()
    settings.TOPVIEW_PORTAL_VAULT_KEYS = [new, *settings.TOPVIEW_PORTAL_VAULT_KEYS]
    said = rotate()
    assert "2" in said and "sk-of" not in said
    settings.TOPVIEW_PORTAL_VAULT_KEYS = [new]
    stored = {row.pk: vault.decrypt(bytes(row.encrypted_key)).reveal() for row in Credential.objects.all()}
    assert stored == keys


def test_a_key_that_nothing_opens_is_named_and_the_others_are_rotated(settings: Any) -> None:
    lost = people.make_credential(people.make_workspace("Elsewhere"), name="Old account")
    good = people.make_credential(people.make_workspace())
    Credential.objects.filter(pk=lost.pk).update(encrypted_key=b"not a token")
    new = Fernet.generate_key().decode()
    settings.TOPVIEW_PORTAL_VAULT_KEYS = [new, *settings.TOPVIEW_PORTAL_VAULT_KEYS]
    with pytest.raises(CommandError, match="Old account .Elsewhere."):
        rotate()
    settings.TOPVIEW_PORTAL_VAULT_KEYS = [new]
    good.refresh_from_db()
    assert vault.decrypt(bytes(good.encrypted_key)).reveal()
