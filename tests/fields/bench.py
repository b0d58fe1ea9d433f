"""The way of an answer: a kind's form, its body, a sandbox over HTTP, and the file that comes back."""

import array
import io
import json
import math
import urllib.request
import wave
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from PIL import Image, ImageDraw

from tasks.contract import load
from tasks.kinds.base import CatalogEntry, FileFacts, KindForm, Output, Step, TaskKind
from tasks.sandbox.render import Rendered, RenderJob
from tasks.sandbox.rendering import InProcess
from tests.fields.seen import Film, Seen
from tests.kinds.world import Library, SmallCatalog
from tests.media.samples import make_video
from tests.sandbox_fixture import SandboxDriver

# Films are rendered at this part of their size, and with as few pictures a second: what shows stays the same.
PART, FPS = 2, 6
NAMES = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
# Hertz.
LOW, HIGH = 300, 900
TONES = {"low": (LOW, 2.0), "high": (HIGH, 2.0), "sample": (LOW, 10.0), "other-sample": (HIGH, 10.0)}
RED, BLUE, GREEN, YELLOW = (200, 20, 30), (32, 64, 200), (20, 140, 60), (240, 200, 20)


class Small(InProcess):
    """Renders films smaller than they are asked for, and in fewer pictures."""

    def __init__(self, *, fps: int = FPS) -> None:
        self.fps = fps

    def render(self, job: RenderJob) -> list[Rendered]:
        return super().render(replace(job, height=(job.height or 720) // PART, fps=self.fps))


@dataclass(frozen=True)
class Made:
    """What came of one order: TopView's id, what the kind reads in the answer, and the files behind it."""

    number: str
    outputs: tuple[Output, ...]
    seen: tuple[Seen, ...]

    @property
    def film(self) -> Film:
        """The first file, which is a film or a sound."""
        found = self.seen[0]
        assert isinstance(found, Film)
        return found

    @property
    def picture(self) -> Image.Image:
        """The first file, which is a picture."""
        found = self.seen[0]
        assert isinstance(found, Image.Image)
        return found


@dataclass
class Bench:
    """A sandbox with a few files on it, and orders made there as the portal would make them."""

    sandbox: SandboxDriver
    folder: Path
    files: dict[str, FileFacts] = field(default_factory=dict)
    file_ids: dict[str, str] = field(default_factory=dict)
    entries: list[CatalogEntry] = field(default_factory=list)
    known: dict[str, Made] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._bring_files()
        self._read_catalogs()

    def make(self, kind: TaskKind, slug: str, answers: Mapping[str, Any], asked: Mapping[str, Any]) -> Made:
        """The results of one step; the same order is made once. `asked` is what steps before have left."""
        key = json.dumps([kind.slug, slug, answers, asked], sort_keys=True)
        if key not in self.known:
            self.known[key] = self._made(kind, kind.step(slug), answers, asked)
        return self.known[key]

    def form(self, inputs: type[KindForm], answers: Mapping[str, Any]) -> KindForm:
        """A valid form with these answers: "file:red" is that file, "entry:voices/1" the second voice."""
        named = {name: self._named(value) for name, value in answers.items()}
        form = inputs(named, files=Library(*self.files.values()), catalog=SmallCatalog(tuple(self.entries)))
        assert form.is_valid(), form.errors.as_json()
        return form

    def _made(self, kind: TaskKind, step: Step, answers: Mapping[str, Any], asked: Mapping[str, Any]) -> Made:
        inputs = step.follow_up.inputs or (kind.inputs if step is kind.steps[0] else None)
        brief = {**asked, **(self.form(inputs, answers).brief() if inputs else {})}
        body = json.loads(json.dumps(step.body(brief, self.file_ids)))
        number = self.sandbox.result("POST", step.wire.submit_path, body)["taskId"]
        result = self.sandbox.wait(step.wire.query_path, number, seconds=120)
        assert result.get("status", result.get("taskStatus")) == "success", result
        outputs = tuple(step.outputs(result, {**brief, "remote_id": number}))
        assert self.sandbox.violations() == []
        return Made(number, outputs, tuple(_fetched(output) for output in outputs if output.url))

    def _named(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._named(one) for one in value]
        sort, _colon, name = value.partition(":") if isinstance(value, str) else ("", "", "")
        if sort == "file":
            return str(self.files[name].id)
        if sort == "entry":
            catalog_name, _slash, position = name.partition("/")
            return [one.id for one in self.entries if one.catalog_name == catalog_name][int(position)]
        return value

    def _bring_files(self) -> None:
        for name, picture in _pictures().items():
            self._bring_picture(name, picture)
        for name, (pitch, seconds) in TONES.items():
            self._bring(name, "audio", _tone(pitch, seconds), "wav", seconds=seconds)
        clip = make_video(self.folder / "clip.mp4", 2, (640, 480)).read_bytes()
        self._bring("clip", "video", clip, "mp4", width=640, height=480, seconds=2.0)

    def _bring_picture(self, name: str, picture: Image.Image) -> None:
        data = io.BytesIO()
        picture.save(data, "PNG")
        self._bring(name, "image", data.getvalue(), "png", width=picture.width, height=picture.height)

    def _bring(self, name: str, role: Any, content: bytes, ending: str, **facts: Any) -> None:
        number = uuid5(NAMES, name)
        self.files[name] = FileFacts(number, role, f"{name}.{ending}", len(content), ending, **facts)
        self.file_ids[str(number)] = self.sandbox.upload(content, ending)

    def _read_catalogs(self) -> None:
        contract = load()
        # The second voice is of another gender than the first.
        first, *others = contract.rows("voices")
        others.sort(key=lambda row: row["gender"] == first["gender"])
        for row in (first, *others):
            facts = {"language": row["language"], "gender": row["gender"]}
            self._shelve("voices", row["voiceId"], row["voiceName"], **facts)
        for row in contract.rows("ai_avatars"):
            self._shelve("avatars", row["aiavatarId"], row["aiavatarName"], default_voice=None)
        for row in contract.rows("captions"):
            self._shelve("captions", row["captionId"], row["captionId"])
        for row in self.sandbox.result("GET", "/v1/photo_avatar/template/list?isCustom=false")["data"][:2]:
            self._shelve("photo-avatars", row["avatarId"], "Photo")
        for name in ("red", "blue"):
            asked = {"templateImageFileId": self.file_ids[str(self.files[name].id)]}
            number = self.sandbox.result("POST", "/v1/photo_avatar/template/create", asked)
            self._shelve("own-avatars", number, name)

    def read_pictured_catalogs(self) -> None:
        """Bring in those whose pictures are measured, which the sandbox draws first: that takes long."""
        contract = load()
        for row in contract.rows("public_product_avatars")[:2]:
            self._shelve("product-avatars", row["avatarId"], "Model", **self._size(row["avatarImagePath"]))
        for number, row in enumerate(contract.rows("anyshoot_templates")[:2]):
            sizes = self._size(row["templateImageUrl"])
            self._shelve("anyshoot-templates", row["templateId"], "Template", **sizes)
            mask = Image.new("L", (sizes["width"], sizes["height"]), 255)
            self._bring_picture(f"template-mask-{number}", mask)

    def _size(self, address: str) -> dict[str, int]:
        with urllib.request.urlopen(f"{self.sandbox.base_url}{address}", timeout=60) as answer:
            picture = Image.open(io.BytesIO(answer.read()))
        return {"width": picture.width, "height": picture.height}

    def _shelve(self, catalog_name: str, number: str, name: str, **facts: Any) -> None:
        self.entries.append(CatalogEntry(number, name, catalog_name, facts))


def _fetched(output: Output) -> Seen:
    with urllib.request.urlopen(output.url, timeout=60) as answer:
        content = answer.read()
    if output.role == "image":
        picture = Image.open(io.BytesIO(content))
        picture.load()
        return picture
    return Film.of(content)


def _tone(pitch: int, seconds: float) -> bytes:
    """A hum as a WAV file, of whole Hertz and seconds."""
    data, rate = io.BytesIO(), 22_050
    with wave.open(data, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        turn = 2 * math.pi * pitch / rate
        second = array.array("h", (int(20_000 * math.sin(turn * at)) for at in range(rate)))
        sound.writeframes((second * int(seconds)).tobytes())
    return data.getvalue()


def _pictures() -> dict[str, Image.Image]:
    """Scenes of one colour, products on a white ground, and masks."""
    colors = {"red": RED, "blue": BLUE, "green": GREEN, "yellow": YELLOW}
    found = {name: Image.new("RGB", (540, 960), color) for name, color in colors.items()}
    found["wide"] = Image.new("RGB", (960, 540), GREEN)
    for name, color in (("product", RED), ("other-product", YELLOW)):
        found[name] = Image.new("RGB", (600, 600), (250, 250, 250))
        ImageDraw.Draw(found[name]).rectangle((180, 120, 420, 480), fill=color)
    boxes = {"upper": (60, 60, 480, 420), "lower": (60, 540, 480, 900)}
    for name, box in boxes.items():
        found[name] = Image.new("L", (540, 960), 0)
        ImageDraw.Draw(found[name]).rectangle(box, fill=255)
    found["half-product"] = Image.new("L", (600, 600), 0)
    ImageDraw.Draw(found["half-product"]).rectangle((180, 120, 420, 240), fill=255)
    return found
