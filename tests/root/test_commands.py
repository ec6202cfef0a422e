import argparse
import fcntl
import os
import re
import shutil
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from actions import __main__ as action_server
from bot.commands import benchmark, launch, rasa_server, train
from bot.nlu import last_training
from bot.settings import Settings
from bot.studio.training import NeedsFullTraining, TrainedFrom, given
from tests.conftest import SECRET


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty repository whose .env names an encoder."""
    monkeypatch.delenv("ENCODER_MODEL", raising=False)
    monkeypatch.setenv("SITE_SECRET_KEY", "k" * 32)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    (tmp_path / ".env").write_text("ENCODER_MODEL=models/other\n")
    return tmp_path


def test_another_encoder_in_dotenv_trains_again(folder, monkeypatch):
    trained = []

    def rasa(command, check, env, pass_fds):
        trained.append(command)
        (folder / "models" / "new.tar.gz").touch()
        return argparse.Namespace(returncode=0)

    monkeypatch.setattr("subprocess.run", rasa)
    arguments = argparse.Namespace(if_changed=True, full=False)
    assert [train.run(arguments), train.run(arguments)] == [0, 0]
    assert len(trained) == 1
    (folder / ".env").write_text("ENCODER_MODEL=models/third\n")
    assert train.run(arguments) == 0
    assert len(trained) == 2


def test_who_wants_the_same_training_meanwhile_waits_for_it_and_needs_none(folder, monkeypatch, capsys):
    trained, waits, wanted = [], threading.Event(), argparse.Namespace(if_changed=True, full=False)
    flock = fcntl.flock

    def lock(file, how):
        if not how & fcntl.LOCK_NB:
            waits.set()
        flock(file, how)

    def rasa(command, check, env, pass_fds):
        trained.append(command)
        if len(trained) == 1:
            others.append(pool.submit(train.run, wanted))
            assert waits.wait(20)
        (folder / "models" / f"{len(trained)}.tar.gz").touch()
        return argparse.Namespace(returncode=0)

    monkeypatch.setattr("fcntl.flock", lock)
    monkeypatch.setattr("subprocess.run", rasa)
    others = []
    with ThreadPoolExecutor(1) as pool:
        assert train.run(wanted) == 0
        assert others[0].result(20) == 0
    assert len(trained) == 1
    said = capsys.readouterr().out
    assert "Another training is going on here" in said and said.endswith("The model is up to date.\n")


def test_nobody_trains_while_the_process_of_a_training_goes_on_whose_command_was_killed(folder, monkeypatch):
    held = []

    def rasa(command, check, env, pass_fds):
        held.append(os.dup(pass_fds[0]))
        raise KeyboardInterrupt

    monkeypatch.setattr("subprocess.run", rasa)
    with pytest.raises(KeyboardInterrupt):
        train.run(argparse.Namespace(if_changed=False, full=True))
    with train.TRAINING_LOCK.open("w") as lock:
        with pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(held[0])
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_the_benchmark_measures_the_encoder_of_dotenv(folder, monkeypatch):
    used = []
    monkeypatch.setattr("bot.evaluation.benchmark.measure", lambda *given: used.append(given[-1]) or {})
    (folder / "config.yml").write_text("pipeline: [{name: FaqClassifier}]\n")
    (folder / "rows.csv").write_text("hello,greet\nbye,leave\n")
    parser = argparse.ArgumentParser()
    benchmark.add_arguments(parser)
    rows = str(folder / "rows.csv")
    assert benchmark.run(parser.parse_args(["--train", rows, "--test", rows])) == 0
    assert used == ["models/other"]


def test_all_are_started_with_our_log_level_and_rasa_reports_to_nobody(folder, monkeypatch):
    started = {}

    def run(supervisor):
        started.update({one.program.name: one.program for one in supervisor.supervised})

    (folder / "endpoints.yml").write_text("action_endpoint: {url: http://127.0.0.1:5055/webhook}\n")
    monkeypatch.setattr("bot.supervisor.Supervisor.run", run)
    monkeypatch.setattr(launch, "load_all_samples", lambda settings: None)
    monkeypatch.setattr(launch, "_problems", lambda ports: [])
    monkeypatch.setattr(launch, "_announce", lambda ports, settings: None)
    monkeypatch.setenv("LOG_LEVEL", "debug")
    monkeypatch.delenv("RASA_TELEMETRY_ENABLED", raising=False)
    assert launch.run(argparse.Namespace()) == 0
    assert {one.environment["LOG_LEVEL"] for one in started.values()} == {"debug"}
    assert started["rasa"].environment["RASA_TELEMETRY_ENABLED"] == "false"
    assert all(one.health or one.says for one in started.values())  # else it would count as never up


def test_training_ends_with_its_time_and_the_size_of_the_model(folder, monkeypatch, capsys):
    (folder / "models" / "old.tar.gz").touch()
    os.utime(folder / "models" / "old.tar.gz", (1, 1))

    def rasa(command, check, env, pass_fds):
        (folder / "models" / "new.tar.gz").write_bytes(b"." * 3_000_000)
        return argparse.Namespace(returncode=0)

    monkeypatch.setattr("subprocess.run", rasa)
    assert train.run(argparse.Namespace(if_changed=False, full=False)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["Training the model (two to three minutes) ...", "Trained in 0 min 0 s: models/new.tar.gz (3 MB)"]
    assert train.summary(Path("models"), 221.6) == "Trained in 3 min 42 s: models/new.tar.gz (3 MB)"


def test_a_first_training_makes_the_folder_of_models(folder, monkeypatch):
    shutil.rmtree("models")
    there = []
    monkeypatch.setattr(
        "subprocess.run",
        lambda *args, **kwargs: there.append(Path("models").is_dir()) or argparse.Namespace(returncode=1),
    )
    assert train.run(argparse.Namespace(if_changed=True, full=False)) == 1
    assert there == [True]


@pytest.mark.parametrize(("setting", "room", "kept"), [("yes", 4e9, True), ("no", 4e9, False), ("yes", 2e9, False)])
def test_a_full_training_leaves_what_the_next_change_needs_where_it_may(folder, monkeypatch, setting, room, kept):
    monkeypatch.setenv("KEEP_TRAINING", setting)
    monkeypatch.setattr("shutil.disk_usage", lambda path: argparse.Namespace(free=room))
    last_training.LAST_TRAINING.mkdir()
    (last_training.LAST_TRAINING / "of-the-one-before").touch()

    def rasa(command, check, env, pass_fds):
        monkeypatch.setenv(last_training.KEEP_IN, env[last_training.KEEP_IN])
        keep, number = last_training.begin()
        numbers.append(number)
        if keep:
            (keep / "scorer" / "factor").touch()
        (folder / "models" / "new.tar.gz").touch()
        return argparse.Namespace(returncode=0)

    numbers = []
    monkeypatch.setattr("subprocess.run", rasa)
    assert train.run(argparse.Namespace(if_changed=False, full=True)) == 0
    assert last_training.LAST_TRAINING.exists() is kept and not train.UNFINISHED.exists()
    if kept:
        assert [one.name for one in (last_training.LAST_TRAINING / "scorer").iterdir()] == ["factor"]
        assert not (last_training.LAST_TRAINING / "of-the-one-before").exists()
        assert last_training.about() == last_training.About(numbers[0], given(Path(".")))
        assert last_training.LAST_TRAINING.stat().st_mode & 0o777 == 0o700


def test_where_only_content_changed_only_that_is_trained_and_said(folder, monkeypatch, capsys):
    last_training.LAST_TRAINING.mkdir()
    (folder / "models" / "old.tar.gz").touch()

    def changes(root, base, target):
        target.write_bytes(b"." * 2_000_000)
        return TrainedFrom(model=target, base=base, came=12, went=3, seconds=7.0)

    monkeypatch.setattr("bot.studio.training.train_changes", changes)
    assert train.run(argparse.Namespace(if_changed=True, full=False)) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert "12 examples came, 3 went" in first
    assert second.startswith("Trained in 0 min 7 s: models/") and second.endswith("-changes.tar.gz (2 MB)")
    assert train.run(argparse.Namespace(if_changed=True, full=False)) == 0
    assert capsys.readouterr().out == "The model is up to date.\n"


def test_where_more_than_content_changed_it_says_why_all_is_trained(folder, monkeypatch, capsys):
    last_training.LAST_TRAINING.mkdir()
    (folder / "models" / "old.tar.gz").touch()

    def refuse(root, base, target):
        raise NeedsFullTraining("The rules have changed.")

    def rasa(command, check, env, pass_fds):
        return argparse.Namespace(returncode=0)

    monkeypatch.setattr("bot.studio.training.train_changes", refuse)
    monkeypatch.setattr("subprocess.run", rasa)
    assert train.run(argparse.Namespace(if_changed=False, full=False)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "The rules have changed." and lines[1].startswith("Training the model")


def test_a_training_that_fails_says_nothing_of_a_model(folder, monkeypatch, capsys):
    monkeypatch.setattr("subprocess.run", lambda command, **given: argparse.Namespace(returncode=1))
    assert train.run(argparse.Namespace(if_changed=False, full=False)) == 1
    assert "Trained" not in capsys.readouterr().out


@pytest.mark.parametrize("name", ["config.yml", "domain.yml", "endpoints.yml", "credentials.yml"])
def test_rasas_own_commands_need_no_environment_variable(name):
    assert "${" not in Path(name).read_text(encoding="utf-8")


def test_rasa_reaches_the_actions_where_the_setting_says(folder):
    default = "http://127.0.0.1:5055/webhook"
    (folder / "endpoints.yml").write_text(f"action_endpoint: {{url: '{default}'}}\ntracker_store: {{type: SQL}}\n")
    assert launch.endpoints(default) == Path("endpoints.yml")
    copy = launch.endpoints("http://127.0.0.1:6055/webhook")
    assert yaml.safe_load(copy.read_text()) == {
        "action_endpoint": {"url": "http://127.0.0.1:6055/webhook"},
        "tracker_store": {"type": "SQL"},
    }
    assert yaml.safe_load(Path("endpoints.yml").read_text())["action_endpoint"]["url"] == default


def test_without_python_and_without_a_way_to_fetch_it_make_says_in_one_line_what_to_do(tmp_path):
    makefile = Path("Makefile").resolve()
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("python3", "python3.10"):
        (tools / tool).write_text("#!/bin/sh\necho no >&2; exit 1\n")
        (tools / tool).chmod(0o755)
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}/usr/bin{os.pathsep}/bin"}
    command = ["make", "-s", "-f", str(makefile), ".state/venv"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == [
        "Python 3.10 is not on the PATH",
        "Python 3.10 could not be fetched (.state/python.log says why)",
    ]
    assert not (tmp_path / ".state/python").exists() and not (tmp_path / ".venv").exists()


def test_rasa_starts_with_the_model_that_is_live(tmp_path):
    assert launch.live_model(tmp_path) is None
    (tmp_path / "models").mkdir()
    (tmp_path / "live").write_text('{"publication": 3, "root": "", "model": "models/x.tar.gz"}')
    assert launch.live_model(tmp_path) is None  # it is gone: the one in models/ answers
    model = tmp_path / "models/x.tar.gz"
    model.write_bytes(b"")
    assert launch.live_model(tmp_path) == model
    ports = dict.fromkeys(("rasa", "actions", "site"), ("127.0.0.1", 1))
    assert f'--model "{model}"' in launch._commands(ports, Path("endpoints.yml"), model)["rasa"]
    assert "--model" not in launch._commands(ports, Path("endpoints.yml"))["rasa"]
    (tmp_path / "live").write_text("{")
    assert launch.live_model(tmp_path) is None


def test_rasa_alone_starts_where_the_settings_say_with_the_model_that_is_live(folder, monkeypatch):
    (folder / "endpoints.yml").write_text("action_endpoint: {url: http://127.0.0.1:5055/webhook}\n")
    (folder / "live").write_text('{"publication": 3, "root": "", "model": "models/x.tar.gz"}')
    (folder / "models/x.tar.gz").touch()
    given = {"CONTENT_PATH": ".", "RASA_URL": "http://rasa:5006", "RASA_HOST": "0.0.0.0"}
    for name, value in {**given, "ACTIONS_URL": "http://actions:5055/webhook"}.items():
        monkeypatch.setenv(name, value)
    started = []
    monkeypatch.setattr(launch, "check_listening", lambda *where: None)
    monkeypatch.setattr("os.execvpe", lambda *becomes: started.append(becomes))
    rasa_server.run(argparse.Namespace())
    (shell, (_, _, command), environment) = started[0]
    assert shell == "/bin/sh" and command.startswith("exec ")
    assert "bot.rasa.server run --interface 0.0.0.0 --port 5006" in command and '--model "models/x.tar.gz"' in command
    (file,) = re.findall("--endpoints ([^ ]+)", command)
    assert yaml.safe_load(Path(file).read_text())["action_endpoint"]["url"] == "http://actions:5055/webhook"
    assert environment["RASA_TELEMETRY_ENABLED"] == "false"


def test_the_action_server_listens_where_the_setting_says(folder, monkeypatch):
    listening = []
    server = argparse.Namespace(run=lambda **where: listening.append((where["host"], where["port"])))
    monkeypatch.setattr("actions.server.create", lambda *given: server)
    monkeypatch.setattr("actions.__main__.follow", lambda settings: None)
    monkeypatch.setattr("actions.__main__.keep_private", lambda: None)
    monkeypatch.setattr("actions.__main__.configure_logs", lambda *given: None)
    monkeypatch.setattr("actions.__main__.check_listening", lambda *where: None)
    monkeypatch.setattr("warnings.showwarning", None)
    monkeypatch.setenv("ACTIONS_URL", "http://actions:5056/webhook")
    action_server.main()
    monkeypatch.setenv("ACTIONS_HOST", "0.0.0.0")
    action_server.main()
    assert listening == [("actions", 5056), ("0.0.0.0", 5056)]


def test_rasa_that_is_started_again_takes_what_was_published_meanwhile(tmp_path):
    """Not the model of the first start: that one would answer until the other is loaded, too."""
    (tmp_path / "models").mkdir()
    urls = {"RASA_URL": "http://127.0.0.1:1", "ACTIONS_URL": "http://127.0.0.1:5055/webhook"}
    settings = Settings.load({**urls, "SITE_SECRET_KEY": SECRET, "CONTENT_PATH": str(tmp_path)})
    ports = dict.fromkeys(("rasa", "actions", "site"), ("127.0.0.1", 1))
    rasa = next(one for one in launch._programs(ports, settings) if one.name == "rasa")
    assert "--model" not in rasa.command()
    for name in ("x", "y"):
        (tmp_path / f"models/{name}.tar.gz").write_bytes(b"")
        (tmp_path / "live").write_text(f'{{"publication": 3, "root": "", "model": "models/{name}.tar.gz"}}')
        assert f'--model "{tmp_path}/models/{name}.tar.gz"' in rasa.command()
