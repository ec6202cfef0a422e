"""`python -m bench.misspelt FILE.jsonl ... > OUT.jsonl`: labelled questions with one or two slips each, as of people.

Always the same for the same file. SEED is for another draw: figures were tuned on 1 and are told of 2.
"""

import json
import os
import random
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bot.evaluation.examples import questions
from bot.evaluation.misspelt import misspelt

GROUPS = ("faq", "forum", "action")


def rows(found: Iterable[dict[str, Any]], seed: int) -> Iterator[dict[str, Any]]:
    """The rows of GROUPS with slips."""
    for row in found:
        if row.get("group") in GROUPS:
            yield {**row, "text": misspelt(row["text"], random.Random(f"{seed} {row['text']}"))}


def main(files: list[str]) -> None:
    """Print them as JSON Lines."""
    for file in files:
        for row in rows(questions(Path(file)), int(os.environ.get("SEED", "1"))):
            print(json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1:])
