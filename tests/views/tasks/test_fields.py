"""Fields that hold several files or a mask, as the pages take them in and show them, without script too."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from PIL import Image, ImageDraw

from tasks.kinds import KINDS
from tasks.kinds.base import Assets, TaskKind
from tasks.models import Membership, Task, Upload
from tests.examining import examine_all, post_examined
from tests.media.samples import make_picture
from tests.people import browser_of
from tests.views.rows import fill_catalog, make_account, make_file, make_task

SHOOT = KINDS["product-anyshoot"]
SHOOT_URL = reverse("task-new", args=[SHOOT.slug])
VIEWS = KINDS["image-to-video-models"]
VIEWS_URL = reverse("task-new", args=[VIEWS.slug])


def name_of(kind: TaskKind, field_type: type) -> str:
    return next(name for name, field in kind.inputs.own_fields() if isinstance(field, field_type))


SEVERAL = name_of(VIEWS, Assets)


def showing_several() -> dict[str, str]:
    """The answers with which the field for several files is shown."""
    shown_when = dict(VIEWS.inputs.own_fields())[SEVERAL].shown_when
    assert shown_when is not None
    return {shown_when.field: shown_when.values[0]}


def order(**answers: object) -> dict[str, object]:
    return {
        "task_id": str(uuid4()),
        "prompt": "It turns.",
        "seconds": "5",
        "sound": "off",
        "count": "1",
        **showing_several(),
        **answers,
    }


def sent(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/png")


def picture(folder: Path, width: int) -> bytes:
    return make_picture(folder / f"{width}.png", (width, 300)).read_bytes()


def mask(size: tuple[int, int], *, painted: bool = True) -> bytes:
    drawn = Image.new("L", size, 0)
    if painted:
        ImageDraw.Draw(drawn).ellipse((20, 20, 60, 60), fill=255)
    into = BytesIO()
    drawn.save(into, "PNG")
    return into.getvalue()


def ids_shown(page: str) -> list[str]:
    """What the field holds, in the order of the page."""
    return re.findall(rf'name="{SEVERAL}" value="([0-9a-f-]{{36}})"', page)


def accepted(answer: HttpResponseBase) -> None:
    """The form was taken; otherwise what it says stands in the failure."""
    errors = re.findall(r'class="field__errors".*?</ul>', getattr(answer, "content", b"").decode(), re.DOTALL)
    assert answer.status_code == 303, errors


def test_files_of_the_library_and_files_sent_with_the_form_follow_one_another(
    mark: Membership, tmp_path: Path
) -> None:
    make_account(mark.workspace)
    known = make_file(mark, name="known.png")
    files = [sent(f"new-{width}.png", picture(tmp_path, width)) for width in (310, 320)]
    posted = order(**{SEVERAL: [str(known.pk), ""], f"{SEVERAL}-file": files})
    accepted(post_examined(browser_of(mark), VIEWS_URL, posted))
    names = [Upload.objects.get(pk=upload_id).name for upload_id in Task.objects.get().brief[SEVERAL]]
    assert names == ["known.png", "new-310.png", "new-320.png"]


def test_one_damaged_file_of_several_is_named_and_the_others_are_kept(
    mark: Membership, tmp_path: Path
) -> None:
    make_account(mark.workspace)
    files = [sent("good.png", picture(tmp_path, 310)), sent("bad.png", b"no picture")]
    answer = browser_of(mark).post(VIEWS_URL, order(**{f"{SEVERAL}-file": files}))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "bad.png: " in page
    assert ids_shown(page) == [str(Upload.objects.get(name="good.png").pk)]


def test_more_files_than_the_field_takes_are_not_even_stored(mark: Membership, tmp_path: Path) -> None:
    make_account(mark.workspace)
    content = picture(tmp_path, 310)
    files = [sent(f"{number}.png", content) for number in range(8)]
    answer = browser_of(mark).post(VIEWS_URL, order(**{f"{SEVERAL}-file": files}))
    assert answer.status_code == 422
    assert "8 files came; at most 7 can be used." in answer.content.decode()
    assert not Upload.objects.exists()


def test_a_refused_form_shows_its_files_in_the_order_they_had(mark: Membership) -> None:
    make_account(mark.workspace)
    ids = [str(make_file(mark, name=f"{number}.png").pk) for number in range(3)]
    turned = [ids[2], ids[0], ids[1]]
    answer = browser_of(mark).post(VIEWS_URL, order(**{SEVERAL: turned, "seconds": ""}))
    assert answer.status_code == 422
    assert ids_shown(answer.content.decode()) == turned


def test_make_again_and_an_address_open_the_form_with_several_files(mark: Membership) -> None:
    make_account(mark.workspace)
    ids = [str(make_file(mark, name=f"{number}.png").pk) for number in range(3)]
    task = make_task(mark, kind=VIEWS, brief={"schema": 1, SEVERAL: ids, **showing_several()})
    client = browser_of(mark)
    assert ids_shown(client.get(f"{VIEWS_URL}?from={task.pk}").content.decode()) == ids
    page = client.get(VIEWS_URL, {SEVERAL: [ids[1], "nonsense", ids[0]]}).content.decode()
    assert ids_shown(page) == [ids[1], ids[0]]


def test_the_page_of_a_task_shows_each_of_its_files(mark: Membership) -> None:
    uploads = [make_file(mark, name=f"view-{number}.png") for number in range(3)]
    ids = [str(upload.pk) for upload in uploads]
    task = make_task(mark, kind=VIEWS, brief={"schema": 1, SEVERAL: ids, **showing_several()})
    task.uploads.set(uploads[:2])
    page = browser_of(mark).get(reverse("task-page", args=[task.pk])).content.decode()
    assert reverse("upload-file", args=[ids[0]]) in page
    assert page.index("view-0.png") < page.index("view-1.png")
    assert "a file that is gone" in page


def test_a_strangers_files_cannot_be_used(mark: Membership, stefan: Membership) -> None:
    make_account(mark.workspace)
    theirs = [str(make_file(stefan, name="secret.png").pk) for _number in range(2)]
    answer = browser_of(mark).post(VIEWS_URL, order(**{SEVERAL: theirs}))
    assert answer.status_code == 422
    assert "secret.png" not in answer.content.decode()


def shoot(member: Membership, **answers: object) -> dict[str, object]:
    product, scene = (make_file(member, name=name, width=400, height=300) for name in ("cup.png", "desk.png"))
    own = {
        "product": str(product.pk),
        "scene": "own",
        "picture": str(scene.pk),
        "count": "1",
        "mode": "standard",
    }
    return {"task_id": str(uuid4()), **own, **answers}


def test_a_mask_sent_with_the_form_is_used_and_stays_out_of_the_library(mark: Membership) -> None:
    make_account(mark.workspace)
    client = browser_of(mark)
    form = shoot(mark, **{"place-file": sent("place.png", mask((400, 300)))})
    accepted(post_examined(client, SHOOT_URL, form))
    painted = Upload.objects.get(is_mask=True)
    assert Task.objects.get().brief["place"] == str(painted.pk)
    assert "place.png" not in client.get(reverse("library")).content.decode()
    assert "place.png" not in client.get(reverse("upload-picker", args=["image"])).content.decode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (mask((400, 299)), "The mask has 400 × 299 pixels; its picture has 400 × 300."),
        (mask((400, 300), painted=False), "black all over"),
    ],
    ids=["size", "black"],
)
def test_a_mask_that_does_not_fit_is_refused_in_words(mark: Membership, content: bytes, said: str) -> None:
    make_account(mark.workspace)
    form = shoot(mark, **{"place-file": sent("place.png", content)})
    answer = post_examined(browser_of(mark), SHOOT_URL, form)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Task.objects.exists()


def test_a_mask_is_measured_against_the_template_of_the_catalog(mark: Membership) -> None:
    account = make_account(mark.workspace)
    fill_catalog(account, "anyshoot-templates", [("Kitchen", {"width": 1080, "height": 1350}), ("New", {})])
    client = browser_of(mark)

    def post(template: str) -> str:
        file = sent("place.png", mask((640, 480)))
        changes = {"scene": "template", "template": template, "place-file": file}
        page: str = post_examined(client, SHOOT_URL, shoot(mark, **changes)).content.decode()
        return page

    assert "The mask has 640 × 480 pixels; its picture has 1,080 × 1,350." in post("anyshoot-templates-0")
    assert "has not been read yet" in post("anyshoot-templates-1")


def upload(client: Client, content: bytes, **more: str) -> dict[str, object]:
    found: dict[str, object] = client.post(
        reverse("upload-new"),
        {"file": sent("mask.png", content), **more},
        headers={"accept": "application/json"},
    ).json()
    return found


def test_the_page_can_mark_what_it_uploads_as_a_mask(mark: Membership) -> None:
    client, content = browser_of(mark), mask((400, 300))
    painted = upload(client, content, mask="1")
    examine_all()
    known = client.get(str(painted["state_url"])).json()
    assert (known["state"], known["width"], known["height"]) == ("ready", 400, 300)
    assert upload(client, content, mask="1")["id"] == painted["id"]
    plain = upload(client, content)
    assert plain["id"] != painted["id"]
    assert list(Upload.objects.for_library(mark.workspace).values_list("pk", flat=True).distinct()) == [
        Upload.objects.get(is_mask=False).pk
    ]
