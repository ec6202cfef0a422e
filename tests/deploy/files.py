"""What the tests of deploy/ read: its files, rendered as their tools render them."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import yaml

from bot.settings import Settings
from tests.conftest import need

DEPLOY = Path("deploy")
OVERLAYS = ("small", "large")
OF_OTHERS = {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD_FILE"}  # settings of PostgreSQL's own image
HOLDS_A_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|^(DATABASE|REDIS|RABBITMQ|SMTP|REPLIES|ATTACHMENTS)_URL$")
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
    command = ["kubectl", "kustomize", f"deploy/kubernetes/overlays/{overlay}"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [one for one in yaml.safe_load_all(text) if one]


def of_kind(overlay, *kinds):
    return [one for one in rendered(overlay) if one["kind"] in kinds]


def pods(overlay):
    """The template of each pod by its name."""
    return {one["metadata"]["name"]: one["spec"]["template"] for one in of_kind(overlay, "Deployment", "Job")}


def containers(template):
    return [*template["spec"].get("initContainers", []), *template["spec"]["containers"]]


@cache
def compose():
    return yaml.safe_load((DEPLOY / "compose.yml").read_text(encoding="utf-8"))
