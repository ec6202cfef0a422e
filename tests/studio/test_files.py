"""The folder CONTENT_PATH where several processes write at once."""

from bot.studio import files as module
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
