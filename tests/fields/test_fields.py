"""Every field of every kind shows in the sandbox's result as it was asked for, or says why it cannot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from tasks.kinds import KINDS
from tasks.sandbox.sandbox import Sandbox
from tests.fields import in_pictures, moving, selling, speaking
from tests.fields.bench import Bench, Small
from tests.fields.shows import Change, Sheet
from tests.sandbox_fixture import SandboxDriver

SHEETS: Mapping[tuple[str, str], Sheet] = {
    ("video-avatar", ""): speaking.VIDEO_AVATAR,
    ("photo-avatar", ""): speaking.PHOTO_AVATAR,
    ("voice-clone", ""): speaking.VOICE_CLONE,
    ("text-to-voice", ""): speaking.TEXT_TO_VOICE,
    ("image-to-video", ""): moving.IMAGE_TO_VIDEO,
    ("image-to-video-models", ""): moving.BY_MODEL,
    ("product-avatar", ""): in_pictures.PRODUCT_AVATAR,
    ("product-avatar", "video"): in_pictures.SPEAKING_PRODUCT,
    ("product-avatar-v1", ""): in_pictures.FIRST_PICTURES,
    ("product-avatar-v1", "video"): in_pictures.FIRST_VIDEO,
    ("product-anyshoot", ""): in_pictures.ANYSHOOT,
    ("background-removal", ""): in_pictures.BACKGROUND_REMOVAL,
    ("product-page", ""): in_pictures.PRODUCT_PAGE,
    ("marketing-video", ""): selling.MARKETING,
    ("marketing-video", "script"): selling.SCRIPT,
}
FORMS = {
    **{(slug, ""): kind.inputs for slug, kind in KINDS.items()},
    **{(slug, step.slug): step.inputs for slug, kind in KINDS.items() for step in kind.steps if step.inputs},
}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A sandbox in which nothing is left to chance, with an account that can pay for all of it."""
    folder = tmp_path_factory.mktemp("bench")
    with Sandbox(folder / "sandbox", seconds=0, renderer=Small(), seed=7) as running:
        driver = SandboxDriver(running.base_url)
        driver.account(driver.uid, driver.key, 100_000)
        yield Bench(driver, folder)


def changes() -> Iterator[object]:
    for (slug, step), sheet in SHEETS.items():
        for name, entry in sheet.fields.items():
            listed = [] if isinstance(entry, str) else [entry] if isinstance(entry, Change) else entry
            for number, change in enumerate(listed):
                parts = [slug, step, name, str(number) if len(listed) > 1 else ""]
                yield pytest.param(sheet, change, id="-".join(part for part in parts if part))


def test_every_field_says_how_it_shows_or_why_it_cannot() -> None:
    told = {form: sorted(sheet.fields) for form, sheet in SHEETS.items()}
    assert told == {
        form: sorted(name for name, _field in inputs.own_fields()) for form, inputs in FORMS.items()
    }


@pytest.mark.parametrize(("sheet", "change"), list(changes()))
def test_an_answer_shows_in_the_result(sheet: Sheet, change: Change, bench: Bench) -> None:
    usual = {**sheet.usual, **change.beside}
    before, after = sheet.make(bench, usual), sheet.make(bench, {**usual, **change.to})
    change.shows(before, after)
    with pytest.raises(AssertionError):
        change.shows(before, before)


def test_an_export_is_the_film_that_was_previewed(bench: Bench) -> None:
    selling.is_the_order_that_was_previewed(bench)
