"""The demo: people, an account and one task through the real path, in an empty portal alone."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate

from tasks.commands.operations.demo import PEOPLE, demo_is_there, prepare_demo
from tasks.models import Credential, Membership, Status, Submission, Task, User, Workspace
from tests import people
from tests.commands.conftest import Worker
from tests.sandbox_fixture import SandboxDriver

pytestmark = pytest.mark.sqlite


def test_an_empty_portal_gets_people_an_account_and_a_task(portal: SandboxDriver, worker: Worker):
    password = prepare_demo()
    assert password is not None
    for address, name, role in PEOPLE:
        user = authenticate(None, username=address, password=password)
        assert isinstance(user, User) and user.name == name
        assert Membership.objects.get(user=user).role == role
    assert Workspace.objects.count() == 1
    assert Credential.objects.get().uid == portal.uid
    task = Task.objects.get()
    assert task.owner == User.objects.get(email="marketer@example.com")
    submission = worker.submit(task.submissions.get())
    assert submission.status == Status.RUNNING
    assert portal.violations() == []
    worker.finish(submission)
    assert submission.outputs.count() == 1


def test_a_second_start_changes_nothing_and_still_knows_the_password(portal: SandboxDriver):
    password = prepare_demo()
    assert prepare_demo() == password
    assert (User.objects.count(), Task.objects.count(), Credential.objects.count()) == (3, 1, 1)


def test_a_portal_with_people_is_left_alone(portal: SandboxDriver):
    people.make_stranger()
    assert prepare_demo() is None
    assert (User.objects.count(), Submission.objects.count(), Credential.objects.count()) == (1, 0, 0)


def test_without_a_sandbox_there_is_no_demo(db: None, settings):
    settings.SANDBOX_URL = ""
    assert prepare_demo() is None
    assert not User.objects.exists()


def test_where_others_can_reach_the_portal_nobody_is_made_whose_password_all_know(
    portal: SandboxDriver, settings
):
    settings.PORTAL_URL = "https://portal.example.com"
    assert prepare_demo() is None
    assert not User.objects.exists()


def test_the_passwords_are_told_no_more_once_real_money_is_at_hand(portal: SandboxDriver):
    prepare_demo()
    assert demo_is_there()
    Credential.objects.update(service="topview")
    assert not demo_is_there()
    assert prepare_demo() is None


def test_a_sandbox_that_does_not_answer_still_leaves_people_who_can_sign_in(portal: SandboxDriver, settings):
    portal.fault("http-before", value=500)
    assert prepare_demo() is not None
    assert (User.objects.count(), Task.objects.count()) == (3, 0)
