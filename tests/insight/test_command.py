"""`python -m bot review drop` as an operator uses it."""

import pytest

from bot.__main__ import main
from bot.insight import review


@pytest.fixture()
def gathered(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for text in ("who is credly", "what is credly"):
        review.add(text, "faq/what_is_credly")
    return lambda: sum(map(len, review.read().values()))


@pytest.mark.parametrize("words", [(), ("",), ("  ",), ("who is credly", "--all")])
def test_nothing_is_dropped_unasked(gathered, words):
    try:
        code = main(["review", "drop", *words])
    except SystemExit as refused:
        code = refused.code
    assert code == 2 and gathered() == 2


def test_one_or_all_are_dropped_where_that_is_said(gathered, capsys):
    assert main(["review", "drop", "who is credly"]) == 0 and gathered() == 1
    assert main(["review", "drop", "never gathered"]) == 1 and gathered() == 1
    assert main(["review", "drop", "--all"]) == 0 and gathered() == 0
