import argparse

import pytest

from bot.commands import benchmark, launch, train


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

    def rasa(command, check):
        trained.append(command)
        (folder / "models" / "new.tar.gz").touch()
        return argparse.Namespace(returncode=0)

    monkeypatch.setattr("subprocess.run", rasa)
    arguments = argparse.Namespace(if_changed=True)
    assert [train.run(arguments), train.run(arguments)] == [0, 0]
    assert len(trained) == 1
    (folder / ".env").write_text("ENCODER_MODEL=models/third\n")
    assert train.run(arguments) == 0
    assert len(trained) == 2


def test_the_benchmark_measures_the_encoder_of_dotenv(folder, monkeypatch):
    used = []
    monkeypatch.setattr("bot.evaluation.benchmark.measure", lambda *given: used.append(given[-1]) or {})
    (folder / "config.yml").write_text("pipeline: [{name: FaqClassifier}]\n")
    (folder / "rows.csv").write_text("hello,greet\nbye,leave\n")
    arguments = argparse.Namespace(train=folder / "rows.csv", test=folder / "rows.csv", oos_label=None, json=None)
    assert benchmark.run(arguments) == 0
    assert used == ["models/other"]


def test_rasa_is_started_without_our_log_level(folder, monkeypatch):
    started = {}

    class Manager:
        """honcho's, starting nothing."""

        returncode = 0

        def add_process(self, name, command, env):
            started[name] = env

        def loop(self):
            assert started

    monkeypatch.setattr("honcho.manager.Manager", Manager)
    monkeypatch.setattr(launch, "_load_samples", lambda settings: None)
    monkeypatch.setattr(launch, "_taken", lambda host, port: False)
    monkeypatch.setattr(launch, "_announce", lambda ports, settings: None)
    monkeypatch.setenv("LOG_LEVEL", "debug")
    assert launch.run(argparse.Namespace()) == 0
    assert "LOG_LEVEL" not in started["rasa"]
    assert started["site"]["LOG_LEVEL"] == started["worker"]["LOG_LEVEL"] == "debug"
