"""The project's content with a limited number of examples a label, for both pipelines alike."""

import shutil
from pathlib import Path

import yaml


def copy(root: Path, examples: str) -> list[str]:
    """Write the training data into `root`; returns one message a FAQ, the example of middle length.

    Args:
        root: an existing folder.
        examples: how many a label, or "all".
    """
    messages = []
    for path in sorted(Path("data/nlu").rglob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for block in content.get("nlu", []):
            lines = block["examples"].strip().splitlines()
            kept = lines if examples == "all" else lines[:: max(1, len(lines) // int(examples))]
            block["examples"] = "\n".join(kept)
            if block["intent"].startswith("faq/"):
                messages.append(sorted(kept, key=len)[len(kept) // 2].removeprefix("- "))
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
    shutil.copytree("data/stories", root / "data/stories")
    return messages
