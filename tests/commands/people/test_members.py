"""Operators give people their roles."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from tasks.commands.people.members import set_member
from tasks.models import AuditEvent, Mail, MailCause, Membership, Role, User, Workspace

pytestmark = pytest.mark.django_db
GOOD = "a long enough pass phrase"


def test_the_first_admin_gets_a_workspace_and_can_sign_in() -> None:
    membership = set_member(email="Ada@Example.com", workspace="Team", role=Role.ADMIN, password=GOOD)
    assert membership.may_administer
    assert membership.workspace.name == "Team"
    assert User.objects.get(email="ada@example.com").check_password(GOOD)


def test_a_second_call_changes_the_role_and_makes_nobody_new() -> None:
    set_member(email="ada@example.com", workspace="Team", role=Role.REVIEWER, password=GOOD)
    set_member(email="ADA@example.com", workspace="Team", role=Role.MARKETER)
    assert Membership.objects.get().role == Role.MARKETER
    assert User.objects.get().check_password(GOOD)
    assert Workspace.objects.count() == 1


def test_a_weak_password_changes_nothing() -> None:
    with pytest.raises(ValidationError):
        set_member(email="ada@example.com", workspace="Team", role=Role.ADMIN, password="12345")
    assert not User.objects.exists()


def test_the_act_is_written_down() -> None:
    set_member(email="ada@example.com", workspace="Team", role=Role.ADMIN, password=GOOD)
    event = AuditEvent.objects.get()
    assert (event.verb, event.facts) == ("member-set", {"role": "admin"})


def test_the_command_reads_the_password_from_its_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(GOOD + "\n"))
    said = io.StringIO()
    call_command("member", "ada@example.com", "--role", "admin", stdout=said)
    assert said.getvalue() == "ada@example.com is admin in Default.\n"
    assert User.objects.get().check_password(GOOD)


def test_the_command_refuses_what_is_no_mail_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(GOOD + "\n"))
    with pytest.raises(CommandError, match="valid email"):
        call_command("member", "ada", "--role", "admin")


def test_a_person_without_a_new_password_keeps_the_old_one() -> None:
    set_member(email="ada@example.com", workspace="Team", role=Role.ADMIN, password=GOOD)
    call_command("member", "ada@example.com", "--keep-password", stdout=io.StringIO())
    assert User.objects.get().check_password(GOOD)
    assert set(Membership.objects.values_list("workspace__name", "role")) == {
        ("Team", "admin"),
        ("Default", "marketer"),
    }


def test_a_new_password_for_somebody_who_had_one_is_told_by_mail() -> None:
    set_member(email="ada@example.com", workspace="Team", role=Role.ADMIN, password=GOOD)
    assert not Mail.objects.exists()
    set_member(email="ada@example.com", workspace="Team", role=Role.ADMIN, password=f"{GOOD} more")
    assert Mail.objects.get().cause == MailCause.PASSWORD_CHANGED


def test_an_owner_is_made_by_the_command_and_stays_one() -> None:
    call_command("member", "ada@example.com", "--owner", "--keep-password", stdout=io.StringIO())
    call_command("member", "ada@example.com", "--keep-password", stdout=io.StringIO())
    assert User.objects.get().is_owner
    assert AuditEvent.objects.filter(verb="user-set").count() == 1
