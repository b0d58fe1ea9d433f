"""Ordering: the choice of products, their forms, and what happens when they are sent."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tasks.kinds import KINDS
from tasks.kinds.base import Asset, TaskKind
from tasks.models import CredentialState, Membership, Status, Submission, Task, Upload
from tests.examining import post_examined
from tests.media.samples import make_picture
from tests.people import browser_of
from tests.views.rows import COUNTING, PICKING, fill_catalog, make_account, make_file, make_task

COUNTING_URL = reverse("task-new", args=[COUNTING.slug])
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.slug)


def asset_of(kind: TaskKind) -> str:
    return next(name for name, field in kind.inputs.own_fields() if isinstance(field, Asset))


def answers(member: Membership, **changes: object) -> dict[str, object]:
    """What a person posts for the kind that makes several outputs."""
    own = {
        asset_of(COUNTING): str(make_file(member).pk),
        "prompt": "It turns.",
        "mode": "lite",
        "duration": "5",
    }
    return {"task_id": str(uuid4()), "count": "2", **own, **changes}


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return found[1]


def test_every_product_is_offered(mark: Membership) -> None:
    page = browser_of(mark).get(reverse("task-formats")).content.decode()
    for kind in KINDS.values():
        assert reverse("task-new", args=[kind.slug]) in page


@every_kind
def test_every_product_has_a_form(kind: TaskKind, mark: Membership) -> None:
    make_account(mark.workspace)
    answer = browser_of(mark).get(reverse("task-new", args=[kind.slug]))
    assert answer.status_code == 200
    for name, _field in kind.inputs.own_fields():
        assert f'name="{name}"' in answer.content.decode()


@every_kind
def test_an_empty_form_is_refused_with_a_summary_that_leads_to_the_fields(
    kind: TaskKind, mark: Membership
) -> None:
    make_account(mark.workspace)
    answer = browser_of(mark).post(reverse("task-new", args=[kind.slug]), {"task_id": str(uuid4())})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(r'role="alert" tabindex="-1" autofocus', page)
    targets = re.findall(r'<li><a href="#([\w-]+)">', page)
    assert targets
    for target in targets:
        assert f'id="{target}"' in page
    assert not Task.objects.exists()


@every_kind
def test_enter_in_a_text_field_orders_and_presses_no_other_button(kind: TaskKind, mark: Membership) -> None:
    make_account(mark.workspace)
    page = browser_of(mark).get(reverse("task-new", args=[kind.slug])).content.decode()
    form = page[page.index('<form class="form order"') :]
    # Browsers press the first button of a form that sends it.
    pressed = next(tag for tag in re.findall(r"<button[^>]*>", form) if 'type="button"' not in tag)
    assert "formaction" not in pressed
    assert "name=" not in pressed


def test_an_unknown_product_is_not_found(mark: Membership) -> None:
    assert browser_of(mark).get(reverse("task-new", args=["no-such-thing"])).status_code == 404


def test_a_sent_form_becomes_a_queued_task_with_the_forms_id(mark: Membership) -> None:
    make_account(mark.workspace)
    client = browser_of(mark)
    order_id = hidden(client.get(COUNTING_URL).content.decode(), "task_id")
    answer = client.post(COUNTING_URL, answers(mark, task_id=order_id))
    assert answer.status_code == 303
    assert answer.headers["Location"] == reverse("task-page", args=[order_id])
    task = Task.objects.get()
    assert (task.pk, task.owner, task.workspace) == (UUID(order_id), mark.user, mark.workspace)
    assert task.submissions.get().status == Status.QUEUED


def test_a_form_whose_page_had_to_be_left_is_drawn_again_and_not_sent(mark: Membership) -> None:
    make_account(mark.workspace)
    sent = {**answers(mark), "duration": "", "unsent": "1"}
    answer = browser_of(mark).post(COUNTING_URL, sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Nothing was sent." in page and "It turns." in page
    assert hidden(page, "task_id") == sent["task_id"]
    assert "aria-invalid" not in page and "field__errors" not in page
    assert not Task.objects.exists()


def test_a_form_sent_twice_makes_one_task(mark: Membership) -> None:
    make_account(mark.workspace)
    client, sent = browser_of(mark), answers(mark)
    first, second = client.post(COUNTING_URL, sent), client.post(COUNTING_URL, sent)
    assert first.headers["Location"] == second.headers["Location"]
    assert Task.objects.count() == 1


def test_the_same_form_with_other_answers_asks_whether_to_make_another(mark: Membership) -> None:
    make_account(mark.workspace)
    client, sent = browser_of(mark), answers(mark)
    client.post(COUNTING_URL, sent)
    answer = client.post(COUNTING_URL, {**sent, "prompt": "It jumps."})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Already sent. Make another?" in page
    assert "This form was sent before, with other answers." in page
    assert "It jumps." in page
    assert Task.objects.count() == 1
    fresh = hidden(page, "task_id")
    assert fresh != sent["task_id"]
    assert client.post(COUNTING_URL, {**sent, "prompt": "It jumps.", "task_id": fresh}).status_code == 303
    assert Task.objects.count() == 2


def test_the_same_order_from_a_second_tab_asks_whether_to_make_another(mark: Membership) -> None:
    make_account(mark.workspace)
    client, sent = browser_of(mark), answers(mark)
    client.post(COUNTING_URL, sent)
    answer = client.post(COUNTING_URL, {**sent, "task_id": str(uuid4())})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This may already be on its way" in page
    assert reverse("task-page", args=[sent["task_id"]]) in page
    assert Task.objects.count() == 1
    fresh = {**sent, "task_id": hidden(page, "task_id")}
    assert client.post(COUNTING_URL, {**fresh, "another": "1"}).status_code == 422
    assert client.post(COUNTING_URL, {**fresh, "reason": "For the second shop."}).status_code == 303
    assert Task.objects.count() == 2


def test_the_same_order_as_one_that_was_made_just_now_asks_whether_to_make_another(mark: Membership) -> None:
    make_account(mark.workspace)
    client, sent = browser_of(mark), answers(mark)
    client.post(COUNTING_URL, sent)
    Task.objects.update(status="succeeded")
    page = client.post(COUNTING_URL, {**sent, "task_id": str(uuid4())}).content.decode()
    assert "You ordered exactly this a moment ago." in page
    assert Task.objects.count() == 1
    fresh = {**sent, "task_id": hidden(page, "task_id"), "another": hidden(page, "another")}
    assert client.post(COUNTING_URL, fresh).status_code == 303
    assert Task.objects.count() == 2


def test_a_form_sent_once_more_after_the_way_back_makes_one_task(mark: Membership) -> None:
    """The browser shows the form as it was, or loads it anew: with its own id, or with a fresh one."""
    make_account(mark.workspace)
    client = browser_of(mark)
    sent = answers(mark, task_id=hidden(client.get(COUNTING_URL).content.decode(), "task_id"))
    client.post(COUNTING_URL, sent)
    assert client.post(COUNTING_URL, sent).status_code == 303
    fresh = hidden(client.get(COUNTING_URL).content.decode(), "task_id")
    assert client.post(COUNTING_URL, {**sent, "task_id": fresh}).status_code == 422
    assert Submission.objects.count() == 1


@pytest.mark.parametrize("change", ["other answers", "a colleague", "long ago", "failed", "made again"])
def test_what_only_looks_the_same_is_ordered_without_a_question(
    change: str, mark: Membership, alice: Membership
) -> None:
    make_account(mark.workspace)
    sent = answers(mark)
    browser_of(mark).post(COUNTING_URL, sent)
    Task.objects.update(status="failed" if change == "failed" else "succeeded")
    more: dict[str, object] = {"task_id": str(uuid4())}
    if change == "other answers":
        more["count"] = "1"
    elif change == "made again":
        more["from"] = sent["task_id"]
    elif change == "long ago":
        Task.objects.update(created_at=timezone.now() - timedelta(minutes=11))
    client = browser_of(alice if change == "a colleague" else mark)
    assert client.post(COUNTING_URL, {**sent, **more}).status_code == 303
    assert Task.objects.count() == 2


def test_a_strangers_task_id_says_nothing_about_the_strangers_task(
    mark: Membership, stefan: Membership
) -> None:
    make_account(mark.workspace)
    theirs = make_task(stefan, title="Secret plans")
    page = browser_of(mark).post(COUNTING_URL, answers(mark, task_id=str(theirs.pk))).content.decode()
    assert "Secret plans" not in page
    assert str(theirs.pk) not in page


def test_a_refused_form_keeps_what_was_typed(mark: Membership) -> None:
    make_account(mark.workspace)
    upload = make_file(mark, name="kept.png")
    sent = answers(mark, **{asset_of(COUNTING): str(upload.pk)}, prompt="<b>Turn</b>", count="9", mode="best")
    answer = browser_of(mark).post(COUNTING_URL, sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "&lt;b&gt;Turn&lt;/b&gt;" in page
    assert "kept.png" in page
    assert re.search(r'value="best" checked', page)
    assert 'value="9"' in page
    assert hidden(page, "task_id") == sent["task_id"]


def test_an_unreadable_id_is_refused_without_losing_what_was_typed(mark: Membership) -> None:
    make_account(mark.workspace)
    answer = browser_of(mark).post(COUNTING_URL, answers(mark, task_id="not an id"))
    assert answer.status_code == 422
    assert UUID(hidden(answer.content.decode(), "task_id"))


def test_a_strangers_file_cannot_be_used(mark: Membership, stefan: Membership) -> None:
    make_account(mark.workspace)
    theirs = make_file(stefan, name="secret.png")
    answer = browser_of(mark).post(COUNTING_URL, answers(mark, **{asset_of(COUNTING): str(theirs.pk)}))
    assert answer.status_code == 422
    assert "secret.png" not in answer.content.decode()


def test_a_strangers_credential_cannot_pay(mark: Membership, stefan: Membership) -> None:
    make_account(mark.workspace, name="one")
    make_account(mark.workspace, name="two")
    theirs = make_account(stefan.workspace)
    answer = browser_of(mark).post(COUNTING_URL, answers(mark, account=str(theirs.pk)))
    assert answer.status_code == 422
    assert not Task.objects.exists()


def test_the_account_is_asked_only_when_there_is_a_choice(mark: Membership) -> None:
    make_account(mark.workspace, name="Paused", state=CredentialState.PAUSED)
    make_account(mark.workspace, name="First")
    client = browser_of(mark)
    assert 'name="account"' not in client.get(COUNTING_URL).content.decode()
    second = make_account(mark.workspace, name="Second")
    assert 'name="account"' in client.get(COUNTING_URL).content.decode()
    client.post(COUNTING_URL, answers(mark, account=str(second.pk)))
    assert Task.objects.get().credential == second


def test_without_a_credential_an_admin_is_led_to_the_credentials(alice: Membership) -> None:
    page = browser_of(alice).get(COUNTING_URL).content.decode()
    assert "No TopView account can pay" in page
    assert reverse("credential-list") in page
    assert "<textarea" not in page


def test_without_a_credential_a_marketer_is_told_whom_to_ask(mark: Membership) -> None:
    page = browser_of(mark).get(COUNTING_URL).content.decode()
    assert "Ask an admin of this workspace" in page


def test_without_a_usable_credential_a_post_makes_nothing_and_keeps_what_was_typed(mark: Membership) -> None:
    make_account(mark.workspace, state=CredentialState.DISABLED)
    answer = browser_of(mark).post(COUNTING_URL, answers(mark, prompt="It turns twice."))
    assert answer.status_code == 422
    assert "No TopView account can pay" in answer.content.decode()
    assert "It turns twice." in answer.content.decode()
    assert not Task.objects.exists()


def test_an_order_sent_again_after_its_credential_went_out_of_use_leads_to_its_task(mark: Membership) -> None:
    account = make_account(mark.workspace)
    client, sent = browser_of(mark), answers(mark)
    first = client.post(COUNTING_URL, sent)
    type(account).objects.update(state=CredentialState.DISABLED)
    assert client.post(COUNTING_URL, sent).headers["Location"] == first.headers["Location"]


def test_make_again_fills_the_form_with_the_tasks_answers(mark: Membership) -> None:
    make_account(mark.workspace)
    upload = make_file(mark, name="again.png")
    task = make_task(
        mark, brief={"schema": 1, asset_of(COUNTING): str(upload.pk), "prompt": "It shines.", "mode": "plus"}
    )
    client = browser_of(mark)
    page = client.get(f"{COUNTING_URL}?from={task.pk}").content.decode()
    assert "It shines." in page
    assert "again.png" in page
    assert re.search(r'value="plus" checked', page)
    client.post(COUNTING_URL, answers(mark, **{"from": hidden(page, "from")}))
    assert Task.objects.exclude(pk=task.pk).get().version_of == task


def test_make_again_from_a_strangers_task_is_not_found(mark: Membership, stefan: Membership) -> None:
    make_account(mark.workspace)
    theirs = make_task(stefan)
    assert browser_of(mark).get(f"{COUNTING_URL}?from={theirs.pk}").status_code == 404


def test_use_this_puts_a_file_into_its_field(mark: Membership) -> None:
    make_account(mark.workspace)
    upload = make_file(mark, name="used.png")
    page = browser_of(mark).get(f"{COUNTING_URL}?{asset_of(COUNTING)}={upload.pk}").content.decode()
    assert "used.png" in page
    assert f'value="{upload.pk}"' in page


@pytest.mark.parametrize(
    "query", ["from=nonsense", "from=%00", "image=nonsense", "count=abc", "mode=none", "x=y"]
)
def test_garbage_in_the_address_still_shows_the_form(mark: Membership, query: str) -> None:
    make_account(mark.workspace)
    assert browser_of(mark).get(f"{COUNTING_URL}?{query}").status_code == 200


def test_a_picked_entry_is_named_after_a_refusal(mark: Membership) -> None:
    account = make_account(mark.workspace)
    fill_catalog(account, "avatars", [("Nadia", {"gender": "female"})])
    url = reverse("task-new", args=[PICKING.slug])
    page = browser_of(mark).get(f"{url}?avatar=avatars-0").content.decode()
    assert "Nadia" in page
    assert 'value="avatars-0"' in page


def test_a_file_sent_with_the_form_is_stored_and_used(mark: Membership, tmp_path: Path) -> None:
    make_account(mark.workspace)
    picture = make_picture(tmp_path / "cup.png", (320, 240)).read_bytes()
    name = asset_of(COUNTING)
    sent = answers(mark, **{name: "", f"{name}-file": SimpleUploadedFile("cup.png", picture, "image/png")})
    answer = post_examined(browser_of(mark), COUNTING_URL, sent)
    assert answer.status_code == 303
    upload = Upload.objects.get(name="cup.png", width=320)
    assert Task.objects.get().brief[name] == str(upload.pk)


def test_a_damaged_file_sent_with_the_form_is_refused_in_words(mark: Membership) -> None:
    make_account(mark.workspace)
    name = asset_of(COUNTING)
    sent = answers(
        mark, **{name: "", f"{name}-file": SimpleUploadedFile("cup.png", b"no picture", "image/png")}
    )
    answer = browser_of(mark).post(COUNTING_URL, sent)
    assert answer.status_code == 422
    assert "By its content this is no picture, video or recording" in answer.content.decode()


def test_price_and_time_stand_beside_the_button(mark: Membership) -> None:
    make_account(mark.workspace)
    client = browser_of(mark)
    page = client.get(COUNTING_URL).content.decode()
    assert "Usually takes 3 min." in page
    assert str(COUNTING.steps[0].pricing.note) in page


def test_the_form_is_refused_without_its_token(mark: Membership) -> None:
    make_account(mark.workspace)
    client = Client(enforce_csrf_checks=True)
    client.force_login(mark.user, "django.contrib.auth.backends.ModelBackend")
    assert client.post(COUNTING_URL, answers(mark)).status_code == 403
    assert not Task.objects.exists()
