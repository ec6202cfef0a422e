import os
import sys
import types
import warnings

import pytest

from bot.rasa import server


@pytest.mark.parametrize("level", ["info", "DEBUG"])
def test_rasa_never_takes_our_log_level(level, monkeypatch):
    seen = {}
    rasa = types.SimpleNamespace(main=lambda: seen.update(os.environ))
    monkeypatch.setitem(sys.modules, "rasa.__main__", rasa)
    monkeypatch.setattr("warnings.showwarning", None)
    monkeypatch.setenv("LOG_LEVEL", level)
    monkeypatch.setenv("LOG_LEVEL_LIBRARIES", level)
    monkeypatch.setenv("RASA_URL", "http://127.0.0.1:5005")
    server.main()
    assert not [name for name in seen if name.startswith("LOG_LEVEL")]
    assert seen["RASA_URL"] == "http://127.0.0.1:5005"


def test_training_tells_only_what_somebodys_own_files_have_wrong(monkeypatch, capsys):
    def train():
        assert os.environ["RASA_MAX_CACHE_SIZE"] == "0"
        warnings.warn("Issue found in 'data/nlu/social.yml': no examples for 'greet'.", UserWarning, stacklevel=1)
        warnings.warn("Loading domain from 'domain.yml' failed.", UserWarning, stacklevel=1)
        warnings.warn("The option is not used any more.", UserWarning, stacklevel=1)
        warnings.warn("in config.yml of a library", DeprecationWarning, stacklevel=1)

    for name in server.TRAINING:
        monkeypatch.setenv(name, "as before")
    monkeypatch.setattr("rasa.shared.utils.cli.print_success", print)
    monkeypatch.setitem(sys.modules, "rasa.__main__", types.SimpleNamespace(main=train))
    monkeypatch.setattr(sys, "argv", ["server", "train"])
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        server.main()
    assert capsys.readouterr().err.splitlines() == [
        "Warning: Issue found in 'data/nlu/social.yml': no examples for 'greet'.",
        "Warning: Loading domain from 'domain.yml' failed.",
    ]


def test_serving_keeps_rasas_cache_and_says_no_warning(monkeypatch, capsys):
    seen = {}
    monkeypatch.delenv("RASA_MAX_CACHE_SIZE", raising=False)

    def run():
        seen.update(os.environ)
        warnings.warn("Issue found in 'data/nlu/social.yml'.", UserWarning, stacklevel=1)

    monkeypatch.setitem(sys.modules, "rasa.__main__", types.SimpleNamespace(main=run))
    monkeypatch.setattr(sys, "argv", ["server", "run"])
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        server.main()
    assert "RASA_MAX_CACHE_SIZE" not in seen
    assert capsys.readouterr().err == ""
