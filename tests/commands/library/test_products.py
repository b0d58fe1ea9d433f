"""Saved products: made from what TopView read, once, with nothing copied and nothing sent again."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from django.urls import reverse

from tasks import jobs
from tasks.commands.library.products import (
    hide_product,
    make_missing_products,
    make_product,
    save_product,
    show_product,
)
from tasks.commands.library.uploads import hide_upload
from tasks.commands.library.use_output import use_output
from tasks.kinds import image_to_video, product_page
from tasks.kinds.base import ProductWords
from tasks.models import (
    AuditEvent,
    Blob,
    Credential,
    Membership,
    Output,
    OutputState,
    Product,
    RemoteFile,
    Status,
    Task,
    Upload,
)
from tasks.sandbox.rendering import InProcess, Renderer, Tiny
from tests import people
from tests.commands.conftest import Worker
from tests.sandbox_fixture import SandboxDriver
from tests.threads import all_at_once

pytestmark = pytest.mark.sqlite

LINK = "https://shop.example/products/blue-cup"


@pytest.fixture(scope="session")
def sandbox_renderer(tmp_path_factory: pytest.TempPathFactory) -> Renderer:
    """Pictures and clips as the sandbox makes them."""
    return Tiny(InProcess(), tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def task(mark: Membership, credential: Credential, worker: Worker, tmp_path: Path) -> Task:
    """A page that TopView has read; nothing of it is saved yet."""
    made = people.order(product_page.KIND, mark, credential, tmp_path, {"link": LINK})
    assert worker.finish(worker.submit(people.only_submission(made))).status == Status.SUCCEEDED
    return made


def save_all(task: Task, worker: Worker) -> None:
    for output in task.outputs.all():
        assert worker.save(output).state == OutputState.SAVED


@pytest.fixture
def product(task: Task, worker: Worker) -> Product:
    """The product with all its files."""
    save_all(task, worker)
    jobs.make_product(str(task.pk))
    return Product.objects.get(task=task)


@pytest.mark.postgres
def test_a_page_becomes_a_product_with_its_pictures_and_clips(product: Product, task: Task) -> None:
    assert (product.name, product.link) == ("Blue cup", LINK)
    assert product.description.startswith("Blue cup, as offered at shop.example.")
    assert product.owner_id == task.owner_id
    files = [file.upload for file in product.files.all()]
    assert [upload.role for upload in files] == ["image", "image", "image", "video"]
    assert [upload.name for upload in files][::3] == ["product-1.png", "product-1.mp4"]
    assert set(Upload.objects.for_library(product.workspace)) == set(files)


def test_the_words_are_saved_as_a_text_of_their_own(product: Product, task: Task) -> None:
    text = task.outputs.get(role="text")
    assert text.blob is not None
    with text.blob.file.open("rb") as file:
        assert file.read().decode() == f"{product.name}\n\n{product.description}\n\n{LINK}"


def test_bytes_are_shared_and_nothing_is_sent_to_topview_again(
    product: Product, mark: Membership, credential: Credential, worker: Worker, tmp_path: Path
) -> None:
    blobs, calls = Blob.objects.count(), worker.portal.state()["calls"]
    for upload in product.uploads.select_related("made_from"):
        assert upload.made_from is not None
        assert upload.blob_id == upload.made_from.blob_id
        assert upload.remote_files.get(credential=credential).file_id == upload.made_from.remote_file_id
    picture = product.files.all()[0].upload
    video = people.order(image_to_video.KIND, mark, credential, tmp_path, {"image": str(picture.pk)})
    assert worker.submit(people.only_submission(video)).status == Status.RUNNING
    assert Blob.objects.count() <= blobs + 1  # the demo's own picture
    after = worker.portal.state()["calls"]
    assert after.get("getUploadCredential", 0) == calls.get("getUploadCredential", 0)
    assert not worker.portal.violations()


def test_the_job_may_run_again_and_a_dropped_file_stays_away(
    product: Product, task: Task, mark: Membership
) -> None:
    kept = [file.upload_id for file in product.files.all()][1:]
    words = ProductWords("Our cup", "In our words.", LINK)
    save_product(product_id=product.pk, membership=mark, words=words, upload_ids=kept)
    uploads = Upload.objects.count()
    jobs.make_product(str(task.pk))
    product.refresh_from_db()
    assert (product.name, product.description) == ("Our cup", "In our words.")
    assert [file.upload_id for file in product.files.all()] == kept
    assert Upload.objects.count() == uploads


def test_a_file_taken_out_of_the_library_does_not_come_back(
    product: Product, task: Task, mark: Membership
) -> None:
    upload = product.files.all()[0].upload
    hide_upload(upload=upload, actor=mark.user)
    jobs.make_product(str(task.pk))
    assert upload not in Upload.objects.for_library(product.workspace)
    assert Upload.objects.filter(made_from=upload.made_from).count() == 1


def test_the_product_grows_while_its_files_are_saved(task: Task, worker: Worker) -> None:
    jobs.make_product(str(task.pk))
    product = Product.objects.get(task=task)
    assert product.files.count() == 0
    for count, output in enumerate(task.outputs.exclude(role="text"), 1):
        worker.save(output)
        jobs.make_product(str(task.pk))
        assert product.files.count() == count


def test_a_picture_that_was_used_already_is_the_one_in_the_product(
    task: Task, worker: Worker, mark: Membership
) -> None:
    save_all(task, worker)
    used = use_output(output=task.outputs.filter(role="image")[0], membership=mark)
    product = make_product(task_id=task.pk)
    assert product is not None
    assert used in product.uploads.all()
    assert product.files.count() == 4


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_jobs_at_the_same_time_make_one_product_and_one_upload_a_file(task: Task, worker: Worker) -> None:
    save_all(task, worker)
    all_at_once([lambda: jobs.make_product(str(task.pk))] * 4)
    product = Product.objects.get(task=task)
    assert product.files.count() == 4
    assert Upload.objects.count() == 4
    assert RemoteFile.objects.count() == 4


def test_a_product_whose_job_was_lost_is_made_by_the_sweep(task: Task, worker: Worker) -> None:
    save_all(task, worker)
    make_missing_products()
    assert Product.objects.get(task=task).files.count() == 4


def test_nothing_is_made_before_topview_is_done(
    mark: Membership, credential: Credential, worker: Worker, tmp_path: Path
) -> None:
    made = people.order(product_page.KIND, mark, credential, tmp_path)
    worker.submit(people.only_submission(made))
    assert make_product(task_id=made.pk) is None
    assert make_product(task_id=uuid4()) is None
    assert not Product.objects.exists()


def test_tasks_of_other_kinds_make_no_products(
    mark: Membership, credential: Credential, worker: Worker, tmp_path: Path
) -> None:
    film = people.order(image_to_video.KIND, mark, credential, tmp_path)
    submission = worker.finish(worker.submit(people.only_submission(film)))
    save_all(submission.task, worker)
    assert make_product(task_id=film.pk) is None


def test_a_failed_page_makes_no_product_and_says_why(
    mark: Membership, credential: Credential, worker: Worker, tmp_path: Path, portal: SandboxDriver
) -> None:
    portal.fault("task-fail")
    made = people.order(product_page.KIND, mark, credential, tmp_path)
    submission = worker.finish(worker.submit(people.only_submission(made)))
    assert submission.status == Status.FAILED
    assert submission.reason
    assert make_product(task_id=made.pk) is None


def test_a_page_without_pictures_succeeds_at_once_and_becomes_a_product(task: Task) -> None:
    Output.objects.filter(task=task).exclude(role="text").delete()
    product = make_product(task_id=task.pk)
    assert product is not None
    assert (product.name, product.files.count()) == ("Blue cup", 0)


@pytest.mark.postgres
def test_a_product_made_by_hand_is_made_once_however_often_its_form_is_sent(
    mark: Membership, tmp_path: Path
) -> None:
    first, second = (people.make_upload(mark, tmp_path, size=size) for size in ((100, 100), (200, 200)))
    wanted, words = [second.pk, first.pk, second.pk, uuid4()], ProductWords("Cup", "", "")
    product_id = uuid4()
    for _time in range(2):
        save_product(product_id=product_id, membership=mark, words=words, upload_ids=wanted)
    product = Product.objects.get()
    assert [file.upload for file in product.files.all()] == [second, first]


def test_the_id_of_a_strangers_product_is_refused(product: Product) -> None:
    stranger = people.make_stranger()
    with pytest.raises(Product.DoesNotExist):
        save_product(
            product_id=product.pk, membership=stranger, words=ProductWords("x", "", ""), upload_ids=[]
        )


@pytest.mark.postgres
def test_a_hidden_product_is_written_down_once_and_comes_back_whole(
    product: Product, mark: Membership
) -> None:
    hide_product(product=product, actor=mark.user)
    hide_product(product=product, actor=mark.user)
    assert AuditEvent.objects.filter(verb="product-hidden").count() == 1
    assert product not in Product.objects.for_library(product.workspace)
    show_product(product=product)
    assert product in Product.objects.for_library(product.workspace)
    assert product.files.count() == 4


def test_the_tasks_page_leads_to_the_product(product: Product, task: Task, mark: Membership) -> None:
    page = people.browser_of(mark).get(reverse("task-page", args=[task.pk])).content.decode()
    assert reverse("product-item", args=[product.pk]) in page
