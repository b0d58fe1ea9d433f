"""The readers of the environment: each kind of value, its default, and words a person can act on."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from topview_portal import env


@pytest.mark.parametrize("value", ["1", "true", "YES", " on "])
def test_words_of_consent_are_true(monkeypatch, value):
    monkeypatch.setenv("THING", value)
    assert env.flag("THING", default=False) is True


@pytest.mark.parametrize("value", ["0", "False", "no", "OFF"])
def test_words_of_refusal_are_false(monkeypatch, value):
    monkeypatch.setenv("THING", value)
    assert env.flag("THING", default=True) is False


def test_a_flag_that_is_neither_names_the_variable(monkeypatch):
    monkeypatch.setenv("THING", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="THING must be a flag"):
        env.flag("THING", default=False)


@pytest.mark.parametrize(
    "read",
    [
        env.flag,
        env.integer,
        env.seconds,
        env.address,
        env.folder,
        lambda name: env.choice(name, choices="ab"),
    ],
)
def test_no_message_shows_the_value(monkeypatch, tmp_path, read):
    """Whoever mixes up two lines has put a secret there."""
    (tmp_path / "s3cret").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("THING", "s3cret")
    with pytest.raises(ImproperlyConfigured, match="THING") as caught:
        read("THING")
    assert "s3cret" not in str(caught.value)


def test_an_empty_variable_counts_as_not_set(monkeypatch):
    monkeypatch.setenv("THING", "  ")
    assert env.text("THING", "fallback") == "fallback"
    assert env.integer("THING", 3) == 3
    assert env.flag("THING", default=True) is True


def test_a_reader_without_a_default_demands_the_variable(monkeypatch):
    monkeypatch.delenv("THING", raising=False)
    for reader in (env.text, env.flag, env.integer, env.seconds, env.listing, env.address, env.folder):
        with pytest.raises(ImproperlyConfigured, match="THING is not set"):
            reader("THING")


def test_text_loses_the_white_space_at_its_ends(monkeypatch):
    monkeypatch.setenv("THING", " a b ")
    assert env.text("THING") == "a b"


def test_a_choice_must_be_one_of_the_words(monkeypatch):
    monkeypatch.setenv("THING", "purple")
    with pytest.raises(ImproperlyConfigured, match="one of red, blue"):
        env.choice("THING", "red", choices=["red", "blue"])
    monkeypatch.setenv("THING", "blue")
    assert env.choice("THING", "red", choices=["red", "blue"]) == "blue"


@pytest.mark.parametrize(
    ("value", "words"), [("7.5", "whole number"), ("0", "1 or more"), ("70000", "65535 or less")]
)
def test_a_number_outside_its_bounds_is_refused(monkeypatch, value, words):
    monkeypatch.setenv("THING", value)
    with pytest.raises(ImproperlyConfigured, match=words):
        env.integer("THING", 8000, low=1, high=65535)


def test_the_bounds_themselves_are_allowed(monkeypatch):
    for value in ("1", "65535"):
        monkeypatch.setenv("THING", value)
        assert env.integer("THING", low=1, high=65535) == int(value)


@pytest.mark.parametrize("value", ["soon", "-1", "nan", "inf"])
def test_a_length_of_time_must_be_a_finite_number_of_seconds(monkeypatch, value):
    monkeypatch.setenv("THING", value)
    with pytest.raises(ImproperlyConfigured, match="THING"):
        env.seconds("THING", 5.0)


def test_seconds_may_be_fractions(monkeypatch):
    monkeypatch.setenv("THING", "0.25")
    assert env.seconds("THING", 5) == 0.25


def test_a_listing_drops_empty_parts(monkeypatch):
    monkeypatch.setenv("THING", "a, b,,c ,")
    assert env.listing("THING", []) == ["a", "b", "c"]


def test_a_default_listing_is_a_copy(monkeypatch):
    monkeypatch.delenv("THING", raising=False)
    default = ["a"]
    env.listing("THING", default).append("b")
    assert default == ["a"]


def test_a_secret_comes_from_its_variable_or_is_none(monkeypatch):
    monkeypatch.delenv("THING_FILE", raising=False)
    monkeypatch.delenv("THING", raising=False)
    assert env.secret("THING") is None
    monkeypatch.setenv("THING", "s3cret")
    assert env.secret("THING") == "s3cret"


def test_a_secret_can_come_from_a_file(monkeypatch, tmp_path):
    file = tmp_path / "key"
    file.write_text("from a file\n")
    monkeypatch.setenv("THING_FILE", str(file))
    assert env.secret("THING", default=None) == "from a file"


def test_a_secret_given_twice_is_refused_without_showing_it(monkeypatch, tmp_path):
    monkeypatch.setenv("THING", "s3cret")
    monkeypatch.setenv("THING_FILE", str(tmp_path / "key"))
    with pytest.raises(ImproperlyConfigured, match="both set") as caught:
        env.secret("THING")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("content", [None, b"\n", b"\xff\xfe\xff"])
def test_a_secret_file_that_gives_nothing_is_an_error(monkeypatch, tmp_path, content):
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("THING_FILE", str(file))
    with pytest.raises(ImproperlyConfigured, match="THING_FILE"):
        env.secret("THING")


@pytest.mark.parametrize(
    ("value", "origin"),
    [
        ("https://portal.example/", "https://portal.example"),
        ("http://127.0.0.1:8900", "http://127.0.0.1:8900"),
        ("HTTP://LocalHost:80", "http://localhost:80"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://[2001:DB8:0:0::1]", "https://[2001:db8::1]"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
    ],
)
def test_an_address_is_brought_to_one_spelling(monkeypatch, value, origin):
    monkeypatch.setenv("THING", value)
    assert env.address("THING", "http://localhost") == origin


@pytest.mark.parametrize(
    "value",
    ["portal.example", "ftp://portal.example", "https://portal.example/app", "https://", "http://a:99999"]
    + ["https://user:pa55@portal.example", "http://[::1", "https://bücher.example", "https://por tal.example"]
    + ["https://[fe80::1%eth0]", "https://portal.example:pa55", "https://-portal.example"],
)
def test_an_address_that_is_no_origin_is_refused_without_showing_it(monkeypatch, value):
    monkeypatch.setenv("THING", value)
    with pytest.raises(ImproperlyConfigured, match="THING") as caught:
        env.address("THING", "http://localhost")
    assert "pa55" not in str(caught.value)


def test_an_address_may_be_absent_when_its_default_says_so(monkeypatch):
    monkeypatch.delenv("THING", raising=False)
    assert env.address("THING", None) is None


def test_a_default_address_is_judged_like_any_other(monkeypatch):
    monkeypatch.delenv("THING", raising=False)
    with pytest.raises(ImproperlyConfigured):
        env.address("THING", "nonsense")


def test_a_folder_is_absolute_and_need_not_exist(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("THING", "var/new")
    assert env.folder("THING", "/elsewhere") == tmp_path / "var" / "new"
    monkeypatch.setenv("THING", "~/x")
    assert env.folder("THING") == Path.home() / "x"


def test_a_file_in_the_place_of_a_folder_is_refused(monkeypatch, tmp_path):
    (tmp_path / "f").write_text("")
    monkeypatch.setenv("THING", str(tmp_path / "f"))
    with pytest.raises(ImproperlyConfigured, match="a file is there"):
        env.folder("THING")


KEYS = [Fernet.generate_key().decode() for _one in range(3)]


def test_keys_of_the_vault_come_as_a_list(monkeypatch):
    monkeypatch.setenv("THING", f"{KEYS[0]}, {KEYS[1]}")
    assert env.vault_keys("THING", [KEYS[2]]) == KEYS[:2]
    monkeypatch.setenv("THING", "")
    assert env.vault_keys("THING", [KEYS[2]]) == [KEYS[2]]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (f"{KEYS[0]},{KEYS[1][:-5]}", "number 2"),
        ("first-key,older-key", "number 1"),
        (KEYS[0] + "ü", "number 1"),
        (",", "one Fernet key at least"),
    ],
    ids=["cut short", "words", "not ASCII", "empty"],
)
def test_a_key_that_is_none_is_told_by_its_place_and_not_shown(monkeypatch, value, words):
    monkeypatch.setenv("THING", value)
    with pytest.raises(ImproperlyConfigured, match=f"THING .*{words}") as caught:
        env.vault_keys("THING", [KEYS[2]])
    assert KEYS[0] not in str(caught.value)
    assert KEYS[1][:-5] not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("postgres://u:p%40s%2Fs@h:5433/db", {"NAME": "db", "USER": "u", "PASSWORD": "p@s/s", "PORT": 5433}),
        ("postgresql://u:p@[::1]/db", {"HOST": "::1", "ENGINE": "django.db.backends.postgresql"}),
        ("postgres://%2Frun%2Fpostgresql/db", {"HOST": "/run/postgresql", "NAME": "db"}),
        ("sqlite:////srv/portal.sqlite3", {"NAME": "/srv/portal.sqlite3"}),
    ],
)
def test_the_address_of_a_database_is_taken_apart(monkeypatch, value, expected):
    monkeypatch.setenv("THING", value)
    row = env.database("THING", "sqlite:///")
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize(
    "value",
    ["nonsense-pa55", "postgres://u:pa55/x@h/db", "postgres://u:pa55@h:port/db", "postgres://u:pa55@h"]
    + [
        "mysql://u:pa55@h/db",
        "redis://u:pa55@h",
        "sqlite:///",
        "sqlite://:memory:",
        "postgres://u:pa55@[::1/db",
        "postgres://u:pa55#x@h/db",
    ],
)
def test_an_address_of_no_database_is_refused_without_showing_it(monkeypatch, value, recwarn):
    monkeypatch.setenv("THING", value)
    with pytest.raises(ImproperlyConfigured, match="THING must be like") as caught:
        env.database("THING", "sqlite:////x")
    assert "pa55" not in str(caught.value)
    assert not recwarn.list
