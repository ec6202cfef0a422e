import importlib
from pathlib import Path

import pytest

from bench.upgrade import missing_rows


@pytest.mark.parametrize("name", sorted(path.stem for path in Path("bench").glob("*.py")))
def test_every_measurement_can_be_started(name):
    importlib.import_module(f"bench.{name}")


def test_a_row_that_an_upgrade_has_changed_or_lost_is_told_and_a_new_column_is_not():
    before = {"messages": [{"id": 1, "text": "hello"}, {"id": 2, "text": "hello"}], "tickets": []}
    after = {"messages": [{"id": 1, "text": "hello", "mood": ""}, {"id": 2, "text": "bye", "mood": ""}]}
    (gone,) = missing_rows(before, after)
    assert "'id': '2'" in gone
    assert missing_rows(before, {"messages": [{**row, "mood": ""} for row in before["messages"]]}) == []
    assert len(missing_rows(before, {})) == 2
