"""The operators' site: looks at everything, shows no secret, and lets nobody write a status."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tasks.models import Credential, Submission, User
from tests.people import browser_of, make_alice, make_credential, make_workspace

pytestmark = pytest.mark.django_db


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


def test_a_status_cannot_be_written(operator: Client):
    add = reverse("admin:tasks_submission_add")
    assert operator.get(add).status_code == 403
    assert not admin.site._registry[Submission].has_change_permission(None)  # type: ignore[arg-type]
