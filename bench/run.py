"""`make bench`: accuracy on public data given by path, and parse speed of our pipeline beside stock Rasa's.

Variables: CLINC (CLINC150 JSON), BANKING_TRAIN and BANKING_TEST (CSV). Without them only speed is measured.
"""

import asyncio
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

STOCK_PIPELINE = """recipe: default.v1
language: en
assistant_id: stock
pipeline:
- name: WhitespaceTokenizer
- name: RegexFeaturizer
- name: LexicalSyntacticFeaturizer
- name: CountVectorsFeaturizer
- {name: CountVectorsFeaturizer, analyzer: char_wb, min_ngram: 1, max_ngram: 4}
- {name: DIETClassifier, epochs: 100, constrain_similarities: true}
- name: EntitySynonymMapper
- {name: ResponseSelector, epochs: 100, constrain_similarities: true}
- {name: FallbackClassifier, threshold: 0.3, ambiguity_threshold: 0.1}
policies:
- name: MemoizationPolicy
- name: RulePolicy
- {name: UnexpecTEDIntentPolicy, max_history: 5, epochs: 100}
- {name: TEDPolicy, max_history: 5, epochs: 100, constrain_similarities: true}
"""


def main() -> None:
    """Run what the variables ask for and print one JSON line a measurement."""
    if os.environ.get("CLINC"):
        _clinc(Path(os.environ["CLINC"]))
    if os.environ.get("BANKING_TRAIN") and os.environ.get("BANKING_TEST"):
        _benchmark(os.environ["BANKING_TRAIN"], os.environ["BANKING_TEST"], [])
    with tempfile.TemporaryDirectory() as folder:
        stock = Path(folder, "stock.yml")
        stock.write_text(STOCK_PIPELINE)
        for name, config in (("ours", Path("config.yml")), ("stock", stock)):
            _speed(name, config, Path(folder, name))


def _clinc(path: Path) -> None:
    data = json.loads(path.read_text())
    with tempfile.TemporaryDirectory() as folder:
        train, test = Path(folder, "train.csv"), Path(folder, "test.csv")
        for file, parts in ((train, ("train", "oos_train")), (test, ("val", "oos_val"))):
            with file.open("w", newline="") as out:
                csv.writer(out).writerows([("text", "label"), *(row for part in parts for row in data[part])])
        _benchmark(str(train), str(test), ["--oos-label", "oos"])


def _benchmark(train: str, test: str, more: list[str]) -> None:
    subprocess.run([sys.executable, "-m", "bot", "benchmark", "--train", train, "--test", test, *more], check=True)


def _speed(name: str, config: Path, out: Path) -> None:
    started = time.perf_counter()
    command = [sys.executable, "-m", "rasa", "train", "--config", str(config), "--out", str(out), "--force"]
    with tempfile.TemporaryDirectory() as cache:
        env = {**os.environ, "RASA_CACHE_DIRECTORY": cache}
        subprocess.run([*command, "--data", "data/nlu", "data/stories"], check=True, env=env, stdout=subprocess.DEVNULL)
    trained = time.perf_counter() - started
    model = next(out.glob("*.tar.gz"))
    done = subprocess.run([sys.executable, "-m", "bench.run", "--parse", str(model)], check=True, capture_output=True)
    print(
        json.dumps({"pipeline": name, "train_seconds": round(trained, 1), **json.loads(done.stdout.splitlines()[-1])})
    )


def parse_speed(model: str) -> None:
    """Load a model and time single messages; prints JSON."""
    from rasa.core.agent import Agent

    texts = [json.loads(line)["text"] for line in Path("tests/data/test.jsonl").read_text().splitlines()][:200]
    started = time.perf_counter()
    agent = Agent.load(model)
    loaded = time.perf_counter() - started

    async def measure() -> list[float]:
        seconds = []
        for text in texts:
            before = time.perf_counter()
            await agent.parse_message(text)
            seconds.append(time.perf_counter() - before)
        return sorted(seconds[20:])

    times = asyncio.run(measure())
    print(
        json.dumps(
            {
                "parse_p50_ms": round(times[len(times) // 2] * 1e3, 1),
                "parse_p95_ms": round(times[int(len(times) * 0.95)] * 1e3, 1),
                "load_seconds": round(loaded, 1),
                "peak_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--parse"]:
        parse_speed(sys.argv[2])
    else:
        main()
