"""Every address, every role, both ways of asking. A new address without a row fails.

The rows of the studio exist; the stranger is an admin of another workspace. Every POST is sent without
data: 303 means done, 422 means allowed but incomplete.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse
from django.utils import timezone

from tasks.models import Candidate, Charge, EvidenceKind, Membership, Preview, Product, Status
from tasks.urls import urlpatterns
from tests import people
from tests.delivering import package_of
from tests.reviewing import say, send
from tests.sharing import share
from tests.views.rows import (
    COUNTING,
    fill_catalog,
    make_account,
    make_file,
    make_output,
    make_strip,
    make_submission,
    make_task,
    worker_is_alive,
)

pytestmark = pytest.mark.postgres

ROLES = ("admin", "marketer", "reviewer", "stranger", "anonymous")


class Row(NamedTuple):
    """What each role is answered: GET first, then POST. 302 is the way to sign in."""

    get: str
    post: str


# The order of the numbers is that of ROLES.
PAGE = "200 200 200 404 302"  # of one row
LISTING = "200 200 200 200 302"  # of one's own workspace
SPENDER = "200 200 403 200 302"
ADMIN = "200 403 403 200 302"
PAGE_OF_ADMIN = "200 403 403 404 302"
NO = "405 405 405 405 405"
GUESTS_PAGE = "404 404 404 404 404"
MATRIX: dict[str, Row] = {
    "home": Row("302 302 302 302 302", "302 302 302 302 302"),
    "task-list": Row(LISTING, NO),
    "task-rows": Row(LISTING, NO),
    "task-formats": Row(SPENDER, NO),
    "task-new": Row(SPENDER, "422 422 403 422 302"),  # the stranger has no credential and is told so
    "task-price": Row(NO, "200 200 403 200 302"),
    "task-page": Row(PAGE, NO),
    "task-live": Row(PAGE, NO),
    "task-api-log": Row(PAGE_OF_ADMIN, NO),
    "task-next": Row("404 404 403 404 302", "404 404 403 404 302"),  # a kind of one step has no further one
    "task-next-price": Row(NO, "404 404 403 404 302"),
    "task-done": Row(NO, "303 303 403 404 302"),
    "submission-cancel": Row(NO, "303 303 403 404 302"),
    "submission-stop": Row(NO, "303 303 403 404 302"),
    "submission-save-outputs": Row(NO, "303 303 403 404 302"),
    "submission-discard-outputs": Row(NO, "303 303 403 404 302"),
    "submission-retry": Row(NO, "303 303 403 404 302"),
    "submission-adopt": Row(NO, "422 422 403 404 302"),
    "submission-choose": Row(NO, "303 303 403 404 302"),
    "submission-none": Row(NO, "303 303 403 404 302"),
    "submission-abandon": Row(NO, "422 422 403 404 302"),
    "review-inbox": Row(LISTING, NO),
    "review-page": Row(PAGE, NO),
    "review-decide": Row(NO, "422 422 422 404 302"),
    "review-recall": Row(NO, "303 303 403 404 302"),
    "review-rule": Row(ADMIN, "422 403 403 422 302"),
    "piece-proof": Row(PAGE, NO),
    "piece-compare": Row(PAGE, NO),
    "task-review": Row("200 200 403 404 302", "422 422 403 404 302"),
    "review-thread": Row(PAGE, NO),
    "comment-add": Row(NO, "422 422 422 404 302"),
    "comment-reply": Row(NO, "422 422 422 404 302"),
    "comment-edit": Row(NO, "403 422 403 404 302"),
    "comment-delete": Row(NO, "403 303 404 404 302"),  # the marketer's own, and gone after that
    "comment-resolve": Row(NO, "303 303 303 404 302"),
    "package-list": Row(LISTING, NO),
    "package-new": Row(LISTING, "422 422 422 422 302"),
    "package-page": Row(PAGE, NO),
    "package-file": Row(PAGE, "405 405 405 405 405"),
    "package-revoke": Row(NO, "303 303 303 404 302"),
    "verify": Row(LISTING, NO),
    "file-names": Row(ADMIN, "422 403 403 422 302"),
    "version-strip": Row(PAGE, "405 405 405 405 302"),
    "version-captions": Row(PAGE, "405 405 405 405 302"),
    "output-strip": Row(PAGE, "405 405 405 405 302"),
    "output-captions": Row(PAGE, "405 405 405 405 302"),
    "version-file": Row(PAGE, "405 405 405 405 302"),
    # Without the cookie of a link nobody is a guest, whoever they are; views/guests/test_door.py has more.
    "share-open": Row("200 200 200 200 200", "404 404 404 404 404"),
    "guest-list": Row(GUESTS_PAGE, NO),
    "guest-enter": Row(GUESTS_PAGE, GUESTS_PAGE),
    "guest-leave": Row(NO, GUESTS_PAGE),
    "guest-version": Row(GUESTS_PAGE, NO),
    "guest-file": Row(GUESTS_PAGE, NO),
    "guest-poster": Row(GUESTS_PAGE, NO),
    "guest-download": Row(GUESTS_PAGE, NO),
    "guest-preview": Row(GUESTS_PAGE, NO),
    "guest-thread": Row(GUESTS_PAGE, NO),
    "guest-strip": Row(GUESTS_PAGE, NO),
    "guest-captions": Row(GUESTS_PAGE, NO),
    "guest-decide": Row(NO, GUESTS_PAGE),
    "guest-comment": Row(NO, GUESTS_PAGE),
    "share-new": Row("200 200 403 404 302", "422 422 403 404 302"),
    "link-list": Row(SPENDER, NO),
    "link-revoke": Row(NO, "303 303 403 303 302"),
    "link-reopen": Row(NO, "303 303 403 404 302"),
    "link-page": Row("200 200 403 404 302", "422 422 403 404 302"),
    "output-retry-save": Row(NO, "303 303 403 404 302"),
    "output-use": Row(NO, "303 303 403 404 302"),
    "upload-picker": Row(SPENDER, NO),
    "catalog-picker": Row(SPENDER, NO),
    "catalog-list": Row(LISTING, NO),
    "catalog-page": Row(LISTING, NO),
    "catalog-refresh": Row(NO, "303 303 403 404 302"),
    "entry": Row(PAGE, NO),
    "entry-favourite": Row(NO, "303 303 303 404 302"),
    "entry-remove": Row("200 200 403 404 302", "303 303 403 404 302"),
    "photo-avatar-new": Row(SPENDER, "422 422 403 422 302"),
    "photo-avatar-dismiss": Row(NO, "303 303 403 404 302"),
    "library": Row(LISTING, NO),
    "library-item": Row(PAGE, NO),
    "library-results": Row(LISTING, NO),
    "library-remove": Row(NO, "303 303 403 404 302"),
    "upload-new": Row(NO, "303 303 403 303 302"),
    "upload-state": Row("200 200 403 404 302", NO),
    "product-list": Row(LISTING, NO),
    "product-new": Row(SPENDER, "422 422 403 422 302"),
    "product-item": Row(PAGE, NO),
    "product-edit": Row("200 200 403 404 302", "422 422 403 404 302"),
    "product-hide": Row(NO, "303 303 403 404 302"),
    "product-show": Row(NO, "303 303 403 404 302"),
    "product-read": Row(NO, "303 303 403 303 302"),
    "product-reading": Row("200 200 403 404 302", NO),
    "output-file": Row(PAGE, "405 405 405 405 302"),
    "output-poster": Row(PAGE, "405 405 405 405 302"),
    "preview-file": Row(PAGE, "405 405 405 405 302"),
    "upload-file": Row(PAGE, "405 405 405 405 302"),
    "upload-poster": Row(PAGE, "405 405 405 405 302"),
    "catalog-picture": Row(PAGE, "405 405 405 405 302"),
    "catalog-sample": Row(PAGE, "405 405 405 405 302"),
    "catalog-clip": Row(PAGE, "405 405 405 405 302"),
    "profile": Row(LISTING, "422 422 422 422 302"),
    "email-change": Row(LISTING, "422 422 422 422 302"),
    "email-keep": Row(NO, "303 303 303 303 302"),
    "email-confirm": Row("410 410 410 410 302", "410 410 410 410 302"),
    "workspace-switch": Row(NO, "404 404 404 404 302"),
    "credential-list": Row(ADMIN, NO),
    "credential-rows": Row(ADMIN, NO),
    "credential-add": Row(ADMIN, "422 403 403 422 302"),
    "credential-key": Row(PAGE_OF_ADMIN, "422 403 403 404 302"),
    "credential-edit": Row(PAGE_OF_ADMIN, "422 403 403 404 302"),
    "credential-check": Row(NO, "303 403 403 404 302"),
    "credential-disable": Row(NO, "303 403 403 404 302"),
    "credential-enable": Row(NO, "303 403 403 404 302"),
    "spending": Row(ADMIN, "422 403 403 422 302"),
    "account": Row(SPENDER, NO),
    "account-log": Row(PAGE_OF_ADMIN, NO),
    "account-log-rows": Row(PAGE_OF_ADMIN, NO),
    "account-refresh": Row(NO, "303 403 403 404 302"),
    "account-csv": Row(PAGE_OF_ADMIN, NO),
    "reconciliation": Row(ADMIN, NO),
    "reconciliation-csv": Row(ADMIN, NO),
    "charge-adopt": Row(PAGE_OF_ADMIN, "422 403 403 404 302"),
    "charge-set-aside": Row(NO, "422 403 403 404 302"),
    "charge-restore": Row(NO, "303 403 403 404 302"),
    "callbacks": Row(ADMIN, NO),
    "callback-rows": Row(ADMIN, NO),
    "callback-check": Row(NO, "303 403 403 404 302"),
    "quarantine": Row(ADMIN, NO),
    "quarantine-release-all": Row(NO, "303 403 403 303 302"),
    "quarantine-release": Row(NO, "303 403 403 404 302"),
    "quarantine-cancel": Row(NO, "303 403 403 404 302"),
    "quarantine-sent": Row(NO, "303 403 403 404 302"),
    "portal-status": Row(ADMIN, NO),
    "node-forget": Row(NO, "403 403 403 403 302"),  # machines are the owners' matter
    "mail-test": Row(NO, "303 403 403 303 302"),
    "health": Row("503 503 503 503 503", NO),  # no worker runs here
    "health-live": Row("200 200 200 200 200", NO),
    "health-ready": Row("200 200 200 200 200", NO),
    "callback": Row(NO, "415 415 415 415 415"),
}


def names(patterns: Iterable[object] = urlpatterns) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns)
        else:
            assert isinstance(pattern, URLPattern)
            assert pattern.name, f"{pattern.pattern} has no name"
            yield pattern.name


def test_every_address_stands_in_the_matrix() -> None:
    assert set(names()) == set(MATRIX)


def test_no_name_is_given_twice() -> None:
    found = list(names())
    assert len(found) == len(set(found))


class Filled(NamedTuple):
    """People by their role with a session of each, and the parts of every address."""

    people: dict[str, Membership]
    sessions: dict[str, str]
    addresses: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def filled(django_db_setup: None, django_db_blocker: Any) -> Iterator[Filled]:
    """The rows of a whole module; what a test changes of them, it changes for itself."""
    with django_db_blocker.unblock(), transaction.atomic():
        people_by_role = make_people()
        sessions = {
            role: people.browser_of(one).cookies[settings.SESSION_COOKIE_NAME].value
            for role, one in people_by_role.items()
        }
        filled = Filled(people_by_role, sessions, make_addresses(people_by_role))
        with django_db_blocker.block():
            yield filled
        transaction.set_rollback(True)


@pytest.fixture
def studio(filled: Filled, db: None) -> dict[str, Membership]:
    """One person a role."""
    return {
        role: Membership.objects.select_related("user").get(pk=one.pk) for role, one in filled.people.items()
    }


@pytest.fixture
def addresses(filled: Filled) -> dict[str, dict[str, Any]]:
    """The parts of every address, of rows that exist in the studio."""
    return filled.addresses


def browser_for(filled: Filled, role: str, **options: Any) -> Client:
    """A browser of its own for that person, signed in; strangers to the portal have no session."""
    client = Client(**options)
    if role in filled.sessions:
        client.cookies[settings.SESSION_COOKIE_NAME] = filled.sessions[role]
    return client


def make_people() -> dict[str, Membership]:
    workspace = people.make_workspace()
    return {
        "admin": people.make_alice(workspace),
        "marketer": people.make_mark(workspace),
        "reviewer": people.make_rita(workspace),
        "stranger": people.make_stranger(),
    }


def make_addresses(studio: dict[str, Membership]) -> dict[str, dict[str, Any]]:
    owner = studio["marketer"]
    account = make_account(owner.workspace)
    task = make_task(owner, status=Status.FAILED)
    output = make_output(task)
    version = send(make_output(make_task(owner)), owner)
    for film in (output, version.output):
        assert film.blob is not None
        make_strip(film.blob)
    package = package_of(owner, version, only_approved=False)
    link = share(owner, version)
    submission = make_submission(make_task(owner, status=Status.FAILED), Status.UNKNOWN)
    candidate = Candidate.objects.create(
        workspace=owner.workspace, submission=submission, evidence=EvidenceKind.CHARGE, remote_id="t1"
    )
    charge = Charge.objects.create(
        workspace=owner.workspace, credential=account, cost=5, charged_at=timezone.now(), remote_id="t2"
    )
    upload = make_file(owner)
    entry = fill_catalog(account, "avatars", [("Nadia", {})])[0]
    product = Product.objects.create(workspace=owner.workspace, owner=owner.user, name="Blue cup")
    blob = upload.poster
    assert blob is not None
    assert output.poster is not None
    entry.picture = entry.sample = entry.clip = blob
    entry.save()
    preview = Preview.objects.create(workspace=owner.workspace, source=blob, blob=blob, state="ready")
    own = fill_catalog(account, "voices", [("My voice", {"own": True})])[0]
    by_prefix: dict[str, dict[str, Any]] = {
        "catalog-list": {},
        "catalog-page": {"catalog": "avatars"},
        "catalog-refresh": {"catalog": "avatars"},
        "entry": {"entry_id": own.pk},
        "photo-avatar-new": {},
        "photo-avatar-dismiss": {"entry_id": own.pk},
        "task-page": {"task_id": task.pk},
        "task-live": {"task_id": task.pk},
        "task-api-log": {"task_id": task.pk},
        "task-next": {"task_id": task.pk, "step": "more"},
        "task-next-price": {"task_id": task.pk, "step": "more"},
        "task-review": {"task_id": task.pk},
        "task-done": {"task_id": task.pk},
        "task-new": {"slug": COUNTING.slug},
        "task-price": {"slug": COUNTING.slug},
        "submission-choose": {"submission_id": submission.pk, "candidate_id": candidate.pk},
        "submission": {"submission_id": submission.pk},
        "output-poster": {"output_id": output.pk, "digest": output.poster.sha256[:12]},
        "output": {"output_id": output.pk},
        "review-inbox": {},
        "piece-compare": {"piece_id": version.piece_id},
        "piece-proof": {"piece_id": version.piece_id},
        "review-rule": {},
        "review-": {"version_id": version.pk},
        "comment-add": {"version_id": version.pk},
        "comment-": {"comment_id": say(version, owner).pk},
        "version-": {"version_id": version.pk},
        "package-list": {},
        "package-new": {},
        "package-file": {"package_id": package.pk, "name": package.name},
        "package-": {"package_id": package.pk},
        "share-open": {"token": "nobodys"},
        "share-new": {"version_id": version.pk},
        "guest-list": {"link_id": link.pk},
        "guest-enter": {"link_id": link.pk},
        "guest-leave": {"link_id": link.pk},
        "guest-": {"link_id": link.pk, "version_id": version.pk},
        "link-list": {},
        "link-revoke": {},
        "link-reopen": {"link_id": link.pk},
        "link-page": {"link_id": link.pk},
        "preview-file": {"preview_id": preview.pk},
        "upload-picker": {"role": "image"},
        "upload-new": {},
        "upload-poster": {"upload_id": upload.pk, "digest": blob.sha256[:12]},
        "upload": {"upload_id": upload.pk},
        "catalog-picker": {"catalog": "avatars"},
        "catalog": {"entry_id": entry.pk, "digest": blob.sha256[:12]},
        "library-results": {},
        "library-": {"upload_id": upload.pk},
        "product-list": {},
        "product-new": {},
        "product-reading": {"task_id": task.pk},
        "product-read": {},
        "product-": {"product_id": product.pk},
        "credential-list": {},
        "credential-rows": {},
        "credential-add": {},
        "credential": {"credential_id": account.pk},
        "account-": {"credential_id": account.pk},
        "charge-": {"charge_id": charge.pk},
        "callback-rows": {},
        "callback-check": {"credential_id": account.pk},
        "quarantine-release-all": {},
        "quarantine-": {"submission_id": submission.pk},
        "node-forget": {"name": "worker:gone:1"},
        "email-confirm": {"token": "nobodys"},
        "callbacks": {},
        "callback": {"token": "nobodys"},
    }
    return {
        name: next((parts for prefix, parts in by_prefix.items() if name.startswith(prefix)), {})
        for name in MATRIX
    }


@pytest.mark.parametrize("name", MATRIX)
def test_each_role_is_answered_as_the_matrix_says(name: str, filled: Filled, db: None) -> None:
    url = reverse(name, kwargs=filled.addresses[name])
    found: dict[str, list[int]] = {"get": [], "post": []}
    for role in ROLES:
        client = browser_for(filled, role)
        found["get"].append(client.get(url).status_code)
        found["post"].append(client.post(url).status_code)
    row = MATRIX[name]
    assert " ".join(map(str, found["get"])) == row.get
    assert " ".join(map(str, found["post"])) == row.post


# What belongs to the installation: an owner's answers to GET and POST, whatever their role in the workspace.
OF_OWNERS = {"portal-status": (200, 405), "node-forget": (405, 303), "mail-test": (405, 303)}


@pytest.mark.parametrize("role", ["admin", "marketer", "reviewer", "stranger"])
@pytest.mark.parametrize("name", OF_OWNERS)
def test_owners_look_after_the_installation_whatever_their_role(
    name: str, role: str, studio: dict[str, Membership], addresses: dict[str, dict[str, Any]]
) -> None:
    person = studio[role].user
    person.is_staff = True
    person.save()
    client, url = people.browser_of(studio[role]), reverse(name, kwargs=addresses[name])
    assert (client.get(url).status_code, client.post(url).status_code) == OF_OWNERS[name]


def test_an_owner_reaches_nothing_of_a_workspace_that_way(
    studio: dict[str, Membership], addresses: dict[str, dict[str, Any]]
) -> None:
    person = studio["reviewer"].user
    person.is_staff = True
    person.save()
    client = people.browser_of(studio["reviewer"])
    for name in ("credential-list", "account-log", "reconciliation", "quarantine", "task-api-log"):
        assert client.get(reverse(name, kwargs=addresses[name])).status_code == 403


def test_machines_are_shown_to_owners_and_not_to_admins_of_a_workspace(studio: dict[str, Membership]) -> None:
    worker_is_alive(machine="north-worker")
    admin = studio["admin"]
    assert "north-worker" not in people.browser_of(admin).get(reverse("portal-status")).content.decode()
    admin.user.is_staff = True
    admin.user.save()
    page = people.browser_of(admin).get(reverse("portal-status")).content.decode()
    assert "north-worker" in page and 'id="disks"' in page
