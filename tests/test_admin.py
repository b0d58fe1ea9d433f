"""The operators' site: looks at everything, shows no secret, and lets nobody write a status."""

import html

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tasks.causes import Cause, Code
from tasks.models import (
    AuditEvent,
    Credential,
    Membership,
    OutputState,
    Status,
    Submission,
    Transition,
    User,
)
from tests.people import browser_of, make_alice, make_credential, make_workspace
from tests.views.rows import make_output, make_task

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(
        User.objects.create_superuser("operator@example.test", "a long password"),
        "django.contrib.auth.backends.ModelBackend",
    )
    return client


def test_signing_in_happens_on_the_portals_own_page():
    answer = Client().get("/operator/login/", follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("account_login"))


def test_an_admin_of_a_workspace_is_no_operator():
    answer = browser_of(make_alice(make_workspace())).get("/operator/")
    assert answer.status_code in (302, 403)


def test_every_list_opens(operator: Client):
    for model in admin.site._registry:
        page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert operator.get(page).status_code == 200, page


def test_a_key_is_not_on_its_page(operator: Client):
    credential = make_credential(make_workspace(), key="sk-never-shown-anywhere-1234")
    page = operator.get(reverse("admin:tasks_credential_change", args=[credential.pk]))
    assert page.status_code == 200
    assert b"never-shown" not in page.content
    assert bytes(Credential.objects.get().encrypted_key)[:20] not in page.content


def test_why_a_row_is_as_it_is_stands_on_its_page_in_words(operator: Client):
    alice = make_alice(make_workspace())
    cause = Cause.of(Code.GENERATION_FAILED, said="No face.")
    task = make_task(alice, status=Status.FAILED, reason=cause, attention=cause)
    call = task.submissions.get()
    make_output(task, state=OutputState.WAITING, error=cause)
    Credential.objects.update(state_reason=cause)
    Transition.objects.create(workspace=alice.workspace, submission=call, to_status="failed", reason=cause)
    for row in (call, call.outputs.get(), call.transitions.last(), Credential.objects.get()):
        assert row is not None
        page = reverse(f"admin:tasks_{row._meta.model_name}_change", args=[row.pk])
        words = html.unescape(operator.get(page).content.decode())
        assert "TopView says: “No face.”" in words, page
        assert cause.code not in words, page


def test_no_table_of_a_library_can_be_written(operator: Client):
    labels = {model._meta.app_label for model in admin.site._registry}
    assert labels == {"auth", "tasks"}
    for name in ("schedule", "ormq", "success", "failure"):
        assert operator.get(f"/operator/django_q/{name}/").status_code == 404
    assert operator.get("/operator/account/emailaddress/").status_code == 404


PERSON = {"email": "New.Person@Example.Test", "name": "New", "time_zone": "UTC", "is_active": "on"}


def test_a_new_persons_address_is_kept_in_lower_case(operator: Client):
    add = reverse("admin:tasks_user_add")
    assert operator.post(add, PERSON).status_code == 302
    person = User.objects.get(name="New")
    assert person.email == "new.person@example.test"
    assert operator.post(add, PERSON).status_code == 200, "the address is taken"
    assert User.objects.filter(name="New").count() == 1


def test_what_an_operator_changes_about_a_person_is_written_down(operator: Client):
    person = User.objects.create_user("someone@example.test", name="Someone")
    page = reverse("admin:tasks_user_change", args=[person.pk])
    values = {"email": person.email, "name": "Someone", "time_zone": "UTC", "is_staff": "on"}
    assert operator.post(page, values).status_code == 302
    event = AuditEvent.objects.get(verb="user-set")
    assert event.actor is not None and event.actor.email == "operator@example.test"
    assert event.subject_id == str(person.pk)
    assert event.facts == {"changed": ["is_active", "is_staff"], "is_active": False, "is_staff": True}


def test_a_person_is_never_deleted(operator: Client):
    person = User.objects.create_user("someone@example.test")
    page = reverse("admin:tasks_user_delete", args=[person.pk])
    assert operator.post(page, {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=person.pk).exists()


def test_roles_given_changed_and_taken_by_an_operator_are_written_down(operator: Client):
    workspace = make_workspace()
    person = User.objects.create_user("someone@example.test")
    values = {"user": person.pk, "workspace": workspace.pk, "role": "reviewer"}
    assert operator.post(reverse("admin:tasks_membership_add"), values).status_code == 302
    member = Membership.objects.get(user=person)
    change = reverse("admin:tasks_membership_change", args=[member.pk])
    assert operator.post(change, {"role": "admin"}).status_code == 302
    action = {"action": "delete_selected", "_selected_action": [member.pk], "post": "yes"}
    assert operator.post(reverse("admin:tasks_membership_changelist"), action).status_code == 302
    assert not Membership.objects.filter(user=person).exists()
    events = AuditEvent.objects.filter(verb="member-set", workspace=workspace, subject_id=str(person.pk))
    assert [event.facts["role"] for event in events.order_by("pk")] == ["reviewer", "admin", ""]


def test_a_status_cannot_be_written(operator: Client):
    add = reverse("admin:tasks_submission_add")
    assert operator.get(add).status_code == 403
    assert not admin.site._registry[Submission].has_change_permission(None)  # type: ignore[arg-type]
