"""Every page in every state it has: no finding of axe, on a desktop and a phone, light and dark.

The states are rows; that the parts really lead to them is tried in `test_states`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from tasks.commands.notifications.email_links import token_of
from tasks.models import (
    AddressChange,
    Charge,
    Circuit,
    Credential,
    Heartbeat,
    Lateness,
    Mail,
    MailCause,
    MailState,
    MailTrouble,
    OutputState,
    SignInAttempt,
    Status,
    Task,
    User,
)
from tests.browser import Watch
from tests.end_to_end.looks import assert_well_made
from tests.end_to_end.person import field, open_picker
from tests.end_to_end.stage import Stage, Team
from tests.people import make_credential
from tests.views.rows import (
    COUNTING,
    PICKING,
    fill_catalog,
    make_account,
    make_file,
    make_output,
    make_task,
    worker_is_alive,
)

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser

# What the worker writes for people to read, in a length that happens.
REASON = "TopView took the task and then said: the picture shows no face. Choose a picture with one face."
TITLE = "Good morning, team: three things that are new in the autumn collection"


@pytest.fixture
def team(stage: Stage) -> Team:
    """A team with a credential, and a worker that seems to be alive."""
    worker_is_alive()
    team = stage.make_team()
    make_credential(team.workspace, balance="982.50")
    return team


@pytest.fixture
def open_as(stage: Stage, context: BrowserContext, page: Page) -> Callable[..., Page]:
    """Open a path as a member."""

    def open_as(member: Any, path: str) -> Page:
        stage.sign_in(context, member)
        page.goto(f"{stage.web_url}{path}")
        return page

    return open_as


def task_address(task: Task) -> str:
    """Where a task's page is."""
    return reverse("task-page", args=[task.pk])


def form_address(kind: Any = PICKING) -> str:
    """Where a kind is ordered."""
    return reverse("task-new", args=[kind.slug])


def test_signing_in_and_being_refused(stage: Stage, page: Page) -> None:
    page.goto(stage.web_url)
    assert_well_made(page, "sign in")
    page.get_by_label("Email").fill("nobody@example.test")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert_well_made(page, "sign in, refused")
    page.goto(f"{stage.web_url}{reverse('account_reset_password')}")
    assert_well_made(page, "forgotten password")


def test_a_list_without_tasks(team: Team, open_as: Callable[..., Page]) -> None:
    assert_well_made(open_as(team.mark, reverse("task-list")), "empty list, marketer")
    assert_well_made(open_as(team.mark, reverse("task-list") + "?status=failed"), "nothing fits")
    assert_well_made(open_as(team.rita, reverse("task-list")), "empty list, reviewer")


def test_a_list_with_a_task_in_every_state(team: Team, open_as: Callable[..., Page]) -> None:
    for status in Status:
        task = make_task(team.mark, status=status, title=TITLE, reason=REASON)
        if status == Status.SUCCEEDED:
            make_output(task)
    assert_well_made(open_as(team.mark, reverse("task-list")), "busy list")


@pytest.mark.parametrize("status", list(Status))
def test_a_task_in_every_state(team: Team, open_as: Callable[..., Page], status: Status) -> None:
    reason = REASON if status in (Status.FAILED, Status.REFUSED, Status.UNKNOWN, Status.ABANDONED) else ""
    task = make_task(team.mark, status=status, title=TITLE, reason=reason)
    if status == Status.SUCCEEDED:
        make_output(task)
    assert_well_made(open_as(team.mark, task_address(task)), status)


def test_a_task_that_partly_failed_and_lost_a_file(team: Team, open_as: Callable[..., Page]) -> None:
    task = make_task(team.mark, title=TITLE, failed_parts=1, expected_outputs=4, reason=REASON)
    states = (OutputState.SAVED, OutputState.SAVED, OutputState.SAVING, OutputState.LOST)
    for position, state in enumerate(states):
        error = "The link had died before the file was fetched." if state == OutputState.LOST else ""
        make_output(task, position=position, state=state, error=error)
    assert_well_made(open_as(team.mark, task_address(task)), "partly failed")
    assert_well_made(open_as(team.rita, task_address(task)), "partly failed, reviewer")


def test_a_question_before_an_act_that_cannot_be_undone(team: Team, open_as: Callable[..., Page]) -> None:
    page = open_as(team.mark, task_address(make_task(team.mark, status=Status.RUNNING)))
    page.get_by_role("button", name="Stop watching").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert_well_made(page, "question")


def test_choosing_and_filling_in(team: Team, open_as: Callable[..., Page]) -> None:
    assert_well_made(open_as(team.mark, reverse("task-formats")), "choose")
    for kind in (PICKING, COUNTING):
        page = open_as(team.mark, form_address(kind))
        assert_well_made(page, f"{kind.slug}, empty")
        page.get_by_role("button", name="Create video").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert_well_made(page, f"{kind.slug}, refused")


def test_the_pickers(team: Team, open_as: Callable[..., Page]) -> None:
    account = team.workspace.credentials.get()
    looks = {"gender": "female", "ethnicities": ["Latin"], "default_voice": ""}
    fill_catalog(account, "avatars", [(f"Avatar {number} at the window", looks) for number in range(30)])
    fill_catalog(account, "voices", [("Harbor", {"language": "English", "gender": "female"})])
    make_file(team.mark)
    page = open_as(team.mark, form_address())
    for label in ("Avatar", "Voice"):
        open_picker(page, label)
        assert_well_made(page, f"picker: {label}")
        page.keyboard.press("Escape")
    page.get_by_role("radio", name="My photo").check()
    field(page, "Photo").get_by_role("button", name="From the library").click()
    expect(page.get_by_role("dialog", name="Photo").locator("[data-pick]")).to_be_visible()
    assert_well_made(page, "picker: library")


def test_a_form_that_nobody_can_pay_for(stage: Stage, open_as: Callable[..., Page]) -> None:
    worker_is_alive()
    poor = stage.make_team()
    assert_well_made(open_as(poor.mark, form_address()), "no credential, marketer")
    assert_well_made(open_as(poor.alice, form_address()), "no credential, admin")


def test_the_library(team: Team, open_as: Callable[..., Page]) -> None:
    assert_well_made(open_as(team.mark, reverse("library")), "empty library")
    uploads = [make_file(team.mark, name=f"a picture with a long name number {one}.png") for one in range(7)]
    assert_well_made(open_as(team.mark, reverse("library")), "full library")
    assert_well_made(open_as(team.rita, reverse("library")), "full library, reviewer")
    assert_well_made(open_as(team.mark, reverse("library-item", args=[uploads[0].pk])), "a file")


def test_what_takes_too_long(team: Team, open_as: Callable[..., Page]) -> None:
    at = timezone.now() - timedelta(hours=2)
    facts: dict[str, Any] = {"accepted_at": at, "slow_at": at + timedelta(minutes=9), "polls": 77}
    for lateness in (Lateness.SLOW, Lateness.OVERDUE):
        task = make_task(
            team.mark, status=Status.RUNNING, created_at=at, lateness=lateness, remote_id="7f3c9a0", **facts
        )
        assert_well_made(open_as(team.mark, task_address(task)), f"a task that is {lateness}")
    make_task(
        team.mark, status=Status.QUEUED, created_at=at, lateness=Lateness.SLOW, reason="Waiting for its turn."
    )
    page = open_as(team.mark, f"{reverse('task-list')}?status=attention")
    assert_well_made(page, "what needs attention")


def test_a_portal_of_which_much_is_out(stage: Stage, open_as: Callable[..., Page]) -> None:
    alice = stage.make_team().alice
    User.objects.filter(pk=alice.user.pk).update(is_staff=True)
    long_ago = (timezone.now() - timedelta(days=2)).isoformat()
    cluster = {"name": "portal", "is_running": True, "workers": 2, "busy": 1}
    disk = {"folder": "media", "free": 10**8, "total": 10**11}
    for machine, seconds in (("north-worker-1", 400), ("south-worker-2", 0)):
        facts = {"machine": machine, "pid": 1, "since": long_ago, "clusters": [cluster], "disks": [disk]}
        name, moment = f"{Heartbeat.NODE}{machine}:1", timezone.now() - timedelta(seconds=seconds)
        Heartbeat.objects.create(name=name, at=moment, facts=facts)
    Circuit.objects.create(host="api.example.test", open_until=timezone.now() + timedelta(hours=1))
    try:
        assert_well_made(open_as(alice, reverse("portal-status")), "the status of a portal in trouble")
    finally:
        Heartbeat.objects.nodes().filter(name__contains="-worker-").delete()
        Circuit.objects.all().delete()


def test_the_calls_on_hold(stage: Stage, team: Team, open_as: Callable[..., Page]) -> None:
    for title in (TITLE, "A turning cup"):
        call = make_task(
            team.mark, status=Status.QUEUED, title=title, quarantined_at=timezone.now()
        ).submissions.get()
    Credential.objects.filter(workspace=team.workspace).update(read_whole_at=timezone.now())
    facts = {"workspace": team.workspace, "credential": call.task.credential, "charged_at": timezone.now()}
    kind = COUNTING.step(call.step).pricing.credit_log_type or ""
    Charge.objects.create(cost=4, remote_id="7f3c9a0d52e14b6f", task_type=kind, **facts)
    page = open_as(team.alice, reverse("quarantine"))
    assert_well_made(page, "calls on hold")
    page.get_by_label("Task id at TopView").first.fill("two words")
    page.get_by_role("button", name="It was sent").first.click()
    expect(page.get_by_text("A task id has only letters").first).to_be_visible()
    assert_well_made(page, "calls on hold, an id refused")
    assert_well_made(open_as(team.mark, task_address(call.task)), "a task on hold")
    assert_well_made(open_as(stage.make_team().alice, reverse("quarantine")), "nothing on hold")


def test_the_credentials(stage: Stage, team: Team, open_as: Callable[..., Page]) -> None:
    paused = "TopView says that the account has no credits left. Buy some, then check it."
    make_account(team.workspace, name="Spring campaign", state="paused", state_reason=paused)
    wrong = "TopView does not accept this key. Enter it again."
    make_account(team.workspace, name="Old account", state="disabled", state_reason=wrong)
    assert_well_made(open_as(team.alice, reverse("credential-list")), "credentials")
    page = open_as(team.alice, reverse("credential-add"))
    assert_well_made(page, "a new credential")
    for label in ("Name", "Account id", "Key"):
        page.get_by_label(label, exact=True).fill("two words, ü")
    page.get_by_role("button", name="Add and check").click()
    expect(page.get_by_text("Copy it again").first).to_be_visible()
    assert_well_made(page, "a new credential, refused")
    assert_well_made(open_as(stage.make_team().alice, reverse("credential-list")), "no credential")


def test_the_other_settings(team: Team, open_as: Callable[..., Page], watch: Watch) -> None:
    watch.allowed += ["status of 410"]
    assert_well_made(open_as(team.alice, reverse("portal-status")), "status, before any catalog")
    fill_catalog(team.workspace.credentials.get(), "voices", [("Harbor", {"language": "English"})])
    Mail.objects.create(
        user=team.mark.user,
        workspace=team.workspace,
        cause=MailCause.LOSS,
        state=MailState.GIVEN_UP,
        error=MailTrouble.RECIPIENT,
        ended_at=timezone.now(),
    )
    assert_well_made(open_as(team.alice, reverse("portal-status")), "status")
    for succeeded in (True, False):
        SignInAttempt.objects.create(
            user=team.mark.user, network="203.0.113.0/24", browser="Firefox", succeeded=succeeded
        )
    assert_well_made(open_as(team.mark, reverse("profile")), "profile")
    page = open_as(team.mark, reverse("email-change"))
    page.get_by_label("New mail address").fill(team.mark.user.email)
    page.get_by_label("Your password").fill("a wrong one")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("You sign in with this address already.").first).to_be_visible()
    assert_well_made(page, "another address, refused")
    change = AddressChange.objects.create(user=team.mark.user, address="new@example.test")
    link = reverse("email-confirm", args=[token_of(change)])
    assert_well_made(open_as(team.mark, link), "another address, to confirm")
    assert_well_made(open_as(team.alice, link), "another address, a dead link")
    assert_well_made(open_as(team.mark, reverse("profile")), "profile, another address waits")
    assert_well_made(open_as(team.mark, reverse("account_change_password")), "password")
    page = open_as(team.mark, reverse("account_logout"))
    assert_well_made(page, "sign out")
    page.goto(page.url.replace(reverse("account_logout"), reverse("task-list")))
    page.locator(".menu summary").click()
    assert_well_made(page, "own menu")


def test_no_colour_slides_for_people_who_want_less_motion(team: Team, open_as: Callable[..., Page]) -> None:
    page = open_as(team.alice, reverse("portal-status"))
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    slides = """() => new Promise((done) => {
      let count = 0;
      document.addEventListener("transitionrun", () => count++);
      const root = document.documentElement;
      root.dataset.theme = "dark";
      requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(() => done(count))));
    })"""
    assert page.evaluate(slides) == 0


def test_what_is_not_there_and_what_is_not_allowed(
    team: Team, open_as: Callable[..., Page], watch: Watch
) -> None:
    watch.allowed += ["status of 404", "status of 403"]
    assert_well_made(open_as(team.rita, reverse("task-formats")), "not allowed")
    assert_well_made(open_as(team.mark, "/nowhere/"), "not there")
