"""The documents name only what is there: files, functions, commands, make targets and settings."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from bot.__main__ import COMMANDS

DOCUMENTS = [Path("README.md"), Path("CONTRIBUTING.md"), *sorted(Path("docs").rglob("*.md"))]
FOLDERS = r"bot|actions|data|tests|docs|deploy|bench|slack|upkeep|\.ci"
PLACE = re.compile(rf"(?<![\w./-])((?:{FOLDERS})/[\w./*-]*)(?::(\w+(?:\.\w+)?))?")
QUOTED = re.compile(r"`([a-z_]+|[A-Z]\w+)\.(\w+)(?:\([^`]*\))?`")
SETTING = re.compile(r"`([A-Z]{3,}(?:_[A-Z]+)+)(?:=[^`]*)?`")
OURS = [*Path("bot").rglob("*.py"), *Path("actions").glob("*.py")]


@cache
def names(path):
    """What a module defines: `name`, and `Class.member`."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        for name in defined(node):
            found.add(name)
            if isinstance(node, ast.ClassDef):
                found |= {f"{name}.{member}" for one in node.body for member in defined(one)}
    return found


def defined(node):
    if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
        return {node.name}
    targets = getattr(node, "targets", [getattr(node, "target", None)])
    return {target.id for target in targets if isinstance(target, ast.Name)}


def places(text):
    return [(path.rstrip("."), name) for path, name in PLACE.findall(text)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_file_that_is_named_is_there(document):
    for path, _ in places(document.read_text(encoding="utf-8")):
        assert any(Path(".").glob(path)) or path in MADE, f"{document} names {path}"


# An address of the site, a secret, a setting of Compose, a name in a cluster.
MADE = {"slack/events", "deploy/secrets/certificate.pem", "deploy/.env", "deploy/worker"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_function_that_is_named_with_its_file_is_there(document):
    for path, name in places(document.read_text(encoding="utf-8")):
        assert not name or name in names(Path(path)), f"{document} names {path}:{name}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_function_that_is_named_by_its_module_or_class_is_there(document):
    for owner, name in QUOTED.findall(document.read_text(encoding="utf-8")):
        modules = [path for path in OURS if path.stem == owner]
        classes = [path for path in OURS if owner in names(path)]
        if name in ("py", "yml", "js", "jsonl") or not modules + classes:
            continue
        known = any(name in names(path) for path in modules) or any(
            f"{owner}.{name}" in names(path) for path in classes
        )
        assert known, f"{document} names {owner}.{name}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_command_target_and_setting_that_is_named_is_there(document):
    text = document.read_text(encoding="utf-8")
    assert set(re.findall(r"python -m bot ([a-z]+)", text)) <= set(COMMANDS)
    targets = set(re.findall(r"^([a-z-]+):", Path("Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", text)) <= targets
    known = set(re.findall(r"^([A-Z_]+)=", Path(".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    arguments = set(re.findall(r"^ARG ([A-Z_]+)", Path("deploy/images/Dockerfile").read_text("utf-8"), re.MULTILINE))
    for name in set(SETTING.findall(text)) - known - arguments:
        assert any(name in names(path) for path in OURS), f"{document} names the setting {name}"


def test_the_table_of_rooms_is_complete():
    text = Path("docs/architecture.md").read_text(encoding="utf-8")
    rooms = [path for path in Path("bot").iterdir() if (path / "__init__.py").is_file()]
    missing = [str(room) for room in rooms if f"| `{room}/` |" not in text]
    files = [str(path) for path in Path("bot").glob("*.py") if not path.name.startswith("__")]
    assert missing + [path for path in files if f"| `{path}` |" not in text] == []


def test_a_name_that_is_not_there_is_noticed():
    assert "decide" in names(Path("bot/nlu/decision.py"))
    assert "Tickets.open" in names(Path("bot/tickets/service.py")) and "Thresholds.answer" in names(
        Path("bot/nlu/decision.py")
    )
    assert places("see `bot/none.py:Tickets.shut`, or bot/site/.") == [
        ("bot/none.py", "Tickets.shut"),
        ("bot/site/", ""),
    ]
    assert "Tickets.shut" not in names(Path("bot/tickets/service.py"))


def test_the_hooks_of_a_commit_run_what_make_lint_runs():
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", Path("Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    wanted = [line.strip().lstrip("@").replace("$(VENV)", ".venv") for line in recipe.group(1).splitlines()]
    (local,) = yaml.safe_load(Path(".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert [hook["entry"] for hook in local["hooks"]] == wanted
    assert all(hook["language"] == "system" for hook in local["hooks"])
