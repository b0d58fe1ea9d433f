"""What the first visit of the task list costs, and what a page must never hold or ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.urls import reverse
from playwright.sync_api import expect
from pytest_django import DjangoDbBlocker

from tasks.commands.operations.backup.load import pointed_at
from tasks.commands.operations.demo import DEMO_PASSWORD
from tasks.models import Status, User
from tests.browser import Watch, guarded_context
from tests.end_to_end.person import sign_in
from tests.newcomer import Portal
from tests.people import PASSWORD, make_mark, make_workspace
from tests.views.rows import make_task

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.browser

# Bytes over the wire for HTML, stylesheets and scripts; pictures apart.
MOST = 45_000
WEIGHED = {"Document", "Stylesheet", "Script"}


class Scales:
    """What the browser has received, by sort, with heads."""

    def __init__(self, page: Page) -> None:
        self.sorts: dict[str, str] = {}
        self.asked: Counter[str] = Counter()
        self.received: dict[str, int] = {}
        self.encodings: set[str] = set()
        devtools = page.context.new_cdp_session(page)
        devtools.on("Network.responseReceived", self._begin)
        devtools.on("Network.loadingFinished", self._end)
        devtools.send("Network.enable")

    def total(self) -> int:
        """Bytes of what is weighed."""
        return sum(size for key, size in self.received.items() if self.sorts.get(key) in WEIGHED)

    def _begin(self, event: dict[str, Any]) -> None:
        self.sorts[event["requestId"]] = event["type"]
        self.asked[event["type"]] += 1
        heads = {name.lower(): value for name, value in event["response"]["headers"].items()}
        if event["type"] in ("Stylesheet", "Script"):
            self.encodings.add(heads.get("content-encoding", "none"))

    def _end(self, event: dict[str, Any]) -> None:
        self.received[event["requestId"]] = int(event["encodedDataLength"])


@pytest.fixture
def busy_email(portal: Portal, django_db_blocker: DjangoDbBlocker) -> str:
    """A person of the newcomer's portal whose list is a full page."""
    with django_db_blocker.unblock(), pointed_at(portal.var / "db.sqlite3"):
        mark = make_mark(make_workspace("Busy"))
        # As the portal itself writes passwords, not in the quick way of the tests.
        User.objects.filter(pk=mark.user.pk).update(
            password=make_password(PASSWORD, hasher=PBKDF2PasswordHasher())
        )
        for number in range(55):
            make_task(mark, status=Status.FAILED, title=f"Video number {number} of the autumn campaign")
        return mark.user.email


@pytest.fixture
def fresh(
    browser: Browser, watch: Watch, portal: Portal, busy_email: str, page: Page
) -> Iterator[BrowserContext]:
    """A browser that has never been here, but is signed in."""
    sign_in(page, portal.address, busy_email, PASSWORD)
    with guarded_context(browser, watch) as fresh:
        fresh.add_cookies(page.context.cookies())  # type: ignore[arg-type]  # what one gives the other takes
        yield fresh


def test_the_first_visit_of_a_full_task_list_is_light(fresh: BrowserContext, portal: Portal) -> None:
    page = fresh.new_page()
    scales = Scales(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{portal.address}{reverse('task-list')}", wait_until="networkidle")
    expect(page.locator(".task")).to_have_count(50)
    assert scales.encodings == {"br"}
    assert 0 < scales.total() <= MOST, scales.received
    assert {urlsplit(url).netloc for url in asked} == {f"localhost:{portal.port}"}
    # The page with its styles and scripts, one drawing of all icons, and the sign of the portal.
    assert (scales.asked["Stylesheet"], scales.asked["Script"]) == (1, 1)
    assert len(asked) <= 8, asked


class Findings(HTMLParser):
    """Collects what the content policy refuses from a page as it is served."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element."""
        names = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(f"inline <{tag}>")
        self.found += [f"{tag} {name}" for name in names if name == "style" or name.startswith("on")]
        addresses = [str(names[name]) for name in ("src", "srcset", "action", "href") if names.get(name)]
        self.found += [url for url in addresses if tag != "a" and "//" in url]


def test_no_page_holds_anything_inline_or_from_elsewhere(page: Page, portal: Portal) -> None:
    sign_in(page, portal.address, "admin@example.com", DEMO_PASSWORD)
    oldest = "SELECT id FROM tasks_task ORDER BY created_at LIMIT 1"
    task_id = UUID(portal.rows(oldest)[0][0])
    names = ["task-list", "task-formats", "library", "credential-list", "credential-add", "portal-status"]
    paths = [reverse(name) for name in [*names, "profile", "account_change_password", "account_logout"]]
    paths += [reverse("task-page", args=[task_id]), *_forms(page, portal), "/nowhere/"]
    for path in paths:
        answer = page.request.get(f"{portal.address}{path}")
        findings = Findings()
        findings.feed(answer.text())
        assert findings.found == [], path
        assert "unsafe" not in answer.headers["content-security-policy"]


def _forms(page: Page, portal: Portal) -> list[str]:
    """Where each product is ordered."""
    page.goto(f"{portal.address}{reverse('task-formats')}")
    links = page.get_by_role("main").get_by_role("link")
    return [str(link.get_attribute("href")) for link in links.all()]
