"""The folder CONTENT_PATH where several processes write at once."""

import os
import tarfile

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


def test_what_killed_processes_left_half_written_goes_after_a_day(tmp_path):
    places = [tmp_path / name for name in ("live.3.new", "models/a.tar.gz.1f.new", "trials/kept/answers.json.2e.new")]
    young = tmp_path / "models/b.tar.gz.3d.new"
    for path in (*places, young):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    for path in places:
        os.utime(path, (1, 1))
    ContentFiles(tmp_path).remove_archives((), ())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [young]
