"""The worker starts a process for each draft that waits to be tried out, and ends it when it ends itself."""

import os
import socket
import sys
import threading

import pytest

from bot import clock
from bot.database import Database
from bot.studio.drafts import TrialState
from bot.studio.files import ContentFiles
from bot.studio.items import Item, ItemKind
from bot.studio.repository import Repository
from bot.studio.service import Studio
from bot.studio.store import TRIAL_DIED
from bot.studio.trial_processes import NOT_STARTED, STOPPED, TrialProcesses, trial_command
from tests.waiting import wait_until

EDITOR = "eda@example.com"
SHARING = Item(ItemKind.EXAMPLES, "faq/sharing_options")


@pytest.fixture()
def studio(sqlite_url, tmp_path):
    database = Database(sqlite_url)
    yield Studio(database, ContentFiles(tmp_path / "content"), Repository(tmp_path / "git"), clock.now)
    database.engine.dispose()


def waiting(studio):
    draft = studio.open_draft("More on sharing", EDITOR)
    value = studio.content().value(SHARING)
    studio.edit(draft.id, SHARING, [*value, "how do i shout about my shiny thing"], EDITOR, 0)
    return studio.try_out(draft.id, EDITOR)


def program(text):
    return lambda trial_id: [sys.executable, "-c", text, str(trial_id)]


def test_a_draft_that_waits_gets_a_process(studio, tmp_path):
    trial, noted = waiting(studio), tmp_path / "noted"
    lower = min(19, 10 + os.nice(0))
    note = f"""
import os, sys, time
end = time.monotonic() + 60
while os.nice(0) != {lower}:  # it is set once the process runs
    assert time.monotonic() < end
    time.sleep(0.01)
open({str(noted)!r}, "w").write(sys.argv[1])
"""
    processes = TrialProcesses(studio, threading.Event(), program(note))
    assert processes.look() == 0.0
    assert int(noted.read_text()) == trial.id


def test_nothing_is_started_where_nothing_waits(studio, tmp_path):
    started, prepared = tmp_path / "started", tmp_path / "prepared"
    prepares = lambda content: [sys.executable, "-c", f"open({str(prepared)!r}, 'w')"]  # noqa: E731
    processes = TrialProcesses(studio, threading.Event(), program(f"open({str(started)!r}, 'w')"), prepares)
    assert processes.look() > 0 and not started.exists() and not prepared.exists()


def test_once_somebody_edits_what_is_live_is_asked_beforehand_once(studio, tmp_path):
    prepared = tmp_path / "prepared"
    note = f"import sys; open({str(prepared)!r}, 'a').write(sys.argv[1] + '\\n')"
    prepares = lambda content: [sys.executable, "-c", note, str(content)]  # noqa: E731
    draft = studio.open_draft("More on sharing", EDITOR)
    studio.edit(draft.id, SHARING, [*studio.content().value(SHARING), "shout it out"], EDITOR, 0)
    processes = TrialProcesses(studio, threading.Event(), program(""), prepares)
    processes.look()
    processes.look()
    assert prepared.read_text().splitlines() == [str(studio.root)]


def test_a_trial_that_waits_comes_before_preparing(studio, tmp_path):
    noted = tmp_path / "noted"
    slow = f"import time; open({str(noted)!r}, 'w'); time.sleep(600)"
    draft = studio.open_draft("More on sharing", EDITOR)
    studio.edit(draft.id, SHARING, [*studio.content().value(SHARING), "shout it out"], EDITOR, 0)
    processes = TrialProcesses(studio, threading.Event(), program(""), lambda content: [sys.executable, "-c", slow])
    thread = threading.Thread(target=processes.look)
    thread.start()
    wait_until(noted.exists)
    studio.try_out(draft.id, EDITOR)
    thread.join(60)
    assert not thread.is_alive()


def at_work_as(pid):
    return f"{socket.gethostname()[:40]} {pid} abc 1"


def started(studio, noted, stop):
    """A worker with a process that stays."""
    slow = f"import os, time; open({str(noted)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    thread = threading.Thread(target=TrialProcesses(studio, stop, program(slow)).look)
    thread.start()
    wait_until(lambda: noted.exists() and noted.read_text())
    return thread, int(noted.read_text())


def test_the_process_ends_with_the_worker_and_its_trial_says_so(studio, tmp_path):
    trial, stop = waiting(studio), threading.Event()
    thread, pid = started(studio, tmp_path / "noted", stop)
    studio.claim_trial(at_work_as(pid), trial.id)  # as the process would
    stop.set()
    thread.join(60)
    assert not thread.is_alive()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert studio.trial(trial.draft_id).state is TrialState.FAILED
    assert studio.trial(trial.draft_id).words == STOPPED


def test_what_had_not_begun_waits_for_the_next_worker(studio, tmp_path):
    trial, stop = waiting(studio), threading.Event()
    thread, _ = started(studio, tmp_path / "noted", stop)
    stop.set()
    thread.join(60)
    assert studio.trial(trial.draft_id).state is TrialState.WAITING


def test_a_trial_whose_process_is_killed_fails_with_words(studio, tmp_path):
    trial = waiting(studio)
    thread, pid = started(studio, tmp_path / "noted", threading.Event())
    studio.claim_trial(at_work_as(pid), trial.id)
    os.kill(pid, 9)
    thread.join(60)
    assert studio.trial(trial.draft_id).state is TrialState.FAILED
    assert studio.trial(trial.draft_id).words == TRIAL_DIED


def test_a_trial_that_another_worker_has_goes_on(studio, tmp_path):
    trial = waiting(studio)
    thread, pid = started(studio, tmp_path / "noted", threading.Event())
    studio.claim_trial("elsewhere 1 abc 1", trial.id)
    os.kill(pid, 9)
    thread.join(60)
    assert studio.trial(trial.draft_id).state is TrialState.RUNNING


def test_a_process_that_does_not_start_is_not_tried_for_ever(studio):
    trial = waiting(studio)
    TrialProcesses(studio, threading.Event(), program("raise SystemExit(2)")).look()
    assert studio.trial(trial.draft_id).words == NOT_STARTED


def test_what_a_process_says_is_shown_to_nobody(studio, capfd):
    waiting(studio)
    noisy = "import sys; print('out'); print('jane@example.com', file=sys.stderr); sys.exit(1)"
    TrialProcesses(studio, threading.Event(), program(noisy)).look()
    assert capfd.readouterr() == ("", "")


def test_the_process_is_our_own_command():
    assert trial_command(7)[1:] == ["-m", "bot", "content", "try", "--trial", "7"]
