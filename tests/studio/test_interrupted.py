"""Publishing that is killed, or meets a full disk, at each of its steps: nothing is half published."""

import errno
import multiprocessing
import os
import signal
import subprocess
from types import SimpleNamespace

import pytest
import sqlalchemy as sql

from bot import worker
from bot.studio import files
from bot.studio.drafts import DraftState
from bot.studio.files import ContentFiles
from bot.studio.items import Item, ItemKind
from bot.studio.publications import CannotPublish, PublicationState
from bot.studio.repository import Repository, RepositoryFailed
from bot.studio.service import Studio
from tests.studio import killed
from tests.studio.conftest import ANN, BEN, PRIVACY, SHARING, answer, leftovers, published, said, studio_on, tried

FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload(["__main__", "tests.studio.killed"])
OLD, NEW = "Press the old Share.", "Press the new Share."
LIVE_AFTER = ("after the row is live", "before the file is replaced", "after the file is replaced")


def killed_in(work, *arguments):
    process = FORK.Process(target=work, args=arguments)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL, "it came through"


@pytest.fixture()
def ready(studio):
    """A draft that can be published on something that was published before."""
    published(studio, OLD)
    draft = studio.open_draft("New words", ANN)
    studio.edit(draft.id, SHARING, answer(NEW), ANN, 0)
    tried(studio, draft.id)
    return draft.id


def whole(studio):
    """What all processes follow, which must be one of the two and complete."""
    words = said(studio)
    root = studio.root / studio.files.live()["root"]
    assert {path.name for path in root.rglob("*.yml")} >= {"domain.yml", "basics.yml", "rules.yml", "catalogue.yml"}
    return words


@pytest.mark.parametrize("step", killed.STEPS)
def test_a_process_killed_while_it_publishes(studio, ready, folder, database_url, clock, step):
    killed_in(killed.publish, database_url, str(folder), ready, step, clock)
    assert whole(studio) == (NEW if step == "after the file is replaced" else OLD)
    restarted = studio_on(database_url, folder, clock)
    restarted.reconcile()
    expected = NEW if step in LIVE_AFTER else OLD
    assert whole(restarted) == expected and restarted.content().value(SHARING) == answer(expected)
    assert leftovers(restarted) == []
    if expected == OLD:
        assert restarted.draft(ready).state is DraftState.OPEN and not restarted.draft(ready).waiting
        assert [one.state for one in restarted.publications()] == [PublicationState.LIVE]
        restarted.publish(ready, ANN, "Once more")  # at once: nobody waits for a process that is gone
        assert whole(restarted) == NEW
    assert [one.state.value for one in restarted.publications()] == ["live", "past"]
    assert restarted.draft(ready).state is DraftState.PUBLISHED
    restarted.database.engine.dispose()


@pytest.mark.parametrize("step", ["before the commit", "before the row is live", "before the file is replaced"])
def test_a_process_killed_while_it_puts_live_what_was_approved(studio, ready, folder, database_url, clock, step):
    careful = studio_on(database_url, folder, clock, second_person=True)
    asked = careful.publish(ready, ANN, "Say it better")
    killed_in(killed.approve, database_url, str(folder), asked.id, step, clock, BEN)
    careful.reconcile()
    if step not in LIVE_AFTER:
        waits = careful.publication(asked.id)
        assert (waits.state, waits.approved_by, whole(careful)) == (PublicationState.WAITING, "", OLD)
        assert leftovers(careful) == []
        careful.approve(asked.id, BEN)
    assert whole(careful) == NEW and careful.publication(asked.id).approved_by == BEN
    careful.database.engine.dispose()


@pytest.mark.parametrize("step", ["before the commit", "before the row is live", "before the file is replaced"])
def test_a_process_killed_while_it_rolls_back(studio, ready, folder, database_url, clock, step):
    first = studio.live_id()
    studio.publish(ready, ANN, "Say it better")
    killed_in(killed.roll_back, database_url, str(folder), first, step, clock)
    studio.reconcile()
    assert whole(studio) == (OLD if step in LIVE_AFTER else NEW)
    assert leftovers(studio) == [] and (studio.root / f"versions/{first}").is_dir()
    if step not in LIVE_AFTER:
        studio.roll_back(first, ANN)
    assert whole(studio) == OLD


def test_a_full_disk_at_each_file_leaves_everything_as_it_was(studio, ready, monkeypatch):
    write, left = files.write_file, [0]

    def full(path, content):
        left[0] -= 1
        if left[0] < 0:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content[: len(content) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(path, content)

    monkeypatch.setattr(files, "write_file", full)
    refused = 0
    while True:
        left[0] = refused
        try:
            studio.publish(ready, ANN, "Say it better")
            break
        except CannotPublish as error:
            assert "No space left on device" in error.message and "Make room" in error.message
        unchanged(studio, ready)
        refused += 1
        assert refused < 50
    assert refused >= 6  # five files of content and what is live
    assert whole(studio) == NEW and leftovers(studio) == []


def unchanged(studio, draft_id):
    assert whole(studio) == OLD and leftovers(studio) == []
    assert studio.draft(draft_id).state is DraftState.OPEN and not studio.draft(draft_id).waiting
    assert [one.state for one in studio.publications()] == [PublicationState.LIVE]


def full_disk(*arguments, **others):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def failed_commit(*arguments, **others):
    raise RepositoryFailed("Git could not keep the files: No space left on device.")


def commit_on_a_full_disk(*arguments, **others):
    raise RepositoryFailed("The repository cannot be written.") from OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def no_database(*arguments, **others):
    raise sql.exc.OperationalError("", {}, Exception("database or disk is full"))


@pytest.mark.parametrize(
    ("owner", "name", "failure", "words"),
    [
        (ContentFiles, "complete_version", full_disk, "Make room"),
        (Repository, "commit", failed_commit, "Git could not keep the files.*Tell whoever"),
        (Repository, "commit", commit_on_a_full_disk, "Git did not keep it.*Make room"),
        (ContentFiles, "prepare_live", full_disk, "Make room"),
        (Studio, "_become_live", no_database, "database"),
        (ContentFiles, "replace_live", full_disk, "Make room"),
    ],
)
def test_a_failure_at_each_step_leaves_everything_as_it_was(studio, ready, monkeypatch, owner, name, failure, words):
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, failure)
        with pytest.raises(CannotPublish, match=words):
            studio.publish(ready, ANN, "Say it better")
    unchanged(studio, ready)
    studio.publish(ready, ANN, "Say it better")
    assert whole(studio) == NEW


def forbidden(error):
    def refuse(*arguments, **others):
        raise OSError(error, os.strerror(error))

    return refuse


@pytest.mark.parametrize("error", [errno.EROFS, errno.EACCES, errno.EIO])
def test_where_nothing_can_be_written_the_editor_is_told_so_and_nothing_stays(studio, ready, monkeypatch, error):
    """A disk that became read-only takes nothing away either."""
    with monkeypatch.context() as patched:
        patched.setattr(files, "write_file", forbidden(error))
        patched.setattr(files.os, "remove", forbidden(error))
        for attempt in (lambda: studio.publish(ready, ANN, "Say it better"), lambda: studio.roll_back(0, ANN)):
            for _ in range(2):
                with pytest.raises(CannotPublish, match=f"{os.strerror(error)}.*Tell whoever runs the assistant"):
                    attempt()
        studio.reconcile()
    unchanged(studio, ready)
    studio.publish(ready, ANN, "Say it better")
    assert whole(studio) == NEW


def test_a_first_publication_on_a_full_disk_can_be_done_later(studio, monkeypatch):
    draft = studio.open_draft("New words", ANN)
    studio.edit(draft.id, SHARING, answer(NEW), ANN, 0)
    tried(studio, draft.id)
    with monkeypatch.context() as patched:
        patched.setattr(files, "write_file", full_disk)
        with pytest.raises(CannotPublish, match="Make room"):
            studio.publish(draft.id, ANN, "Say it better")
    assert studio.publications() == [] and said(studio) == "Press Share." and leftovers(studio) == []
    assert studio.publish(draft.id, ANN, "Say it better").state is PublicationState.LIVE and said(studio) == NEW


@pytest.mark.parametrize(("owner", "step"), [(Repository, "commit"), (ContentFiles, "prepare_live")])
def test_who_was_taken_for_dead_does_not_publish_over_who_came_after(
    studio, second, ready, clock, monkeypatch, owner, step
):
    """The first stands still for more than a minute, in the middle."""
    other = second.open_draft("Privacy", BEN)
    second.edit(other.id, PRIVACY, answer("Private.", "Who sees my badge?", "Privacy"), BEN, 0)
    tried(second, other.id)
    do, publications = getattr(owner, step), []

    def slow(*arguments):
        if not publications:
            publications.append("first")
            clock.pass_by(61)
            publications.append(second.publish(other.id, BEN, "Privacy"))
        return do(*arguments)

    monkeypatch.setattr(owner, step, slow)
    with pytest.raises(CannotPublish):
        studio.publish(ready, ANN, "Say it better")
    assert studio.live_id() == publications[1].id and whole(studio) == OLD
    assert said(studio, PRIVACY) == "Private." and leftovers(studio) == []
    assert studio.draft(ready).state is DraftState.OPEN


def test_a_commit_that_never_went_live_is_undone_by_the_next(studio, folder, database_url, clock):
    """Also in files that the next publication does not touch."""
    published(studio, OLD)
    greeting = studio.open_draft("Greeting", ANN)
    words = [{"text": "Good day!", "metadata": {"kind": "social"}}]
    studio.edit(greeting.id, Item(ItemKind.RESPONSE, "utter_greet"), words, ANN, 0)
    tried(studio, greeting.id)
    killed_in(killed.publish, database_url, str(folder), greeting.id, "after the commit", clock)
    assert b"Good day!" in committed(studio, "domain.yml")
    studio.reconcile()
    live = published(studio, NEW)
    for file in ("domain.yml", "data/nlu/faq/basics.yml"):
        assert committed(studio, file) == (studio.root / live.root / file).read_bytes()
    assert b"Hello!" in committed(studio, "domain.yml")


def committed(studio, file):
    show = ["git", "--git-dir", str(studio.root / "repository"), "show", f"content:{file}"]
    return subprocess.run(show, capture_output=True, check=True).stdout


def test_the_worker_puts_right_what_was_left(studio, ready, folder, database_url, clock):
    killed_in(killed.publish, database_url, str(folder), ready, "after the row is live", clock)
    assert whole(studio) == OLD
    assert worker.reconciling(SimpleNamespace(studio=studio)).run() <= 60
    assert whole(studio) == NEW


def test_another_database_leaves_the_files_alone(studio, ready, folder, sqlite_url, tmp_path):
    """As of tests, or of a second assistant that was started in the same folder."""
    stranger = studio_on(sqlite_url if "postgresql" in str(studio.database.engine.url) else new_url(tmp_path), folder)
    stranger.database.create_schema()
    model = studio.root / studio.files.live()["model"]
    os.utime(model, (1, 1))
    stranger.reconcile()
    stranger.tidy()
    tried(stranger, changed(stranger), name="of-a-stranger")
    stranger.tidy()
    assert whole(studio) == OLD and model.exists()
    stranger.database.engine.dispose()


def changed(studio):
    draft = studio.open_draft("New words", ANN)
    studio.edit(draft.id, SHARING, answer(NEW), ANN, 0)
    return draft.id


def test_the_worker_takes_away_what_was_tried_and_nobody_needs(studio, ready):
    """Also where nothing is published for weeks."""
    models = [tried(studio, ready).model]
    for words in ("Press it.", "Press it twice."):
        studio.edit(ready, SHARING, answer(words), ANN, studio.draft(ready).version(SHARING))
        models.append(tried(studio, ready).model)
    young = studio.root / "models/just-made.tar.gz"
    young.touch()
    for model in (*models, studio.publications()[0].model):
        os.utime(studio.root / model, (1, 1))
    left = studio.root / "installed/4c.0a.new"
    left.mkdir()
    os.utime(left, (1, 1))
    assert worker.tidying(SimpleNamespace(studio=studio)).run() <= 24 * 3600
    assert [studio.files.has(model) for model in models] == [False, False, True]
    assert studio.files.has(studio.publications()[0].model) and young.exists() and not left.exists()


def new_url(folder):
    return f"sqlite:///{folder}/stranger.db"
