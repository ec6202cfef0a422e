"""Which licences the parts of the bill of materials have: what is forbidden, and what is worth a look."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

# Licences that ask for more than naming the authors, or leave something out; what is served may not have them.
FORBIDDEN = re.compile(
    r"AGPL|affero|\bSSPL|server side public|BUSL|business source|commons clause|non-?commercial|CC-BY-NC"
    r"|(?<!L)\bGPL|(?<!lesser )(?<!library or lesser )general public license(?! \(LGPL)|proprietary",
    re.IGNORECASE,
)
# In the environment that trains and serves from one lock, used by a graphics card alone, and never passed on by us.
ALLOWED = {"cuda-toolkit": "NVIDIA's, with PyTorch for graphics cards", "nvidia-": "the same"}
# Known from the files of the packages, whose own description has no licence that a program can read.
WRITTEN_ELSEWHERE = {"cuda-toolkit": "LicenseRef-NVIDIA-Proprietary"}
USUAL = re.compile(
    r"^(MIT|BSD|0BSD|Apache|ISC|PSF|Python|HPND|MIT-CMU|MIT-0|Unlicense|Zlib|3-Clause BSD|Public Domain)", re.I
)


def licence(component: Mapping[str, Any]) -> str:
    """One text for what a component of the bill says."""
    told = [one.get("expression") or _named(one.get("license") or {}) for one in component.get("licenses", ())]
    known = [one for one in told if one and one not in ("OSI Approved", "License :: OSI Approved")]
    return " / ".join(dict.fromkeys(known)) or WRITTEN_ELSEWHERE.get(component["name"], "")


def _named(told: Mapping[str, Any]) -> str:
    return str(told.get("id") or told.get("name") or "").removeprefix("License :: ").removeprefix("OSI Approved :: ")


def by_licence(components: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Names of components by what their licence says, "" for none."""
    found = defaultdict(list)
    for component in components:
        found[licence(component)].append(component["name"])
    return dict(found)


def forbidden(components: Iterable[Mapping[str, Any]]) -> list[str]:
    """What may not be used: a forbidden licence, or none that is known, and no reason written here."""
    return [
        f"{one['name']}: {licence(one) or 'no licence known'}"
        for one in components
        if (not licence(one) or FORBIDDEN.search(licence(one))) and not one["name"].startswith(tuple(ALLOWED))
    ]


def unusual(components: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Components by their licence, where it is none of the usual permissive ones."""
    found = by_licence(components)
    return {name: parts for name, parts in sorted(found.items()) if not all(map(USUAL.match, _alternatives(name)))}


def _alternatives(text: str) -> list[str]:
    return [part.strip("() ") for part in re.split(r" / | AND | OR ", text)]
