"""Old temporary files go, fresh ones stay."""

import os
import time
from pathlib import Path

from tasks.commands.sweep import OLD, sweep_temporary_files


def aged(path: Path) -> Path:
    """The path, with the time stamp of something long forgotten."""
    before = time.time() - OLD.total_seconds() - 60
    os.utime(path, (before, before))
    return path


def test_what_a_killed_process_left_a_day_ago_is_removed(settings, tmp_path: Path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    (tmp_path / "output-old").mkdir()
    (tmp_path / "output-old" / "file").write_bytes(b"half a film")
    (tmp_path / "upload-old").write_bytes(b"half a picture")
    gone = [aged(tmp_path / "output-old"), aged(tmp_path / "upload-old")]
    sweep_temporary_files()
    assert [path.exists() for path in gone] == [False, False]


def test_what_is_being_written_stays(settings, tmp_path: Path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    (tmp_path / "output-new").mkdir()
    sweep_temporary_files()
    assert (tmp_path / "output-new").is_dir()
