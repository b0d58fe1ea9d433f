"""`manage.py new_kind`: what it writes from the contract is a kind that runs, with its examples."""

import json
from importlib import util
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from tasks.contract import load
from tasks.kinds import KINDS
from tasks.kinds.base import DemoFile, FailedPart, Output, TaskKind, UnexpectedShape
from tasks.management.skeleton import NoSkeleton, skeleton

from .contract import answer_problems, body_problems
from .world import FILE_IDS, PHOTO, RECORDING, Library, SmallCatalog, posted

CONTRACT = load()
SERVED = {step.wire.operation for kind in KINDS.values() for step in kind.steps}
UNSERVED = [one.id for one in CONTRACT.operations.values() if one.creates_work and one.id not in SERVED]
SLUG = "sample-kind"


def written(folder: Path, operation: str) -> TaskKind:
    """The kind that the command writes into a folder."""
    call_command("new_kind", operation, slug=SLUG, into=folder, verbosity=0)
    spec = util.spec_from_file_location("sample_kind", folder / "tasks/kinds/sample_kind.py")
    assert spec is not None and spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: TaskKind = module.KIND
    return found


def in_the_library(file: DemoFile) -> UUID:
    return (RECORDING if file.path.suffix == ".mp3" else PHOTO).id


@pytest.mark.parametrize("operation", UNSERVED)
def test_the_kind_keeps_to_the_contract_in_all_its_examples(operation: str, tmp_path: Path) -> None:
    try:
        skeleton(CONTRACT, operation, SLUG)
    except NoSkeleton as problem:
        assert len(str(problem)) > 20
        return
    kind = written(tmp_path, operation)
    (step,) = kind.steps
    examples = tmp_path / "tests/kinds/examples" / SLUG
    told = {path.stem: json.loads(path.read_text()) for path in examples.iterdir()}
    assert len(told) == 5
    plain = told["submit_plain"]
    form = kind.inputs(posted(plain["answers"]), files=Library(), catalog=SmallCatalog())
    assert form.errors == {}
    body = step.body(json.loads(json.dumps(form.brief())), FILE_IDS)
    assert body == plain["body"]
    assert body_problems(operation, body) == []
    if kind.demo is not None:
        demo = kind.demo.data(kind.inputs, upload=in_the_library, pick=SmallCatalog().at)
        assert kind.inputs(demo, files=Library(), catalog=SmallCatalog()).errors == {}
    for name in ("answer_running", "answer_success", "answer_fail"):
        assert answer_problems(step.wire.query_operation, told[name]["result"]) == []
        found = list(step.outputs(told[name]["result"], form.brief()))
        assert found == [Output(**row) for row in told[name]["outputs"]]
        failed = [FailedPart(**row) for row in told[name]["failed"]]
        assert list(step.failed_parts(told[name]["result"], form.brief())) == failed
    (wrong,) = (one for name, one in told.items() if name.startswith("wrong"))
    assert answer_problems(step.wire.query_operation, wrong["result"])
    with pytest.raises(UnexpectedShape):
        list(step.outputs(wrong["result"], form.brief()))


def test_what_cannot_be_a_skeleton_is_said_with_its_reason(tmp_path: Path) -> None:
    for operation, said in (
        ("noSuchOperation", "no submit"),
        ("queryText2Image", "no submit"),
        ("submitVideoTracking", "videoProcessTaskId"),
    ):
        with pytest.raises(CommandError, match=said):
            call_command("new_kind", operation, slug=SLUG, into=tmp_path)
    with pytest.raises(CommandError, match="slug"):
        call_command("new_kind", "submitText2Image", slug="Text To Image", into=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_file_is_written_over(tmp_path: Path) -> None:
    written(tmp_path, "submitText2Image")
    module = tmp_path / "tasks/kinds/sample_kind.py"
    module.write_text("# Gone over.\n")
    with pytest.raises(CommandError, match="there already"):
        call_command("new_kind", "submitText2Image", slug=SLUG, into=tmp_path)
    assert module.read_text() == "# Gone over.\n"
