"""What stands round every page: alerts, workspaces, the demo's logins, error pages."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from cachetools import TTLCache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tasks.commands.operations.demo import DEMO_PASSWORD, PEOPLE
from tasks.models import CredentialState, Membership, OutputState, Role, Service, Status, User
from tasks.views.frame import status_cache
from tasks.views.frame.status_cache import forget
from tests.people import browser_of, make_member, make_workspace
from tests.views.rows import make_account, make_output, make_task, worker_is_alive

LIST, LOGIN = reverse("task-list"), reverse("account_login")


def show(member: Membership, url: str = LIST) -> str:
    forget(member.workspace_id)
    return browser_of(member).get(url).content.decode()


def test_a_missing_worker_is_told_to_everyone(mark: Membership, alice: Membership) -> None:
    assert "No worker is running" in show(mark)
    assert reverse("portal-status") in show(alice)
    worker_is_alive()
    assert "No worker is running" not in show(mark)
    worker_is_alive(seconds_ago=90)
    assert "No worker is running" in show(mark)


def test_a_missing_credential_is_told_with_what_each_can_do(mark: Membership, alice: Membership) -> None:
    assert "Ask an admin of this workspace to add one" in show(mark)
    assert reverse("credential-add") in show(alice)


def test_a_paused_credential_beside_a_usable_one_is_the_admins_matter(
    mark: Membership, alice: Membership
) -> None:
    make_account(mark.workspace)
    make_account(mark.workspace, name="Agency", state=CredentialState.PAUSED, state_reason="Out of credits.")
    assert "“Agency” is paused. Out of credits." in show(alice)
    assert "Agency" not in show(mark)


def test_when_no_credential_can_be_used_everyone_reads_why(mark: Membership) -> None:
    make_account(mark.workspace, name="Agency", state=CredentialState.DISABLED, state_reason="Wrong key.")
    assert "“Agency” is disabled. Wrong key." in show(mark)


REFUSED = {"state": CredentialState.DISABLED, "state_reason": "Wrong key.", "last_failure_at": timezone.now()}


def test_a_refused_key_leads_admins_to_replace_it_and_tells_others_whom_to_ask(
    mark: Membership, alice: Membership
) -> None:
    account = make_account(mark.workspace, **REFUSED)
    assert reverse("credential-key", args=[account.pk]) in show(alice)
    assert "Ask an admin of this workspace: Alice." in show(mark)
    assert reverse("credential-key", args=[account.pk]) not in show(mark)


def test_a_task_that_waits_for_a_key_says_who_can_replace_it(mark: Membership, alice: Membership) -> None:
    make_account(mark.workspace, **REFUSED)
    task = make_task(mark, status=Status.QUEUED, reason="Waiting: the credential cannot be used.")
    make_account(mark.workspace, name="Another")
    url = reverse("task-page", args=[task.pk])
    assert "Ask an admin of this workspace: Alice." in show(mark, url)
    assert f'href="{reverse("credential-key", args=[task.credential_id])}"' in show(alice, url)


def test_a_credential_that_a_person_disabled_leads_to_all_credentials(
    mark: Membership, alice: Membership
) -> None:
    account = make_account(mark.workspace, state=CredentialState.DISABLED, state_reason="Disabled by Alice.")
    assert reverse("credential-key", args=[account.pk]) not in show(alice)


def test_a_language_is_asked_for_only_where_there_is_a_choice(mark: Membership, settings: Any) -> None:
    profile = reverse("profile")
    assert 'name="language"' not in show(mark, profile)
    settings.LANGUAGES = [("en", "English"), ("de", "German")]
    assert 'name="language"' in show(mark, profile)


def test_saving_a_profile_without_the_choice_leaves_the_language(mark: Membership) -> None:
    User.objects.filter(pk=mark.user.pk).update(language="de")
    answer = browser_of(mark).post(reverse("profile"), {"name": "Mark", "time_zone": "UTC"})
    assert answer.status_code == 303
    assert User.objects.get(pk=mark.user.pk).language == "de"


def test_the_reason_is_escaped(mark: Membership) -> None:
    make_account(mark.workspace, state=CredentialState.DISABLED, state_reason="<img src=x>")
    assert "<img src=x>" not in show(mark)


def test_the_sandbox_is_named_while_nothing_costs_money(mark: Membership) -> None:
    make_account(mark.workspace)
    assert '<span class="pill tone--warn">Sandbox</span>' in show(mark)
    make_account(mark.workspace, service=Service.TOPVIEW)
    assert '<span class="pill tone--warn">Sandbox</span>' not in show(mark)


def test_a_result_that_may_be_lost_alarms_the_admins_on_every_page(
    mark: Membership, alice: Membership
) -> None:
    task = make_task(mark)
    late = timezone.now() - timedelta(days=6, hours=5)
    make_output(task, state=OutputState.WAITING, error="The disk is full.", tries=9, created_at=late)
    pages = [show(one, reverse("library")) for one in (alice, mark)]
    assert ["will soon have deleted it" in page for page in pages] == [True, False]
    assert reverse("task-page", args=[task.pk]) in pages[0]
    shown = browser_of(mark).get(reverse("task-page", args=[task.pk])).content.decode()
    assert "Not saved yet" in shown and "Time left at TopView" in shown and "Tried 9 times" in shown
    assert "Fetch again now" in shown


def test_alerts_are_read_once_for_several_pages(
    mark: Membership, django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_account(mark.workspace)
    worker_is_alive()
    # A page with no rows of its own.
    client, page = browser_of(mark), reverse("email-change")
    # On a slow machine the first page may take longer than its findings are kept.
    monkeypatch.setattr(status_cache.condition_of, "cache", TTLCache(maxsize=10, ttl=3600))
    client.get(page)
    with django_assert_max_num_queries(4):  # session, user, membership, workspaces
        client.get(page)


def test_the_workspace_switch_appears_with_the_second_workspace(mark: Membership) -> None:
    switch = reverse("workspace-switch")
    assert switch not in show(mark)
    other = make_workspace("Autumn")
    Membership.objects.create(user=mark.user, workspace=other, role=Role.REVIEWER)
    client = browser_of(mark)
    assert switch in client.get(LIST).content.decode()
    assert client.post(switch, {"workspace": str(other.pk)}).status_code == 303
    page = client.get(LIST).content.decode()
    assert "No videos yet" in page
    assert reverse("task-formats") not in page


@pytest.mark.parametrize("workspace", ["theirs", "", "nonsense", "\x00"])
def test_one_cannot_switch_to_a_workspace_one_is_not_in(
    mark: Membership, stefan: Membership, workspace: str
) -> None:
    asked = str(stefan.workspace_id) if workspace == "theirs" else workspace
    client = browser_of(mark)
    client.get(LIST)
    assert client.post(reverse("workspace-switch"), {"workspace": asked}).status_code == 404
    assert client.session["workspace"] == str(mark.workspace_id)


@pytest.mark.django_db
def test_a_person_without_a_workspace_is_told_whom_to_ask() -> None:
    client = Client()
    person = User.objects.create_user("new@example.test", "a long password")
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    answer = client.get(LIST)
    assert answer.status_code == 404
    assert "Ask an admin of your team" in answer.content.decode()
    assert client.get(reverse("profile")).status_code == 200


def test_a_wrong_address_is_explained(mark: Membership) -> None:
    answer = browser_of(mark).get("/no/such/page/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


@pytest.mark.django_db
def test_a_wrong_address_is_explained_to_anyone(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        answer = Client().get("/no/such/page/")
    assert "There is nothing here" in answer.content.decode()


def test_a_role_that_is_too_small_is_explained(rita: Membership) -> None:
    answer = browser_of(rita).get(reverse("task-formats"))
    assert answer.status_code == 403
    assert "Your role does not include this" in answer.content.decode()


def test_a_profile_is_saved(mark: Membership) -> None:
    sent = {"name": "Mark M.", "time_zone": "Europe/Berlin"}
    answer = browser_of(mark).post(reverse("profile"), sent)
    assert answer.status_code == 303
    mark.user.refresh_from_db()
    assert (mark.user.name, mark.user.time_zone) == ("Mark M.", "Europe/Berlin")


def test_a_refused_profile_keeps_what_was_typed_and_changes_nothing(mark: Membership) -> None:
    answer = browser_of(mark).post(reverse("profile"), {"name": "New name", "time_zone": "Mars/Base"})
    assert answer.status_code == 422
    assert 'value="New name"' in answer.content.decode()
    mark.user.refresh_from_db()
    assert mark.user.name == "Mark"


def test_the_chosen_zone_stands_among_those_of_its_region(mark: Membership) -> None:
    mark.user.time_zone = "America/Argentina/Buenos_Aires"
    mark.user.save()
    page = browser_of(mark).get(reverse("profile")).content.decode()
    america = page.partition('<optgroup label="America">')[2].partition("</optgroup>")[0]
    chosen = '<option value="America/Argentina/Buenos_Aires" selected>Argentina/Buenos Aires</option>'
    assert chosen in america and page.count(" selected>") == 1
    assert '<option value="UTC">UTC</option>' in page
    label = page.partition('for="id_time_zone"')
    assert label[1] and 'id="id_time_zone"' in label[2]


def test_zones_are_read_and_drawn_once_for_all_pages(mark: Membership, monkeypatch: Any) -> None:
    browser = browser_of(mark)
    browser.get(reverse("profile"))
    monkeypatch.setattr("zoneinfo.available_timezones", lambda: pytest.fail("read again"))
    drawn: list[str] = []

    def render(self: object, name: str, *rest: object) -> str:
        drawn.append(name)
        return ""

    monkeypatch.setattr("django.forms.renderers.DjangoTemplates.render", render)
    page = browser.get(reverse("profile")).content.decode()
    assert page.count("<option") > 400
    assert len(drawn) < 10


def test_nobody_makes_themselves_an_operator(mark: Membership) -> None:
    browser_of(mark).post(
        reverse("profile"), {"name": "Mark", "time_zone": "UTC", "is_staff": "on", "is_superuser": "1"}
    )
    mark.user.refresh_from_db()
    assert not mark.user.is_staff
    assert not mark.user.is_superuser


TRYING = "This portal is for trying"


@pytest.mark.parametrize("url", [LIST, LOGIN, reverse("library"), "/nowhere/"])
def test_every_page_tells_of_a_sandbox_that_others_can_reach(
    mark: Membership, settings: Any, url: str
) -> None:
    settings.SANDBOX_URL, settings.PORTAL_URL = "http://127.0.0.1:8900", "https://portal.example.test"
    browser = Client() if url == LOGIN else browser_of(mark)
    assert TRYING in browser.get(url).content.decode()
    settings.PORTAL_URL = "http://localhost:8000"
    assert TRYING not in browser.get(url).content.decode()


class TestTheDemosLogins:
    """They stand under the sign-in form of one's own machine, and nowhere else."""

    @pytest.fixture(autouse=True)
    def demo(self, db: None, settings: Any) -> None:
        settings.PORTAL_URL = "http://localhost:8000"
        workspace = make_workspace()
        for email, name, role in PEOPLE:
            user = User.objects.create_user(email, DEMO_PASSWORD, name=name)
            Membership.objects.create(user=user, workspace=workspace, role=role)
        make_account(workspace)

    def page(self, host: str = "localhost:8000") -> str:
        return Client().get(LOGIN, headers={"Host": host}).content.decode()

    def test_they_are_shown_on_loopback(self) -> None:
        assert DEMO_PASSWORD in self.page()
        assert PEOPLE[0][0] in self.page("127.0.0.1:8000")

    def test_they_are_not_shown_under_another_name(self, settings: Any) -> None:
        settings.ALLOWED_HOSTS = ["portal.example.test", "localhost"]
        assert DEMO_PASSWORD not in self.page("portal.example.test")

    def test_a_forged_host_does_not_bring_them_out_of_a_public_portal(self, settings: Any) -> None:
        settings.PORTAL_URL = "https://portal.example.test"
        assert DEMO_PASSWORD not in self.page("localhost")

    def test_they_vanish_with_the_first_real_credential(self) -> None:
        make_account(make_member(make_workspace()).workspace, service=Service.TOPVIEW)
        assert DEMO_PASSWORD not in self.page()

    def test_they_vanish_with_the_demo_people(self) -> None:
        User.objects.all().delete()
        assert DEMO_PASSWORD not in self.page()


def test_the_header_that_is_kept_shows_each_change_at_once_and_carries_the_askers_own_token(
    mark: Membership, alice: Membership
) -> None:
    def header(client: Client) -> str:
        page = client.get(LIST).content.decode()
        return page[page.index('<header class="site-header">') : page.index("</header>")]

    mine, hers = browser_of(mark), browser_of(alice)
    assert 'aria-current="page"' in header(mine)
    assert mark.user.email in header(mine) and mark.user.email not in header(hers)
    mark.user.name = "Marcus <b>"
    mark.user.save()
    assert "Marcus &lt;b&gt;" in header(mine)
    Membership.objects.filter(pk=mark.pk).update(role=Role.REVIEWER)
    assert "New video" not in header(mine)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', header(mine))
    assert token is not None
    strict = Client(enforce_csrf_checks=True)
    strict.cookies.update(mine.cookies)
    assert strict.post(reverse("account_logout"), {"csrfmiddlewaretoken": token[1]}).status_code == 302
