"""What is deployed, as the tools of their field read it: schemas of Kubernetes and Compose, rules for Dockerfiles."""

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.conftest import need
from tests.deploy.files import DEPLOY, EVERY_PART, OVERLAYS, rendered

PROMETHEUS = [DEPLOY / "prometheus" / name for name in ("prometheus.yml", "compose.yml", "kubernetes.yml")]
TOOLS = Path(".venv-tools/bin")
RULES = "{extends: default, rules: {line-length: {max: 130}, document-start: disable, braces: disable}}"


def says(tool, *arguments):
    """Exit code and words of a tool."""
    need((TOOLS / tool).exists(), f"{tool} (`make .state/tools`)")
    done = subprocess.run([TOOLS / tool, *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("overlay", [*OVERLAYS, EVERY_PART])
def test_kubernetes_knows_every_field(overlay, tmp_path):
    file = tmp_path / "rendered.yaml"
    file.write_text(yaml.safe_dump_all(rendered(overlay)))
    code, words = says("kubernetes-validate", "--strict", str(file))
    assert code == 0, words
    assert words.count("passed for resource") == len(rendered(overlay))


def test_kubernetes_knows_every_field_of_the_pod_that_restores():
    code, words = says("kubernetes-validate", "--strict", str(DEPLOY / "kubernetes/restore.yaml"))
    assert code == 0 and "passed for resource" in words, words


@pytest.mark.parametrize("file", sorted(DEPLOY.glob("compose*.yml")), ids=str)
def test_compose_knows_every_field(file):
    assert says("python", "tests/deploy/check_compose.py", str(file)) == (0, "")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("read_only:", "read_onli:"), ("networks: [inside]", "networks: [nowhere]"), ("service_healthy", "done")],
)
def test_a_slip_in_a_compose_file_is_found(tmp_path, right, wrong):
    file = tmp_path / "compose.yml"
    file.write_text((DEPLOY / "compose.yml").read_text(encoding="utf-8").replace(right, wrong))
    code, words = says("python", "tests/deploy/check_compose.py", str(file))
    assert code == 1 and wrong.split()[-1].strip("[]:") in words


def test_the_dockerfile_is_as_its_linter_advises():
    assert says("hadolint", str(DEPLOY / "images/Dockerfile")) == (0, "")


def test_yaml_is_plain():
    files = [
        str(DEPLOY / "kubernetes"),
        str(DEPLOY / "prometheus/kubernetes.yml"),
        *map(str, DEPLOY.glob("compose*.yml")),
    ]
    assert says("yamllint", "--strict", "-d", RULES, *files) == (0, "")
