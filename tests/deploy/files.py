"""What the tests of deploy/ read: its files, rendered as their tools render them."""

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import yaml

from bot.settings import Settings
from tests.conftest import need

DEPLOY = Path("deploy")
OVERLAYS = ("small", "large")
EVERY_PART = "every part"  # the base with all components, which is no overlay of its own
OF_OTHERS = {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD_FILE"}  # settings of PostgreSQL's own image
HOLDS_A_SECRET = re.compile(
    r"KEY|TOKEN|SECRET|PASSWORD|HEADERS|^(DATABASE|REDIS|RABBITMQ|SMTP|REPLIES|ATTACHMENTS)_URL$"
)
# Without importing Rasa, which takes long.
DOOR = re.search(r'^DOOR = "(.+)"$', Path("bot/rasa/channel.py").read_text(encoding="utf-8"), re.MULTILINE)[1]
NO_SECRETS = {"IDENTITY_TOKEN_AUDIENCE", "POSTGRES_PASSWORD_FILE"}


def is_setting(name):
    return name.lower() in Settings.__fields__


def may_be_secret(name):
    return bool(HOLDS_A_SECRET.search(name)) and name not in NO_SECRETS


def pins(lock):
    """Versions by package, as a lock has them."""
    return dict(re.findall(r"^([a-z0-9][a-z0-9-]*)==([^ ]+)", Path(lock).read_text(encoding="utf-8"), re.MULTILINE))


@cache
def rendered(overlay):
    """The objects of an overlay, as kubectl would apply them."""
    need(shutil.which("kubectl") is not None, "kubectl")
    with tempfile.TemporaryDirectory() as folder:
        source = every_part(Path(folder)) if overlay == EVERY_PART else f"deploy/kubernetes/overlays/{overlay}"
        text = subprocess.run(["kubectl", "kustomize", source], check=True, capture_output=True, text=True).stdout
    return [one for one in yaml.safe_load_all(text) if one]


def every_part(folder):
    """An overlay of somebody who wants all components, in the order of their names."""
    kubernetes = (DEPLOY / "kubernetes").resolve()
    parts = [kubernetes / "base", *sorted((kubernetes / "components").iterdir())]
    base, *components = (os.path.relpath(part, folder.resolve()) for part in parts)
    site = {"name": "assistant-settings", "behavior": "merge", "literals": ["SITE_URL=https://help.example.com"]}
    wanted = {"resources": [base], "components": components, "configMapGenerator": [site]}
    written = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", **wanted}
    text = yaml.safe_dump({**written, "namespace": "credential-assistant"})
    (folder / "kustomization.yaml").write_text(text, encoding="utf-8")
    return str(folder)


def of_kind(overlay, *kinds):
    return [one for one in rendered(overlay) if one["kind"] in kinds]


def pods(overlay):
    """The template of each pod by its name."""
    found = {one["metadata"]["name"]: one["spec"] for one in of_kind(overlay, "Deployment", "Job", "CronJob")}
    return {name: spec.get("jobTemplate", {}).get("spec", spec)["template"] for name, spec in found.items()}


def containers(template):
    return [*template["spec"].get("initContainers", []), *template["spec"]["containers"]]


@cache
def compose():
    return yaml.safe_load((DEPLOY / "compose.yml").read_text(encoding="utf-8"))


def script(path):
    """A script of deploy/ as a module."""
    found = importlib.util.spec_from_file_location(Path(path).stem, DEPLOY / path)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module
