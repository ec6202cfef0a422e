"""`python -m bench.designs [STEPS]`: would contrastive fine-tuning of the encoder help? Measured on validation.jsonl.

STEPS is the number of batches (default 350: about ten minutes of one core). The figures are in docs/understanding.md.
"""

import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any, Iterator, Sequence

import numpy as np

from bot.evaluation.accuracy import judge, summary
from bot.evaluation.examples import questions, training
from bot.nlu.decision import JOINT, OUT_OF_SCOPE, Thresholds, intent_of
from bot.nlu.encoding.encoder import Encoder
from bot.nlu.encoding.export import bundled_model, export
from bot.nlu.scoring.scorer import Scorer
from bot.nlu.standalone import Understanding

PAIRS, RATE = 24, 2e-5
MIXED = ("unrelated", "other_near", "chitchat", "gibberish", "other_language", "injection")
Rows = Sequence[tuple[str, str]]


def main(arguments: list[str]) -> None:
    """Train with the encoder as it is bundled and with a tuned one, and print both."""
    steps = int(arguments[0]) if arguments else 350
    rows = [(text, label) for text, label in training(Path("data/nlu")) if JOINT not in label]
    asked = questions(Path("tests/data/validation.jsonl"))
    _report("as bundled", _understanding("", rows), asked)
    with tempfile.TemporaryDirectory() as folder:
        tune(rows, folder, steps)
        _report("tuned", _understanding(folder, rows), asked)


def tune(rows: Rows, folder: str, steps: int) -> None:
    """Fine-tune by multiple negatives ranking (Henderson et al. 2017, arXiv 1705.00652) and save into `folder`."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    torch.manual_seed(1)
    model = SentenceTransformer(bundled_model(), device="cpu")
    loss = MultipleNegativesRankingLoss(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps + 1, pct_start=0.1)
    model.train()
    for columns in _batches(rows, steps):
        with torch.autocast("cpu", torch.bfloat16):
            value = loss([model.preprocess(column) for column in columns], None)
        value.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        rate.step()
        optimizer.zero_grad()
    model.save(folder)


def _batches(rows: Rows, steps: int) -> Iterator[list[list[str]]]:
    """Pairs of one label, no label twice; the out-of-scope keys that hold a bit of everything are only negatives."""
    chance, texts = np.random.default_rng(1), defaultdict(list)
    for text, label in rows:
        texts["" if label.removeprefix(f"{OUT_OF_SCOPE}/") in MIXED else label].append(text)
    mixed, labels = texts.pop(""), sorted(texts)
    counts = np.array([len(texts[label]) for label in labels])
    for _ in range(steps):
        chosen = chance.choice(labels, PAIRS, replace=False, p=counts / counts.sum())
        pairs = [chance.choice(texts[label], 2, replace=False).tolist() for label in chosen]
        yield [*map(list, zip(*pairs)), chance.choice(mixed, PAIRS, replace=False).tolist()]


def _understanding(model: str, rows: Rows) -> Understanding:
    with tempfile.TemporaryDirectory() as name:
        export(model, Path(name))
        encoder, scorer = Encoder(Path(name)), Scorer()
    texts, labels = [text for text, _ in rows], [label for _, label in rows]
    scorer.fit(texts, encoder.encode(texts), labels, [label for label in labels if intent_of(label) == OUT_OF_SCOPE])
    return Understanding(encoder, scorer, Thresholds(), {})


def _report(title: str, understanding: Understanding, asked: Sequence[dict[str, Any]]) -> None:
    judged = summary(judge(row, understanding.decide(row["text"], row.get("context"))[0]) for row in asked)
    print(f"\nencoder {title}: right / offered / wrong, %")
    for group, shares in judged["groups"].items():
        figures = " / ".join(f"{100 * shares[kind]:.1f}" for kind in ("right", "offered", "wrong"))
        print(f"{group:16s}{figures}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
