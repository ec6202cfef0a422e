"""How several processes share the tests out, and how a test that is timed while others are waited for has them wait."""

import fcntl
from contextlib import contextmanager
from pathlib import Path

import pytest

# A file stays in one process, for what its tests share, and so does a folder of these. They come first, as they take
# longest: so no process ends long after the others. (Of the rest those with the most tests come first, which leaves few
# long tests, as those of a browser, for the end.)
LONGEST = (
    "tests/stories/test_played.py",
    "tests/stories/",
    "tests/replicas/",
    "tests/root/test_processes_killed.py",
    "tests/root/test_stack.py",
    "tests/root/test_hostile_texts.py",
    "tests/root/test_migrations_both_ways.py",
    "tests/root/test_backup.py",
    "tests/nlu/test_accuracy.py",
    "tests/studio/test_training.py",
    "tests/studio/test_trial.py",
    "tests/studio/test_content_command.py",
    "tests/browser/test_content.py",
    "tests/browser/test_console.py",
    "tests/browser/test_working_day.py",
    "tests/browser/test_console_lookups.py",
    "tests/browser/test_away.py",
    "tests/browser/test_chat.py",
    "tests/browser/test_accessibility.py",
    "tests/tickets/test_kills.py",
    "tests/tickets/test_servers_killed.py",
    "tests/tickets/test_real_mail_servers.py",
    "tests/outbox/test_workers.py",
    "tests/slack/test_burst.py",
)
GATE, ROOM = Path(__file__), Path(__file__).with_name("conftest.py")  # any files that all processes find


def pytest_xdist_make_scheduler(config, log):
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = nodeid.partition("::")[0]
            return next((place for place in LONGEST if file.startswith(place)), file)

        def _assign_work_unit(self, node):
            longest = next((place for place in LONGEST if place in self.workqueue), None)
            if longest:
                self.workqueue.move_to_end(longest, last=False)
            super()._assign_work_unit(node)

    return Scheduling(config, log)


@contextmanager
def turn(alone):
    """Beside others, or when nobody else has one; who comes after somebody that waits to be alone waits behind."""
    with GATE.open() as gate, ROOM.open() as room:
        fcntl.flock(gate, fcntl.LOCK_EX)
        fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(gate, fcntl.LOCK_UN)
        try:
            yield
        finally:
            fcntl.flock(room, fcntl.LOCK_UN)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item):
    if not hasattr(item.config, "workerinput"):
        yield
        return
    with turn(item.get_closest_marker("alone") is not None):
        yield
