"""The folder CONTENT_PATH where several processes write at once."""

import errno
import os
import tarfile

import pytest

from bot.studio import files as module
from bot.studio import model_archive
from bot.studio.files import ContentFiles
from tests.studio.folder import made


def test_who_keeps_what_is_installed_is_not_disturbed_by_another_that_is_quicker(tmp_path, monkeypatch):
    """Threads of one process, or containers that share a folder, where each process has the same number."""
    installation, root = made(tmp_path / "installed"), tmp_path / "content"
    first, quicker = ContentFiles(root, installation), ContentFiles(root, installation)
    sync, kept = module._sync, []

    def interrupted(folder):
        monkeypatch.setattr(module, "_sync", sync)
        kept.append(quicker.keep_installed())
        sync(folder)

    monkeypatch.setattr(module, "_sync", interrupted)
    kept.append(first.keep_installed())
    assert len(kept) == 2 and kept[0] == kept[1]
    assert [path.name for path in (root / module.INSTALLED_COPIES).iterdir()] == [kept[0]]
    assert first.digest(first.installed_copy(kept[0])) == kept[0]


def test_two_processes_that_make_the_same_model_leave_a_whole_one(tmp_path, monkeypatch):
    """Two drafts with the same changes, tried by two workers."""
    unpacked = model_archive.Unpacked(tmp_path / "unpacked")
    (unpacked.folder / "components").mkdir(parents=True)
    (unpacked.folder / "metadata.json").write_text("{}")
    archive, add = tmp_path / "models" / "same.tar.gz", tarfile.TarFile.add
    archive.parent.mkdir()

    def interrupted(tar, *given):
        monkeypatch.setattr(tarfile.TarFile, "add", add)
        unpacked.pack(archive)
        add(tar, *given)

    monkeypatch.setattr(tarfile.TarFile, "add", interrupted)
    unpacked.pack(archive)
    with tarfile.open(archive) as tar:
        assert tar.getnames() == ["components", "metadata.json"]
    assert [path.name for path in archive.parent.iterdir()] == ["same.tar.gz"]


def test_what_killed_processes_left_goes_after_a_day(tmp_path):
    """A file of it, or the folder it was made in."""
    left = ["live.3.new", "models/a.tar.gz.1f.new", "trials/kept/answers.json.2e.new", "installed/4c.0a.new/domain.yml"]
    left += ["versions/3.5b.new/domain.yml", "trials/7/domain.yml", "repository.x1/HEAD", "repository/index.x2/index"]
    kept = ["live", "models/a.tar.gz", "trials/kept/a.npz", "installed/4c/domain.yml", "versions/3/domain.yml"]
    kept += ["repository/HEAD", "repository/objects/4c", "erasures"]
    young = [
        name.replace("new", "9.new") if "new" in name else name.replace("x", "y").replace("7", "8") for name in left
    ]
    for name in (*left, *kept, *young):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for path in tmp_path.rglob("*"):
        if not any((tmp_path / name).is_relative_to(path) and name not in left for name in (*kept, *young)):
            os.utime(path, (1, 1))
    ContentFiles(tmp_path).remove_left()
    assert files_of(tmp_path) == sorted((*kept, *young))


def files_of(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("code", "helps"),
    [
        (errno.ENOSPC, "Make room"),
        (errno.EDQUOT, "Make room"),
        (errno.EROFS, "Tell whoever runs"),
        (errno.EACCES, "Tell whoever runs"),
        (errno.EIO, "Tell whoever runs"),
    ],
)
def test_an_editor_is_told_to_make_room_only_where_that_helps(code, helps):
    assert helps in module.what_helps(OSError(code, os.strerror(code)))
