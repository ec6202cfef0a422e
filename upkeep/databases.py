"""Advisory databases: those that pip-audit asks over the network, or a clone of PyPA's on this machine."""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from upkeep.advisories import Finding
from upkeep.pins import normal

PIP_AUDIT = Path(sys.executable).with_name("pip-audit")
SERVICES = ("pypi", "osv")
SECONDS = 600  # for all pins
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Answer:
    """What a database knows of the pins; `unknown` are packages that it does not have at all."""

    database: str
    findings: list[Finding]
    unknown: tuple[str, ...] = ()


class NoDatabase(Exception):
    """None answered; says what each said."""


def ask(pinned: Iterable[tuple[str, str]], program: Path = PIP_AUDIT) -> Answer:
    """What the first service that answers knows of the pins; raises NoDatabase.

    A service is tried with one pin before it is asked about all: a package index without advisories says of every
    package that it cannot be audited.
    """
    wanted, said = sorted(pinned), []
    for service in SERVICES:
        try:
            if _asked(service, wanted[:1], program).unknown:
                raise NoDatabase("knows no packages")
            return _asked(service, wanted, program)
        except NoDatabase as error:
            said.append(f"{service}: {error}")
    raise NoDatabase("; ".join(said))


def _asked(service: str, wanted: list[tuple[str, str]], program: Path) -> Answer:
    with TemporaryDirectory() as folder:
        requirements = Path(folder) / "requirements.txt"
        requirements.write_text("".join(f"{name}=={version}\n" for name, version in wanted), encoding="utf-8")
        command = [program, "--requirement", requirements, "--no-deps", "--disable-pip", "--progress-spinner", "off"]
        told = _run([*command, "--format", "json", "--vulnerability-service", service])
    try:
        dependencies = json.loads(told.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError) as error:
        raise NoDatabase(told.stderr.strip().rpartition("\n")[2][:200] or "no answer") from error
    unknown = tuple(one["name"] for one in dependencies if "skip_reason" in one)
    return Answer(service, [found for one in dependencies for found in _findings(one)], unknown)


def _run(command: list[Any]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoDatabase(f"pip-audit: {type(error).__name__}") from error


def _findings(dependency: dict[str, Any]) -> list[Finding]:
    return [
        Finding(
            normal(dependency["name"]),
            dependency["version"],
            frozenset((one["id"], *one.get("aliases", ()))),
            tuple(one.get("fix_versions", ())),
        )
        for one in dependency.get("vulns", ())
    ]


def look_up(pinned: Iterable[tuple[str, str]], clone: Path) -> Answer:
    """What a clone of the Python Packaging Advisory Database knows of the pins; raises NoDatabase.

    Its files name each affected version (vulns/NAME/PYSEC-*.yaml, in the format of https://ossf.github.io/osv-schema/).
    """
    if not (clone / "vulns").is_dir():
        raise NoDatabase(f"{clone} has no folder vulns")
    found = []
    for name, version in sorted(pinned):
        for file in sorted((clone / "vulns" / name).glob("PYSEC-*.yaml")):
            advisory = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  the safe loader, in C
            parts = [part for part in advisory["affected"] if normal(part["package"]["name"]) == name]
            if "withdrawn" not in advisory and any(version in part.get("versions", ()) for part in parts):
                names = frozenset((advisory["id"], *advisory.get("aliases", ())))
                found.append(Finding(name, version, names, _fixed(parts)))
    return Answer(str(clone), found)


def _fixed(parts: list[dict[str, Any]]) -> tuple[str, ...]:
    ranges = [one for part in parts for one in part.get("ranges", ()) if one["type"] == "ECOSYSTEM"]
    return tuple(str(event["fixed"]) for one in ranges for event in one["events"] if "fixed" in event)
