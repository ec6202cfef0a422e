"""What keeps the processes running, with small programs of the tests' own."""

import io
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from bench.machine import free_port
from bot import supervisor
from bot.supervisor import LONGEST_RESTART_PAUSE, Program, Supervisor, pause_after
from tests.waiting import wait_until

UP = "print('up', flush=True)"
WAIT = "import time; time.sleep(600)"


@pytest.fixture()
def program(tmp_path):
    """Makes a program of Python code; each of its lives adds its process id to a file."""

    def make(code, name="one", **given):
        script, pids = tmp_path / f"{name}.py", tmp_path / f"{name}.pids"
        note = f"import os; print(os.getpid(), file=open({str(pids)!r}, 'a'))\n"
        script.write_text(note + textwrap.dedent(code))
        given = {"says": "up", **given}
        return Program(name=name, command=f'"{sys.executable}" {script}', environment=os.environ, **given)

    return make


@pytest.fixture()
def output():
    return io.StringIO()


@pytest.fixture()
def told(output):
    """All that was printed so far."""
    return output.getvalue


@pytest.fixture()
def run(monkeypatch, output):
    """Runs a supervisor beside the test, to its end."""
    monkeypatch.setattr(supervisor, "_signals", lambda stop: threading.Lock())  # those are the main thread's
    started = []

    def run(*programs):
        one = Supervisor(programs, output)
        started.append((one, threading.Thread(target=one.run)))
        started[-1][1].start()
        return one

    yield run
    for one, thread in started:
        one.stop()
        thread.join(60)
        assert not thread.is_alive()


@pytest.fixture()
def lives(tmp_path):
    """The process ids of all lives of a program so far."""

    def lives(name="one"):
        file = tmp_path / f"{name}.pids"
        return [int(line) for line in file.read_text().splitlines()] if file.exists() else []

    return lives


def is_there(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_what_dies_is_started_again_and_the_others_stay(program, run, lives, told, number):
    run(program(f"{UP}; {WAIT}", meanwhile="The page works."), program(f"{UP}; {WAIT}", "other"))
    for kill in range(1, 4):
        wait_until(lambda kill=kill: told().count("one    | up") == kill)
        wait_until(lambda kill=kill: told().count("one is up again") == kill - 1)  # it has been seen to be up
        os.kill(lives()[-1], number)
    wait_until(lambda: told().count("one is up again") == 3)
    line = f"one was killed by signal {number.value}. It is started again. The page works."
    assert told().count(line) == 3
    assert len(lives()) == 4
    assert len(lives("other")) == 1 and is_there(lives("other")[0])


def test_what_dies_at_once_each_time_is_tried_with_growing_pauses_and_says_so(program, run, lives, told):
    began = time.monotonic()
    run(program("import sys; sys.exit('no model')"))
    wait_until(lambda: "tried again in 4 s" in told())
    assert len(lives()) == 3
    assert time.monotonic() - began >= 3  # 1 s and 2 s of pauses
    text = told()
    why = "one has ended with exit code 1 before it was up; its lines above may tell why"
    assert (
        f"{why}. It is tried again in 1 s." in text and f"{why} (3 times in a row). It is tried again in 4 s." in text
    )
    assert text.count("no model") == 3
    assert "Traceback" not in text


def test_the_pauses_grow_up_to_a_minute_and_begin_anew_once_it_was_up():
    assert [pause_after(number) for number in range(9)] == [0, 1, 2, 4, 8, 16, 32, 60, 60]
    assert pause_after(100_000) == LONGEST_RESTART_PAUSE


def test_what_comes_up_and_dies_again_and_again_is_slowed_down_too(program, run, lives, told, monkeypatch):
    monkeypatch.setattr(supervisor, "FORGIVEN", 2)
    monkeypatch.setattr(supervisor, "LEAST_BETWEEN_STARTS", 0.0)
    run(program(UP))
    wait_until(lambda: "tried again in 2 s" in told())
    assert len(lives()) == 4
    assert told().count("is started again") == 2


def test_what_a_dead_process_has_left_behind_is_ended_before_the_next_life(program, run, lives):
    child = f"import os; print(os.getpid(), file=open(os.environ['PIDS'], 'a')); {WAIT}"
    parent = f"""
        import subprocess, sys
        subprocess.Popen([sys.executable, "-c", {child!r}])
        {UP}
        {WAIT}
    """
    one = program(parent)
    pids = one.command.rpartition(" ")[2].replace("one.py", "child.pids")
    run(Program(**{**vars(one), "environment": {**os.environ, "PIDS": pids}}))
    wait_until(lambda: lives("child"))
    os.kill(lives()[0], signal.SIGKILL)
    wait_until(lambda: len(lives("child")) == 2)
    assert not is_there(lives("child")[0])


def test_a_server_is_up_once_it_answers(program, run, lives, told):
    server = """
        import http.server, sys
        address = ("127.0.0.1", int(open(sys.argv[0] + ".port").read()))
        http.server.HTTPServer(address, http.server.SimpleHTTPRequestHandler).serve_forever()
    """
    port = free_port()
    one = program(server, says="", health=f"http://127.0.0.1:{port}/healthz")
    with open(one.command.rpartition(" ")[2] + ".port", "w", encoding="ascii") as file:
        file.write("no number")
    run(one)
    wait_until(lambda: "before it was up" in told())
    with open(file.name, "w", encoding="ascii") as file:
        file.write(str(port))
    wait_until(lambda: "one is up again" in told())


SCRIPT = """
    import os, sys
    from bot import supervisor
    from bot.supervisor import Program, Supervisor
    supervisor.STOP_SECONDS, supervisor.pause_after = 600.0, lambda failures: 600.0 * (failures > 0)
    programs = [Program(name=f"p{n}", command=c, environment=os.environ, says="up") for n, c in enumerate(sys.argv[1:])]
    Supervisor(programs).run()
    print("all stopped", flush=True)
"""
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {UP}; {WAIT}"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all_at_once_also_what_is_just_in_its_pause(program, lives, number):
    programs = [program(f"{UP}; {WAIT}", "good"), program("raise SystemExit(1)", "bad")]
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)  # a suite in the background passes on that it is ignored
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SCRIPT), *(one.command for one in programs)],
        stdout=subprocess.PIPE,
        text=True,
    )
    signal.signal(signal.SIGINT, before)
    lines = iter(process.stdout.readline, "")
    awaited = {"p0 * | up", "p1 has ended .* tried again in 600 s"}
    while awaited:
        line = next(lines)
        awaited = {one for one in awaited if not re.search(one, line)}
    process.send_signal(number)
    assert process.stdout.read().splitlines()[-1] == "all stopped"  # not after the pause: there is nothing to end
    assert process.wait(60) == 0
    assert len(lives("bad")) == len(lives("good")) == 1 and not any(map(is_there, lives("good") + lives("bad")))


def test_who_does_not_listen_is_killed_at_the_second_signal(program, lives):
    one = program(STUBBORN)
    command = [sys.executable, "-c", textwrap.dedent(SCRIPT), one.command]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert any("| up" in line for line in process.stdout)
    process.send_signal(signal.SIGTERM)
    assert any("Stopping." in line for line in process.stdout)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    process.stdout.close()
    assert not is_there(lives()[0])


def test_each_start_has_the_command_of_its_time(program, run, told, tmp_path):
    one, starts = program("print('up', flush=True)"), []

    def command():
        starts.append(len(starts))
        return f"{one.command} {starts[-1]}"

    run(Program(**{**vars(one), "command": command}))
    wait_until(lambda: len(starts) > 2)
    assert starts[:3] == [0, 1, 2]
