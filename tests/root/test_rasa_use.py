"""The table of what of Rasa is used where, in the decision about a path off Rasa, says what the code imports."""

import ast
import re
from collections import defaultdict
from pathlib import Path

PAGE = Path("docs/decisions/0030-a-path-off-rasa-3.6.md")
OF_RASA = ("rasa", "rasa_sdk", "sanic")
ROW = re.compile(r"^\| `((?:bot|actions)[\w/]*/)` \|[^|]*\|([^|]*)\|", re.MULTILINE)


def modules(file):
    """What a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def used():
    """By room, the parts of Rasa that it imports, as `rasa.core`."""
    found = defaultdict(set)
    for folder in ("bot", "actions"):
        for file in Path(folder).rglob("*.py"):
            for name in modules(file):
                if name.partition(".")[0] in OF_RASA:
                    found[f"{file.parent}/"].add(".".join(name.split(".")[:2]))
    return dict(found)


def test_the_table_names_every_room_that_imports_rasa_and_what_it_takes_of_it():
    rows = {room: set(re.findall(r"`([\w.]+)`", parts)) for room, parts in ROW.findall(PAGE.read_text("utf-8"))}
    found = used()
    assert rows.keys() == found.keys()
    for room, parts in found.items():
        assert rows[room] == {part for part in parts if part != "rasa"}, room


def test_what_understands_and_what_decides_the_dialogue_does_not_import_rasa():
    apart = [*Path("bot/nlu").rglob("*.py"), Path("bot/rasa/tasks.py"), Path("bot/conversations/assistant.py")]
    apart = [file for file in apart if file.parent.name != "components"]
    assert len(apart) > 30
    assert [file for file in apart if any(name.partition(".")[0] in OF_RASA for name in modules(file))] == []
