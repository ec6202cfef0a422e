"""`python -m bot benchmark` with draws of examples and slips; training itself is tried in tests/nlu/scoring."""

import argparse
import json
from collections import Counter

import numpy as np
import pytest

from bot.commands import benchmark
from bot.evaluation.benchmark import drawn, together, with_slips

ROWS = [(f"please cancel the order number {i} for me", "cancel") for i in range(30)]
ROWS += [(f"where is my parcel {i} right now", "track") for i in range(12)] + [("hello there", "greet")]


@pytest.mark.parametrize("examples", [1, 5, 10])
def test_so_many_examples_of_each_label_are_drawn_and_all_where_there_are_fewer(examples):
    counts = Counter(label for _, label in drawn(ROWS, examples, 1))
    assert counts == {"cancel": examples, "track": examples, "greet": 1}


def test_a_draw_is_the_same_for_a_seed_and_another_for_another():
    assert drawn(ROWS, 5, 1) == drawn(ROWS, 5, 1) != drawn(ROWS, 5, 2)
    assert drawn(ROWS, 0, 1) == ROWS
    assert with_slips(ROWS, 1, 1) == with_slips(ROWS, 1, 1) != with_slips(ROWS, 1, 2)


@pytest.mark.parametrize(("share", "least", "most"), [(0, 0, 0), (0.5, 10, 33), (1, 38, 43)])
def test_that_share_of_the_messages_gets_slips(share, least, most):
    changed = [new for old, new in zip(ROWS, with_slips(ROWS, share, 1)) if new != old]
    assert least <= len(changed) <= most
    assert all(new[1] in ("cancel", "track", "greet") for new in changed)


def test_several_runs_are_told_by_mean_and_spread():
    told = together([{"accuracy": share, "recall": None, "rows": 5} for share in (0.8, 0.9, 1.0)])
    assert (told["accuracy"], told["recall"], told["rows"]) == (0.9, None, 5)
    assert told["spread"] == {"accuracy": 0.1} and len(told["runs"]) == 3
    assert together([{"accuracy": 0.8}]) == {"accuracy": 0.8}


class Words:
    """An encoder that knows a few words, and how many texts it was given."""

    def __init__(self):
        self.calls = []

    def encode(self, texts):
        self.calls.append(len(texts))
        found = [[word in text for word in ("cancel", "order", "parcel", "hello")] for text in texts]
        return np.array(found, dtype=np.float32) + 0.01


@pytest.fixture
def measured(tmp_path, monkeypatch, capsys):
    """The command on ROWS: its exit code, its report and what it printed."""
    encoder, rows = Words(), tmp_path / "rows.csv"
    rows.write_text("\n".join(f"{text},{label}" for text, label in ROWS), encoding="utf-8")
    monkeypatch.setattr("bot.evaluation.benchmark._encoder", lambda model: encoder)

    def run(*options):
        parser, out = argparse.ArgumentParser(), tmp_path / "out.json"
        benchmark.add_arguments(parser)
        given = ["--train", str(rows), "--test", str(rows), "--json", str(out), *options]
        code = benchmark.run(parser.parse_args(given))
        report = json.loads(out.read_text(encoding="utf-8")) if out.exists() else None
        return code, report, capsys.readouterr(), encoder.calls

    return run


def test_where_nothing_is_drawn_one_run_says_all(measured):
    code, report, shown, _ = measured()
    assert code == 0 and report["train_rows"] == len(ROWS) and "runs" not in report
    assert "±" not in shown.out


def test_drawn_examples_train_once_a_seed(measured):
    code, report, shown, encoded = measured("--examples", "5", "--seeds", "3")
    assert code == 0 and report["train_rows"] == 11 and len(report["runs"]) == 3
    assert encoded == [11, len(ROWS)] * 3
    assert "mean of 3 runs" in shown.out and "5 rows a label" in shown.err


def test_slips_alone_train_once_and_are_drawn_for_each_seed(measured):
    code, report, _, encoded = measured("--slips", "1", "--seeds", "3")
    assert code == 0 and len(report["runs"]) == 3
    assert encoded == [len(ROWS)] * 4


@pytest.mark.parametrize("options", [["--examples", "-1"], ["--seeds", "0"], ["--slips", "1.5"], ["--slips", "-0.1"]])
def test_numbers_that_make_no_sense_are_refused_at_once(measured, options):
    code, report, shown, encoded = measured(*options)
    assert code == 2 and report is None and encoded == []
    assert len(shown.err.splitlines()) == 1 and options[0] in shown.err
