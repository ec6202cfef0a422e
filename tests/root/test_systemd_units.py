"""The units under deploy/systemd/ are what systemd takes, and start what is there."""

import importlib.util
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.__main__ import COMMANDS
from tests.conftest import need

UNITS = sorted(Path("deploy/systemd").iterdir())
INSTALLED = "/opt/credential-assistant/current"


def test_systemd_finds_nothing_to_complain_of(tmp_path):
    program = shutil.which("systemd-analyze")
    need(program is not None, "systemd-analyze")
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace(INSTALLED, str(Path.cwd()))
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    copies = [str(tmp_path / unit.name) for unit in UNITS]
    done = subprocess.run([program, "verify", *copies], capture_output=True, text=True, timeout=120, check=False)
    assert [line for line in done.stderr.splitlines() if "credential-assistant" in line] == []


@pytest.mark.parametrize(
    "unit", [unit for unit in UNITS if "ExecStart=" in unit.read_text()], ids=lambda unit: unit.name
)
def test_what_a_unit_starts_is_there(unit):
    (command,) = re.findall(r"^ExecStart=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)
    words = shlex.split(command.replace('"$(', "").replace(')"', ""))
    module = words[words.index("-m") + 1] if "-m" in words else re.search(r"-m (\w+)", command)[1]
    assert importlib.util.find_spec(module)
    assert module != "bot" or re.search(r"-m bot (\w+)", command)[1] in COMMANDS
    assert "umask" in unit.read_text(encoding="utf-8").lower()
