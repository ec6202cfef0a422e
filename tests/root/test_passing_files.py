"""What a process unpacks for a moment does not stay when it is killed."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from bot.passing_files import passing_files
from bot.studio import preparing

UNPACKING = """
import sys, tempfile, time
from bot.passing_files import passing_files
with passing_files():
    with tempfile.TemporaryDirectory() as name:
        open(name + "/model", "wb").write(b"a model")
        print(name, flush=True)
        time.sleep(600)
"""


@pytest.fixture()
def base(tmp_path, monkeypatch):
    """An empty folder for passing files."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def unpacking(base):
    """A process that has unpacked something."""
    command = [sys.executable, "-c", UNPACKING]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(base)})
    return process, Path(process.stdout.readline().strip())


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_what_a_process_leaves_that_is_ended_goes_with_the_next(base, how):
    process, left = unpacking(base)
    process.send_signal(how)
    process.wait()
    assert (left / "model").exists()
    with passing_files():
        assert not left.exists()
    assert list(base.iterdir()) == []


def test_what_a_process_has_that_lives_stays(base):
    process, held = unpacking(base)
    try:
        with passing_files():
            assert (held / "model").exists()
        assert (held / "model").exists()
    finally:
        process.kill()
        process.wait()


def test_what_is_not_ours_stays(base):
    (base / "other").mkdir()
    (base / "credential-assistant-link").symlink_to(base / "other", target_is_directory=True)
    (base / "credential-assistant-notes").write_text("of somebody")
    with passing_files() as folder:
        (folder / "model").write_text("a model")
    assert sorted(path.name for path in base.iterdir()) == [
        "credential-assistant-link",
        "credential-assistant-notes",
        "other",
    ]


def test_processes_that_are_started_within_use_the_same_folder(base):
    with passing_files() as folder:
        command = [sys.executable, "-c", "import tempfile; print(tempfile.gettempdir())"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        assert said == str(folder) == tempfile.gettempdir()
    assert tempfile.gettempdir() == os.environ["TMPDIR"] == str(base)


def test_a_folder_that_another_takes_away_before_it_is_locked_is_made_anew(base, monkeypatch):
    make, made = tempfile.mkdtemp, []

    def seen_by_another(**options):
        made.append(make(**options))
        if len(made) == 1:
            os.rmdir(made[0])
        return made[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", seen_by_another)
    with passing_files() as folder:
        assert folder.is_dir() and str(folder) == made[1]


def test_asking_beforehand_unpacks_where_it_is_taken_away(base, tmp_path, monkeypatch):
    """It is ended whenever somebody tries a draft out."""
    seen = []
    monkeypatch.setattr(preparing, "live_model", lambda files: tmp_path)
    monkeypatch.setattr(preparing, "prepare", lambda *arguments: seen.append(Path(tempfile.gettempdir())))
    preparing.main(tmp_path / "content")
    assert seen[0].parent == base and not seen[0].exists()
