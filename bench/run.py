"""`make bench`: accuracy on public data given by path, then speed beside a stock Rasa pipeline with the same content.

Variables: CLINC (CLINC150 JSON), BANKING_TRAIN and BANKING_TEST (CSV); EXAMPLES, how many examples a label both
pipelines are trained on (default 4; `all` for all: stock Rasa then trains for hours); STOCK_EPOCHS, for how many epochs
stock Rasa is trained (default 10, which answers as fast as its own 100; `100` to compare training as well);
BENCH_DATABASE_URL, an empty PostgreSQL database for ours instead of SQLite; OUT, a JSON file, with a picture beside it.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import picture, scale, speed
from bench.machine import end_all_on_sigterm


def main() -> None:
    """Run what the variables ask for."""
    end_all_on_sigterm()
    report: dict[str, Any] = {}
    if os.environ.get("CLINC"):
        report["clinc150"] = _clinc(Path(os.environ["CLINC"]))
    if os.environ.get("BANKING_TRAIN") and os.environ.get("BANKING_TEST"):
        report["banking77"] = _benchmark(os.environ["BANKING_TRAIN"], os.environ["BANKING_TEST"])
    epochs = os.environ.get("STOCK_EPOCHS", "10")
    database_url = os.environ.get("BENCH_DATABASE_URL", "")
    single, many = speed.compare(os.environ.get("EXAMPLES", "4"), "" if epochs == "100" else epochs, database_url)
    report |= {"speed": single, "scale": many}
    print(speed.table(single), scale.table(many), scale.processor_table(many), scale.goals(many), sep="\n\n")
    out = Path(os.environ.get("OUT", "results/bench.json"))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(report, indent=1), encoding="utf-8")
    picture.draw(many, out.with_suffix(".png"))
    print(f"\nAll figures: {out}, as a picture: {out.with_suffix('.png')}")


def _clinc(path: Path) -> dict[str, Any]:
    data = json.loads(path.read_text(encoding="utf-8"))
    tested = "test" if "test" in data else "val"
    with tempfile.TemporaryDirectory() as folder:
        train, test = Path(folder, "train.csv"), Path(folder, "test.csv")
        for file, parts in ((train, ("train", "oos_train")), (test, (tested, f"oos_{tested}"))):
            with file.open("w", newline="", encoding="utf-8") as out:
                csv.writer(out).writerows([("text", "label"), *(row for part in parts for row in data[part])])
        return _benchmark(str(train), str(test), "--oos-label", "oos")


def _benchmark(train: str, test: str, *more: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "report.json")
        command = [sys.executable, "-m", "bot", "benchmark", "--train", train, "--test", test, "--json", str(out)]
        subprocess.run([*command, *more], check=True)
        found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        return found


if __name__ == "__main__":
    main()
