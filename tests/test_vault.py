"""The vault and the Secret it hands out: what goes in comes out, and nothing shows it on the way."""

from __future__ import annotations

import copy
import json
import logging
import pickle

import pytest
from cryptography.fernet import Fernet

from tasks import vault
from tasks.secret import Secret

KEY = "sk-live-0123456789abcdefghij"


@pytest.fixture
def keys(settings):
    settings.TOPVIEW_PORTAL_VAULT_KEYS = [Fernet.generate_key().decode()]
    return settings.TOPVIEW_PORTAL_VAULT_KEYS


def test_what_was_encrypted_can_be_decrypted(keys):
    token = vault.encrypt(Secret(KEY))
    assert KEY.encode() not in token
    assert vault.decrypt(token).reveal() == KEY


def test_a_token_from_a_database_that_gives_memoryviews_is_read(keys):
    token = vault.encrypt(Secret("sk-ключ-密钥"))
    assert vault.decrypt(memoryview(token)).reveal() == "sk-ключ-密钥"


def test_two_encryptions_of_one_secret_differ(keys):
    assert vault.encrypt(Secret(KEY)) != vault.encrypt(Secret(KEY))


def test_a_wrong_key_is_refused_in_words(settings, keys):
    token = vault.encrypt(Secret(KEY))
    settings.TOPVIEW_PORTAL_VAULT_KEYS = [Fernet.generate_key().decode()]
    for act in (vault.decrypt, vault.rotate):
        with pytest.raises(vault.VaultError, match="None of the vault's keys"):
            act(token)


def test_a_damaged_token_is_refused(keys):
    token = bytearray(vault.encrypt(Secret(KEY)))
    token[-5] ^= 1
    with pytest.raises(vault.VaultError):
        vault.decrypt(bytes(token))


def test_an_old_key_still_opens_and_rotation_makes_it_needless(settings, keys):
    old = keys[0]
    token = vault.encrypt(Secret(KEY))
    new = Fernet.generate_key().decode()
    settings.TOPVIEW_PORTAL_VAULT_KEYS = [new, old]
    assert vault.decrypt(token).reveal() == KEY
    rotated = vault.rotate(token)
    settings.TOPVIEW_PORTAL_VAULT_KEYS = [new]
    assert vault.decrypt(rotated).reveal() == KEY
    with pytest.raises(vault.VaultError):
        vault.decrypt(token)


@pytest.mark.parametrize("wrong", ["short", "sk-looks-like-a-key-but-is-none!", "ключ"])
def test_a_malformed_key_is_named_without_being_shown(settings, wrong):
    settings.TOPVIEW_PORTAL_VAULT_KEYS = [wrong]
    with pytest.raises(vault.VaultError, match="no Fernet key") as caught:
        vault.encrypt(Secret(KEY))
    assert wrong not in str(caught.value)


def test_a_vault_without_a_key_says_which_setting_is_missing(settings):
    settings.TOPVIEW_PORTAL_VAULT_KEYS = []
    with pytest.raises(vault.VaultError, match="VAULT_KEYS"):
        vault.encrypt(Secret(KEY))


def test_no_printed_form_of_a_secret_shows_more_than_its_tail(caplog):
    secret = Secret(KEY)
    with caplog.at_level(logging.INFO):
        logging.getLogger("test").info("key %s %r", secret, [secret])
    forms = [repr(secret), str(secret), f"{secret}", f"{secret!r:>12}", f"{ ({'key': secret}) }", caplog.text]
    assert all("ghij" in form and "efghij" not in form for form in forms)


def test_a_short_secret_shows_nothing_of_itself():
    assert repr(Secret("hunter2")) == "••••"


def test_a_secret_cannot_be_pickled_or_written_as_json():
    with pytest.raises(TypeError):
        pickle.dumps(Secret(KEY))
    with pytest.raises(TypeError):
        json.dumps({"key": Secret(KEY)})


def test_a_copy_is_the_same_secret():
    secret = Secret(KEY)
    assert copy.deepcopy({"key": secret})["key"] == secret
    assert copy.copy(secret) == secret


def test_secrets_are_equal_when_their_texts_are():
    assert Secret(KEY) == Secret(KEY)
    assert Secret(KEY) != Secret(KEY + "x")
    assert Secret(KEY) != KEY


def test_an_empty_secret_is_refused():
    with pytest.raises(ValueError, match="empty"):
        Secret("")
