"""Names and values in the code: one name means one thing, long values are built by keyword."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

MOST_POSITIONAL_FIELDS = 4
# Names that each module has of its own kind: they are read only beside the module's name, or never elsewhere.
OF_EACH_MODULE = {"VIA", "bp", "down_revision", "log", "logger", "revision"}


def trees() -> dict[Path, ast.Module]:
    files = [file for folder in ("bot", "actions") for file in Path(folder).rglob("*.py")]
    return {file: ast.parse(file.read_text(encoding="utf-8")) for file in files}


def is_value(node: ast.ClassDef) -> bool:
    """Whether a class is a dataclass or a named tuple."""
    decorators = any("dataclass" in ast.unparse(one) for one in node.decorator_list)
    return decorators or any("NamedTuple" in ast.unparse(base) for base in node.bases)


def fields(node: ast.ClassDef) -> int:
    return sum(isinstance(one, ast.AnnAssign) for one in node.body)


def calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Each call by the name of what is called; `cls` is the class around it."""
    around = {
        id(call): node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "cls"
    }
    for call in ast.walk(tree):
        if isinstance(call, ast.Call):
            yield around.get(id(call), ast.unparse(call.func).rpartition(".")[2]), call


def own_names(tree: ast.Module) -> Iterator[str]:
    """The public names that a module gives to something at its top, other modules' names passed on aside."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield node.name
        for target in [*getattr(node, "targets", []), *filter(None, [getattr(node, "target", None)])]:
            passed_on = isinstance(getattr(node, "value", None), ast.Attribute)
            yield from (n.id for n in ast.walk(target) if isinstance(n, ast.Name) and not passed_on)


def test_values_with_many_fields_are_built_by_keyword():
    found = trees()
    values = [node for tree in found.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    long = {node.name for node in values if is_value(node) and fields(node) > MOST_POSITIONAL_FIELDS}
    positional = [
        f"{file}:{call.lineno} {name}"
        for file, tree in found.items()
        for name, call in calls(tree)
        if name in long and call.args and not is_foreign(tree, name)
    ]
    assert len(long) > 10
    assert positional == []


def is_foreign(tree: ast.Module, name: str) -> bool:
    """Whether a module has the name from a library and not from us."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return any(
        name == one.name and not str(node.module).startswith(("bot", "actions"))
        for node in imports
        for one in node.names
    )


def test_a_name_is_given_to_one_thing_only():
    homes = defaultdict(set)
    for file, tree in trees().items():
        if "versions" not in file.parts:
            for name in own_names(tree):
                homes[name].add(str(file))
    doubles = {name: files for name, files in homes.items() if len(files) > 1 and not name.startswith("_")}
    assert {name: files for name, files in doubles.items() if name not in OF_EACH_MODULE} == {}
