"""With the real renderer: every product's result is a file that decodes, made from the actual inputs."""

import io
import math
import struct
import urllib.request
import wave
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from PIL import Image

from tasks.sandbox.rendering import InProcess
from tasks.sandbox.sandbox import Sandbox
from tests.fields.bench import Small
from tests.sandbox.examples import BY_CONTRACT, SUBMITS, Ids
from tests.sandbox_fixture import SandboxDriver


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxDriver]:
    """Its films are smaller than they are asked for: most of the work lies in their pixels."""
    store = tmp_path_factory.mktemp("small")
    with Sandbox(store, seconds=0, renderer=Small(fps=12)) as running:
        yield SandboxDriver(running.base_url)


@pytest.fixture
def full_studio(tmp_path: Path) -> Iterator[SandboxDriver]:
    """Its films are as large as they are asked for."""
    with Sandbox(tmp_path / "full", seconds=0, renderer=InProcess()) as running:
        yield SandboxDriver(running.base_url)


@pytest.fixture(scope="module")
def inputs(studio: SandboxDriver) -> Ids:
    return files_at(studio)


def files_at(studio: SandboxDriver) -> Ids:
    picture = io.BytesIO()
    Image.new("RGB", (180, 320), "teal").save(picture, "PNG")
    white = io.BytesIO()
    Image.new("L", (180, 320), "white").save(white, "PNG")
    image, mask = (studio.upload(one.getvalue(), "png") for one in (picture, white))
    return Ids(image=image, video=image, audio=studio.upload(tone(1.5), "wav"), mask=mask)


def tone(seconds: float) -> bytes:
    """A hum as a WAV file."""
    data = io.BytesIO()
    with wave.open(data, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        waves = (int(9000 * math.sin(n / 4)) for n in range(int(8000 * seconds)))
        sound.writeframes(b"".join(struct.pack("<h", level) for level in waves))
    return data.getvalue()


def addresses(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from addresses(inner)
    elif isinstance(value, str) and "/sandbox/results/" in value:
        yield value


@pytest.mark.parametrize("operation", SUBMITS)
def test_a_result_decodes(operation: str, studio: SandboxDriver, inputs: Ids, tmp_path: Path):
    example = SUBMITS[operation]
    number = studio.result("POST", example.submit, example.body(inputs))["taskId"]
    result = studio.wait(example.query, number, seconds=120)
    assert result.get("status", result.get("taskStatus")) == "success", result
    found = list(dict.fromkeys(addresses(result)))
    assert found
    for url in found[:2]:
        path = tmp_path / url.split("?")[0].rsplit("/", 1)[-1]
        with urllib.request.urlopen(url, timeout=30) as response:
            path.write_bytes(response.read())
        check(path)


def test_films_pictures_and_sounds_by_the_contract_are_as_they_were_asked_for(
    full_studio: SandboxDriver, tmp_path: Path
):
    studio, inputs = full_studio, files_at(full_studio)

    def made(name: str, more: dict[str, object]) -> Path:
        example = BY_CONTRACT[name]
        number = studio.result("POST", example.submit, example.body(inputs) | more)["taskId"]
        (url, *_rest) = addresses(studio.wait(example.query, number, seconds=120))
        path = tmp_path / f"{name}{Path(url.split('?')[0]).suffix}"
        with urllib.request.urlopen(url, timeout=30) as response:
            path.write_bytes(response.read())
        return path

    asked = {"aspectRatio": "16:9", "duration": 3, "generatingCount": 1, "resolution": 720}
    film = made("submitText2Video", asked)
    again = made("submitVideoObjectRemove", {"videoFileId": studio.upload(film.read_bytes(), "mp4")})
    for path in (film, again):
        with av.open(str(path)) as media:
            shown = media.streams.video[0]
            assert (shown.width, shown.height) == (1280, 720)
            assert float(media.duration or 0) / av.time_base == pytest.approx(3, abs=0.2)
    wide = {"model": "Nano Banana 2", "aspectRatio": "21:9", "resolution": "512p", "generateCount": 1}
    with Image.open(made("submitText2Image", wide)) as picture:
        assert picture.size == (1194, 512)
    with av.open(str(made("submitAiMusic", {}))) as media:
        assert float(media.duration or 0) / av.time_base == pytest.approx(8, abs=0.2)


def check(path: Path) -> None:
    if path.suffix == ".png":
        with Image.open(path) as picture:
            assert min(picture.size) >= 100
        return
    with av.open(str(path)) as media:
        stream = media.streams.video[0] if media.streams.video else media.streams.audio[0]
        frames = sum(1 for _frame in media.decode(stream))
        assert frames > 10
        if path.suffix == ".mp4":
            assert {one.codec_context.name for one in media.streams} == {"h264", "aac"}
