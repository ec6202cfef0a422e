"""The same words mean different things after different things; trained here on a handful of examples."""

import numpy as np
import pytest

from bot.nlu.scoring.replies import NEW, ReplyScorer

EXAMPLES = [
    ("affirm", ["yes", "yes please", "go on then", "do that please"], ["team_offered"]),
    ("deny", ["no", "no thanks", "rather not", "not now thanks"], ["team_offered"]),
    ("tell_detail", ["go on then with level two", "do that level", "no badge came", "not now but in may"], ["writing"]),
    ("change_text", ["change it", "other words", "let me change it", "other text"], ["writing"]),
    ("not_helped", ["no", "no change", "not better", "nope no change"], ["answer_given"]),
    ("ask_more", ["tell me more", "more please", "and more of it", "go on then"], ["answer_given"]),
    (NEW, ["who is credly", "how do i share a badge", "does it expire", "is mine private"], []),
]


def vectors(texts):
    """Sentence vectors of a small made-up kind: how often each letter stands in a text."""
    return np.array([[text.count(chr(97 + i)) + 0.01 for i in range(26)] for text in texts], dtype=np.float32)


@pytest.fixture(scope="module")
def trained():
    rows = [(text, label, before) for label, texts, before in EXAMPLES for text in texts]
    texts = [text for text, _, _ in rows]
    scorer = ReplyScorer()
    scorer.fit(texts, vectors(texts), [label for _, label, _ in rows], [before for _, _, before in rows])
    return scorer


def replies(scorer, text, *before):
    return scorer.score_all([text], vectors([text]), before)[0]


def best(scorer, text, *before):
    return next(iter(replies(scorer, text, *before)))


@pytest.mark.parametrize(
    ("text", "before", "label"),
    [
        ("no", "team_offered", "deny"),
        ("no", "answer_given", "not_helped"),
        ("go on then", "team_offered", "affirm"),
        ("go on then", "answer_given", "ask_more"),
        ("how do i share a badge", "team_offered", NEW),
        ("how do i share a badge", "answer_given", NEW),
        ("other words", "writing", "change_text"),
    ],
)
def test_the_same_words_mean_different_things_after_different_things(trained, text, before, label):
    assert best(trained, text, before) == label


@pytest.mark.parametrize("before", ["team_offered", "writing", "answer_given"])
def test_only_what_can_follow_is_a_reply_and_it_is_shared_out_whole(trained, before):
    may = {label for label, _, where in EXAMPLES if before in where or not where}
    found = replies(trained, "no", before)
    assert set(found) == may
    assert sum(found.values()) == pytest.approx(1.0)
    assert list(found.values()) == sorted(found.values(), reverse=True)


def test_where_two_things_stand_before_either_may_be_answered(trained):
    both = replies(trained, "no", "team_offered", "answer_given")
    assert {"deny", "not_helped", "affirm", "ask_more", NEW} == set(both)


@pytest.mark.parametrize("before", [(), ("never_heard_of",), ("",)])
def test_after_what_is_not_known_nothing_is_a_reply(trained, before):
    assert replies(trained, "yes please", *before) == {}
    assert trained.score_all(["yes", "no"], vectors(["yes", "no"]), before) == [{}, {}]


def test_a_context_that_is_not_known_beside_one_that_is_changes_nothing(trained):
    alone = replies(trained, "no", "answer_given")
    assert replies(trained, "no", "answer_given", "never_heard_of") == alone


def test_sentences_score_the_same_alone_and_together(trained):
    texts = ["no", "tell me more", "who is credly"]
    for text, together in zip(texts, trained.score_all(texts, vectors(texts), ["answer_given"])):
        assert together == pytest.approx(replies(trained, text, "answer_given"), abs=0.001)


def test_a_saved_scorer_scores_the_same(trained, tmp_path):
    trained.save(tmp_path)
    again = ReplyScorer.load(tmp_path)
    for before in ("team_offered", "writing", "answer_given", "never_heard_of"):
        for text in ("no", "go on then", "", "who is credly", "zzz"):
            assert replies(again, text, before) == pytest.approx(replies(trained, text, before), abs=0.01)


def test_where_nothing_was_trained_nothing_is_a_reply(tmp_path):
    assert replies(ReplyScorer.load(tmp_path), "yes", "team_offered") == {}
