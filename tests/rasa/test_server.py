import os
import sys
import types

import pytest

from bot.rasa import server


@pytest.mark.parametrize("level", ["info", "DEBUG"])
def test_rasa_never_takes_our_log_level(level, monkeypatch):
    seen = {}
    rasa = types.SimpleNamespace(main=lambda: seen.update(os.environ))
    monkeypatch.setitem(sys.modules, "rasa.__main__", rasa)
    monkeypatch.setattr("warnings.showwarning", None)
    monkeypatch.setenv("LOG_LEVEL", level)
    monkeypatch.setenv("RASA_URL", "http://127.0.0.1:5005")
    server.main()
    assert "LOG_LEVEL" not in seen
    assert seen["RASA_URL"] == "http://127.0.0.1:5005"
