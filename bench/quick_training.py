"""`python -m bench.quick_training`: how long training only what changed takes, and how far it is from training in full.

Needs a model trained in full, with what it has kept (`python -m bot train --full`). Each case is a process of its own,
start included. Then all changes together are trained in full, and both models answer every question of tests/data.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from bot.evaluation.examples import questions
from bot.nlu.standalone import Understanding, newest_model

FILE, GONE = "data/nlu/faq/expiry.yml", "faq/expiry_on_linkedin"
ANSWER, LABEL = "utter_faq/credential_expiry", "faq/credential_expiry"
FIVE = """
past its end date, now what
will mine go stale in spring
valid until which month
has it run out on me
does age make a certificate worthless
""".strip().splitlines()
TWELVE = """
can I get my badge as an NFT
is there a blockchain version of my credential
are badges on a blockchain
can I mint my certificate as a token
do you store credentials on the blockchain
nft certificate
blockchain verified badge?
is my credential recorded on ethereum
how do I put my badge on chain
does onestream use blockchain for badges
web3 version of the certificate
Can my certification be kept in a crypto wallet?
""".strip().splitlines()
TRAIN = "import sys; from pathlib import Path; from bot.studio.training import train_changes; "
TRAIN += "train_changes(*map(Path, sys.argv[1:]))"
Content = dict[str, Any]


def answer_changed(content: Content) -> None:
    """Another text of one answer."""
    content["responses"][ANSWER] = [{**content["responses"][ANSWER][0], "text": "It is valid for two years."}]


def examples_added(content: Content) -> None:
    """Five examples more of one FAQ."""
    block = next(one for one in content["nlu"] if one["intent"] == LABEL)
    block["examples"] += "".join(f"- {text}\n" for text in FIVE)


def faq_added(content: Content) -> None:
    """A new FAQ with twelve examples."""
    content["nlu"].append({"intent": "faq/blockchain", "examples": "".join(f"- {text}\n" for text in TWELVE)})
    content["responses"]["utter_faq/blockchain"] = [{"text": "No badge of ours is kept on a blockchain."}]


def faq_removed(content: Content) -> None:
    """One FAQ with all of its examples."""
    content["nlu"] = [one for one in content["nlu"] if one["intent"] != GONE]
    del content["responses"][f"utter_{GONE}"]


CASES = (answer_changed, examples_added, faq_added, faq_removed)


def main() -> None:
    """Measure and print."""
    base, report = newest_model(), {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for case in CASES:
            report[case.__name__] = _timed(
                _changes(_content(folder / case.__name__, case), base, folder / "one.tar.gz")
            )
        root = _content(folder / "all", *CASES)
        report["all of these"] = _timed(_changes(root, base, folder / "quick.tar.gz"))
        _print(report)
        report["in full"] = _timed(_full(root, folder))
        print(_line("all of these in full", report["in full"]), flush=True)
        report["equal"] = _compare(folder / "quick.tar.gz", folder / "full.tar.gz")
    out = Path(os.environ.get("OUT", "results/quick-training.json"))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(report, indent=1), encoding="utf-8")
    print(f"All figures: {out}")


def _content(root: Path, *cases: Callable[[Content], None]) -> Path:
    shutil.copytree("data", root / "data")
    shutil.copy("domain.yml", root)
    content = yaml.safe_load((root / FILE).read_text(encoding="utf-8"))
    for case in cases:
        case(content)
    (root / FILE).write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return root


def _changes(root: Path, base: Path, target: Path) -> list[str]:
    return [sys.executable, "-c", TRAIN, str(root), str(base), str(target)]


def _full(root: Path, folder: Path) -> list[str]:
    command = [sys.executable, "-m", "bot.rasa.server", "train", "--domain", str(root / "domain.yml"), "--data"]
    command += [str(root / "data/nlu"), str(root / "data/stories"), "--out", str(folder)]
    return [*command, "--fixed-model-name", "full", "--force", "--quiet", "--skip-validation"]


def _timed(command: list[str]) -> dict[str, float]:
    """Seconds by the clock and of the processor, which other work on the machine makes no longer."""
    begun, before = time.monotonic(), os.times()
    subprocess.run(command, check=True)
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return {"seconds": round(time.monotonic() - begun, 1), "processor seconds": round(spent, 1)}


def _print(report: dict[str, dict[str, float]]) -> None:
    for name, found in report.items():
        print(_line(name.replace("_", " "), found), flush=True)


def _line(name: str, found: dict[str, float]) -> str:
    return f"{name:22s} {found['seconds']:7.1f} s   {found['processor seconds']:7.1f} s of the processor"


def _compare(quick: Path, full: Path) -> dict[str, dict[str, float]]:
    """How often both models understand the same, and how often each is right, by file."""
    from bot.evaluation.accuracy import judge

    models, found = [Understanding.load(quick), Understanding.load(full)], {}
    for path in sorted(Path("tests/data").glob("*.jsonl")):
        rows, equal, right = questions(path), 0, [0, 0]
        for row in rows:
            decided = [model.decide(row["text"], row.get("context"))[0] for model in models]
            equal += _meant(decided[0]) == _meant(decided[1])
            for number, decision in enumerate(decided):
                right[number] += judge(row, decision).outcome == "right"
        found[path.stem] = {
            "questions": len(rows),
            "equal": equal / len(rows),
            "right": right[0] / len(rows),
            "right in full": right[1] / len(rows),
        }
        print(f"{path.stem:22s} {equal / len(rows):7.2%} of {len(rows)} the same; right {right[0] / len(rows):.2%}, ",
              f"in full {right[1] / len(rows):.2%}", flush=True)  # fmt: skip
    return found


def _meant(decided: Any) -> tuple[Any, ...]:
    offered = [one.label for one in decided.candidates] if decided.intent == "nlu_fallback" else []
    return decided.intent, decided.label, [one.label for one in decided.questions], list(decided.also), offered


if __name__ == "__main__":
    main()
