"""Under CI nothing is skipped in silence: whatever a test lacks goes through `need`, which fails there."""

import re
from pathlib import Path

from _pytest.outcomes import Failed, Skipped
from pytest import raises

from tests.conftest import need

SILENT = re.compile(r"pytest\.skip\(|\bimportorskip\b|\bskipif\b|mark\.skip\b|\bxfail\b")


def test_only_need_skips():
    found = {
        f"{path}:{number}"
        for path in Path("tests").rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if SILENT.search(line) and path.name != Path(__file__).name
    }
    assert {place.partition(":")[0] for place in found} == {"tests/conftest.py"} and len(found) == 1, found


def test_what_is_missing_is_a_failure_under_ci_and_skipped_elsewhere(monkeypatch):
    monkeypatch.setenv("CI", "true")
    with raises(Failed, match="Redis must be available"):
        need(False, "Redis")
    monkeypatch.delenv("CI")
    with raises(Skipped):
        need(False, "Redis")
    need(True, "Redis")
