"""The studio's own repository: what Git keeps of what is published, and that all works without it."""

import errno
import os
import subprocess
import time
from pathlib import Path

import pytest

from bot.studio.repository import BRANCH, STALE_SECONDS, Repository, RepositoryFailed
from tests.studio.folder import FILES, made


@pytest.fixture
def root(tmp_path):
    return made(tmp_path / "installed")


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "content" / "repository")


def git(folder, *arguments):
    identity = ["-c", "user.name=Developer", "-c", "user.email=developer@example.com"]
    found = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, check=True)
    return found.stdout.decode()


def cloned(tmp_path):
    git(tmp_path, "clone", "--quiet", str(tmp_path / "content" / "repository"), "clone")
    return tmp_path / "clone"


def test_developers_fetch_what_was_published(repository, root, tmp_path):
    commit = repository.commit({"domain.yml": "version: 2\n"}, "jane@example.com", "New words\n\nThey ask so.", root)
    clone = cloned(tmp_path)
    assert git(clone, "rev-parse", f"origin/{BRANCH}").strip() == commit
    assert (clone / "domain.yml").read_text() == "version: 2\n"
    assert (clone / "data/topics.yml").read_text() == FILES["data/topics.yml"]
    told = git(clone, "log", "--format=%an <%ae> %cn|%s|%b").split("\n")
    assert told[0] == "jane@example.com <jane@example.com> Content studio|New words|They ask so."
    assert "Content as installed" in git(clone, "log", "--format=%s", "--reverse").split("\n")[0]


def test_a_folder_relative_to_where_the_program_was_started_is_as_good(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    repository = Repository(Path("content/repository"))
    first = repository.commit({"domain.yml": "version: 2\n"}, "jane@example.com", "New words", root)
    second = repository.commit({"domain.yml": "version: 3\n"}, "jane@example.com", "Newer words", root)
    assert git(cloned(tmp_path), "log", "--format=%H", "--max-count=2").split() == [second, first]


def test_the_history_of_the_installation_goes_on(repository, root, tmp_path):
    git(root, "init", "--quiet")
    (root / "README.md").write_text("Read me")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "By a developer")
    head = git(root, "rev-parse", "HEAD").strip()
    first = repository.commit({"domain.yml": "version: 2\n"}, "Jane", "One", root)
    clone = cloned(tmp_path)
    assert git(clone, "rev-parse", f"{first}^").strip() == head
    assert (clone / "README.md").read_text() == "Read me"
    assert git(root, "status", "--porcelain") == ""


def test_content_that_was_installed_without_being_committed_comes_first(repository, root, tmp_path):
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "By a developer")
    (root / "domain.yml").write_text("version: 1.5\n")
    (root / "data/catalogue.yml").unlink()
    commit = repository.commit({"domain.yml": "version: 2\n"}, "Jane", "One", root)
    assert [entry["message"] for entry in repository.log(9)] == ["One", "Content as installed", "By a developer"]
    assert "-version: 1.5\n+version: 2\n" in repository.show(commit)
    assert not (cloned(tmp_path) / "data/catalogue.yml").exists()


def test_files_are_kept_as_they_are_and_taken_away(repository, root, tmp_path):
    text = "a: “b”\r\n\n\tc 😀\x0b"
    repository.commit({"data/topics.yml": text, "data/catalogue.yml": None, "data/nlu/new.yml": ""}, "J", "One", root)
    clone = cloned(tmp_path)
    assert (clone / "data/topics.yml").read_bytes().decode() == text
    assert not (clone / "data/catalogue.yml").exists() and (clone / "data/nlu/new.yml").read_text() == ""


def test_commits_are_listed_newest_first_and_shown(repository, root):
    one = repository.commit({"domain.yml": "a: 1\n"}, "Jane", "One", root)
    two = repository.commit({"domain.yml": "a: 2\n"}, "Joe", "Two\n\nLines", root)
    first, second = repository.log(2)
    assert (first["id"], first["author"], first["message"]) == (two, "Joe", "Two\n\nLines")
    assert (second["id"], second["author"]) == (one, "Jane") and "T" in first["at"]
    assert repository.show(two).startswith("diff --git a/domain.yml b/domain.yml")
    assert "-a: 1\n+a: 2\n" in repository.show(two)


@pytest.mark.parametrize("commit", ["", "HEAD", "--output=/tmp/x", "0" * 40, "content", "a" * 39])
def test_what_is_no_commit_shows_nothing(repository, root, commit):
    repository.commit({"domain.yml": "a: 1\n"}, "Jane", "One", root)
    assert repository.show(commit) == ""


def test_the_same_is_not_committed_twice_in_a_row(repository, root):
    one = repository.commit({"domain.yml": "a: 1\n"}, "Jane", "One  ", root)
    assert repository.commit({"domain.yml": "a: 1\n"}, "Jane", "One", root) == one
    assert repository.commit({"domain.yml": "a: 1\n"}, "Jane", "Back to one", root) != one
    assert len(repository.log(9)) == 3


@pytest.mark.parametrize(
    "path",
    ["../x.yml", "/etc/passwd", "data/../../x", ".git/config", "data/.git/hooks/x", "bot/x.py", "data/a\nb", "data/"],
)
def test_no_other_file_than_content_is_ever_written(repository, root, path):
    with pytest.raises(RepositoryFailed, match="files of the content"):
        repository.commit({path: "x"}, "Jane", "One", root)


@pytest.mark.parametrize("author", ["", " <> ", "Jane <x> \n Doe", "-x", "--amend", "é 😀", "a" * 999, "\x00", "..."])
@pytest.mark.parametrize("message", ["", "\n# no comment\n", "--amend", "a\x00b", "😀 <x>" * 2000, "-F/etc/passwd"])
def test_whatever_is_typed_as_author_or_message_is_only_words(tmp_path_factory, author, message):
    folder = tmp_path_factory.getbasetemp() / "hostile" / "repository"
    repository, root = Repository(folder), made(tmp_path_factory.getbasetemp() / "hostile" / "installed")
    count = len(repository.log(999))
    commit = repository.commit({"domain.yml": f"a: {count}\n"}, author, message, root)
    newest = repository.log(1)[0]
    assert newest["id"] == commit and newest["author"] and newest["message"]
    assert "\n" not in newest["author"] and "/etc/passwd" not in newest["message"].removeprefix("-F/etc/passwd")


def test_nothing_of_the_machine_has_a_say(repository, root, tmp_path, monkeypatch):
    """A user's settings, hooks and variables of Git do nothing."""
    home, hook, seen = tmp_path / "home", tmp_path / "hooks" / "reference-transaction", tmp_path / "seen"
    home.mkdir()
    hook.parent.mkdir()
    hook.write_text(f"#!/bin/sh\ntouch {seen}\nexit 1\n")
    hook.chmod(0o755)
    settings = f"[core]\nhooksPath = {hook.parent}\nautocrlf = true\n[user]\nname = Someone\n[commit]\ngpgSign = true\n"
    (home / ".gitconfig").write_text(settings)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Someone")
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    repository.commit({"domain.yml": "a: 1\r\n"}, "Jane", "One", root)
    (repository._folder / "hooks").mkdir(exist_ok=True)
    hook.rename(repository._folder / "hooks" / hook.name)
    repository.commit({"domain.yml": "a: 2\r\n"}, "Jane", "Two", root)
    assert repository.log(1)[0]["author"] == "Jane" and not seen.exists()
    assert not (tmp_path / "elsewhere").exists() and not (tmp_path / "index").exists()


def test_a_lock_that_a_killed_process_has_left_does_not_stop_the_next(repository, root):
    repository.commit({"domain.yml": "a: 1\n"}, "Jane", "One", root)
    (lock,) = [repository._folder / "refs" / "heads" / f"{BRANCH}.lock"]
    lock.touch()
    with pytest.raises(RepositoryFailed):
        repository.commit({"domain.yml": "a: 2\n"}, "Jane", "Two", root)
    before = time.time() - STALE_SECONDS - 1
    os.utime(lock, (before, before))
    repository.commit({"domain.yml": "a: 2\n"}, "Jane", "Two", root)
    assert repository.log(1)[0]["message"] == "Two"


def test_without_git_every_call_works_and_keeps_nothing(tmp_path, root):
    repository = Repository(tmp_path / "content" / "repository", program="no-such-git")
    assert not repository.available()
    assert repository.commit({"domain.yml": "a: 1\n"}, "Jane", "One", root) == ""
    assert repository.log(5) == [] and repository.show("0" * 40) == ""
    assert not (tmp_path / "content").exists()


def test_a_program_that_is_no_git_counts_as_none(tmp_path, root):
    assert not Repository(tmp_path, program="false").available()


def test_a_git_that_hangs_is_ended(tmp_path, root, monkeypatch):
    program = tmp_path / "git"
    program.write_text('#!/bin/sh\n[ "$1" = --version ] && echo git version 2 && exit\nexec sleep 60\n')
    program.chmod(0o755)
    repository = Repository(tmp_path / "repository", program=str(program))
    assert repository.available()
    monkeypatch.setattr("bot.studio.repository.SECONDS", 0.2)
    with pytest.raises(RepositoryFailed, match="took longer"):
        repository.commit({"domain.yml": "a: 1\n"}, "Jane", "One", root)
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith("repository")] == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path, root):
    (tmp_path / "file").write_text("x")
    with pytest.raises(RepositoryFailed):
        Repository(tmp_path / "file" / "repository").commit({"domain.yml": "a: 1\n"}, "Jane", "One", root)


@pytest.mark.parametrize("command", ["read-tree", "hash-object", "update-index", "write-tree", "commit-tree"])
def test_a_disk_that_is_full_for_git_is_told_as_that(repository, root, tmp_path, command):
    repository.commit({"domain.yml": "a: 1\n"}, "Jane", "One", root)
    program = tmp_path / "full-git"
    full = "echo 'fatal: unable to write: No space left on device' >&2; exit 128"
    program.write_text(f'#!/bin/sh\ncase " $* " in *" {command} "*) {full};; esac\nexec git "$@"\n')
    program.chmod(0o755)
    full_one = Repository(tmp_path / "content" / "repository", program=str(program))
    with pytest.raises(RepositoryFailed, match="No space left on device") as refused:
        full_one.commit({"domain.yml": "a: 2\n"}, "Jane", "Two", root)
    assert refused.value.__cause__.errno == errno.ENOSPC
