"""Masks that lie over the picture of another field, as a form judges them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from tasks.kinds.base import Asset, CatalogEntry, KindForm, Mask, Pick

from .world import CLIP, PHOTO, Library, SmallCatalog

MASK = replace(PHOTO, id=UUID(int=30), name="mask.png")
SMALL = replace(MASK, id=UUID(int=31), width=640, height=480)
BLACK = replace(MASK, id=UUID(int=32), name="black.png")
CATALOG = (
    CatalogEntry("large", "Kitchen", "templates", {"width": 1080, "height": 1350}),
    CatalogEntry("as-photo", "Desk", "templates", {"width": 720, "height": 960}),
    CatalogEntry("unread", "Garden", "templates", {}),
)


class Scene(KindForm):
    """A picture from the catalog or an own one, and a mask over it."""

    template = Pick(wire="templateId", catalog_name="templates", required=False)
    own = Asset(wire="imageFileId", role="image", required=False)
    mask = Mask(wire="maskFileId", of=("template", "own"), required=False)


def judged(answers: Mapping[str, Any]) -> Scene:
    return Scene(answers, files=Library(MASK, SMALL, BLACK), catalog=SmallCatalog(CATALOG))


def said(field: str, answers: Mapping[str, Any]) -> str:
    """The one message of the form, which stands on the field."""
    form = judged(answers)
    assert list(form.errors) == [field]
    return str(form.errors[field][0])


def test_a_mask_of_the_pictures_size_is_sent_with_it():
    form = judged({"own": str(PHOTO.id), "mask": str(MASK.id)})
    assert form.errors == {}
    assert Scene.uploads(form.brief()) == [PHOTO.id, MASK.id]
    sent = {str(PHOTO.id): "p", str(MASK.id): "m"}
    assert Scene.body(form.brief(), sent) == {"imageFileId": "p", "maskFileId": "m"}


def test_a_mask_of_another_size_is_told_both_sizes():
    over_catalog = said("mask", {"template": "large", "mask": str(SMALL.id)})
    assert over_catalog == "The mask has 640 × 480 pixels; its picture has 1,080 × 1,350."
    assert "720 × 960" in said("mask", {"own": str(PHOTO.id), "mask": str(SMALL.id)})


def test_the_first_field_that_holds_a_picture_is_the_one_that_counts():
    assert judged({"template": "as-photo", "own": str(SMALL.id), "mask": str(MASK.id)}).is_valid()
    assert "mask" in judged({"template": "large", "own": str(PHOTO.id), "mask": str(MASK.id)}).errors


def test_a_mask_is_not_taken_while_the_size_of_its_picture_is_unknown():
    assert "has not been read yet" in said("mask", {"template": "unread", "mask": str(MASK.id)})


def test_a_mask_on_which_nothing_is_painted_is_refused():
    assert "black all over" in said("mask", {"own": str(PHOTO.id), "mask": str(BLACK.id)})


@pytest.mark.parametrize("upload", [CLIP, replace(MASK, id=UUID(int=33), format="jpg")], ids=["film", "jpg"])
def test_a_mask_is_a_png(upload):
    form = Scene({"mask": str(upload.id)}, files=Library(upload), catalog=SmallCatalog(CATALOG))
    assert list(form.errors) == ["mask"]
    assert "PNG" in form.errors["mask"][0]


def test_no_output_can_be_used_as_a_mask():
    mask = dict(Scene.own_fields())["mask"]
    assert isinstance(mask, Mask)
    assert not mask.takes("image")
