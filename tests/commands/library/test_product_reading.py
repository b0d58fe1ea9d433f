"""*Read the product page* beside a form's link, from the button to the filled fields, against the sandbox."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from tasks import jobs
from tasks.commands.evidence import decisions
from tasks.commands.submissions import actions
from tasks.models import Credential, Membership, Product, Status, Task
from tasks.sandbox.rendering import InProcess, Renderer, Tiny
from tests import people
from tests.commands.conftest import Worker

pytestmark = pytest.mark.sqlite

LINK = "https://shop.example/products/blue-cup"
HTMX = {"hx-request": "true"}


@pytest.fixture(scope="session")
def sandbox_renderer(tmp_path_factory: pytest.TempPathFactory) -> Renderer:
    """Pictures and clips as the sandbox makes them."""
    return Tiny(InProcess(), tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def client(mark: Membership, credential: Credential) -> Client:
    """The marketer's browser."""
    return people.browser_of(mark)


def press(client: Client, *, form: UUID, link: str = LINK, turn: int = 0) -> Any:
    """Press the button in a form that has this id."""
    sent = {"read-link": "link", "link": link, "task_id": str(form), "read-turn": str(turn)}
    return client.post(reverse("product-read"), sent, headers=HTMX)


def test_the_button_starts_one_reading_however_often_it_is_pressed(client: Client, worker: Worker) -> None:
    form = uuid4()
    for _time in range(3):
        answer = press(client, form=form)
        assert answer.status_code == 200
        assert b"TopView reads the page" in answer.content
    worker.submit(people.only_submission(Task.objects.get()))
    assert worker.portal.accepted("submitScraperTask") == 1


def test_another_link_in_the_same_form_is_a_reading_of_its_own(client: Client) -> None:
    form = uuid4()
    press(client, form=form)
    press(client, form=form, link="https://shop.example/products/red-plate")
    assert Task.objects.count() == 2


def test_the_place_asks_again_until_everything_is_there(client: Client, worker: Worker) -> None:
    answer = press(client, form=uuid4())
    reading = answer.context["reading"]
    assert client.get(reading.poll_url).status_code == 204
    task = Task.objects.get()
    worker.finish(worker.submit(people.only_submission(task)))
    half: Any = client.get(reading.poll_url)
    assert b"data-read-product" not in half.content
    finish_saving(task, worker)
    answer = client.get(half.context["reading"].poll_url)
    product = Product.objects.get()
    page = answer.content.decode()
    assert f'data-name="{product.name}"' in page
    assert f'data-description="{product.description}"' in page
    for upload in product.uploads.all():
        assert f'data-id="{upload.pk}"' in page
    assert "hx-trigger" not in page


def finish_saving(task: Task, worker: Worker) -> None:
    for output in task.outputs.all():
        worker.save(output)
    jobs.make_product(str(task.pk))


def test_a_page_that_cannot_be_read_is_said_and_can_be_tried_again(client: Client, worker: Worker) -> None:
    worker.portal.fault("task-fail")
    form = uuid4()
    poll_url = press(client, form=form).context["reading"].poll_url
    worker.finish(worker.submit(people.only_submission(Task.objects.get())))
    answer: Any = client.get(poll_url)
    assert b"could not be read" in answer.content
    turn = answer.context["reading"].next_turn
    press(client, form=form, turn=turn)
    assert Task.objects.count() == 2


@pytest.mark.parametrize("link", ["", "http://localhost/cup", "no address at all"])
def test_a_link_that_is_no_product_page_is_refused_beside_it(client: Client, link: str) -> None:
    answer = press(client, form=uuid4(), link=link)
    assert b"field__errors" in answer.content
    assert not Task.objects.exists()


def test_a_strangers_reading_cannot_be_followed(client: Client, credential: Credential) -> None:
    poll_url = press(client, form=uuid4()).context["reading"].poll_url
    assert people.browser_of(people.make_stranger()).get(poll_url).status_code == 404


def test_a_reading_whose_call_was_lost_is_awaited_and_never_ordered_a_second_time(
    client: Client, worker: Worker, mark: Membership
) -> None:
    worker.portal.fault("drop-after", scope="submitScraperTask", next=1)
    form = uuid4()
    poll_url = press(client, form=form).context["reading"].poll_url
    task = Task.objects.get()
    lost = worker.submit(people.only_submission(task))
    assert lost.status == Status.UNKNOWN
    answer: Any = client.get(poll_url)
    page = answer.content.decode()
    assert "confirm that TopView received this" in page
    assert "could not be read" not in page
    assert reverse("task-page", args=[task.pk]) in page
    assert "hx-trigger" in page
    assert client.get(answer.context["reading"].poll_url).status_code == 204
    press(client, form=form, turn=answer.context["reading"].next_turn)
    assert Task.objects.count() == 1
    assert decisions.abandon(submission=lost, actor=mark.user, reason="It is not on TopView's list.")
    answer = client.get(answer.context["reading"].poll_url)
    assert b"could not be read" in answer.content
    press(client, form=form, turn=answer.context["reading"].next_turn)
    assert Task.objects.count() == 2


def test_a_reading_that_nobody_watches_any_more_is_not_ordered_a_second_time(
    client: Client, worker: Worker, mark: Membership
) -> None:
    form = uuid4()
    poll_url = press(client, form=form).context["reading"].poll_url
    task = Task.objects.get()
    assert actions.stop_watching(submission=worker.submit(people.only_submission(task)), actor=mark.user)
    answer: Any = client.get(poll_url)
    page = answer.content.decode()
    assert "Nobody watches this any more" in page
    assert "could not be read" not in page
    assert reverse("task-page", args=[task.pk]) in page
    press(client, form=form, turn=answer.context["reading"].next_turn)
    assert Task.objects.count() == 1
