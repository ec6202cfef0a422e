import importlib
from pathlib import Path

import pytest


@pytest.mark.parametrize("name", sorted(path.stem for path in Path("bench").glob("*.py")))
def test_every_measurement_can_be_started(name):
    importlib.import_module(f"bench.{name}")
