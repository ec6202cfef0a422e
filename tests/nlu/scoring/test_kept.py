"""Scorers whose examples differ in a few from those of a full training; made-up sentence vectors throughout."""

import numpy as np
import pytest

from bot.nlu.scoring.kept import SolvedRows, Taught, difference
from bot.nlu.scoring.replies import NEW, ReplyScorer
from bot.nlu.scoring.scorer import Scorer

AT_LARGE = {
    "fruit": ["red apples", "apples and pears", "sweet pears", "an apple a day", "green apples", "ripe pears"],
    "cars": ["a fast car", "red cars", "the car is fast", "cars and lorries", "my old car", "a car park"],
    "out/weather": ["rain tomorrow", "sun and rain", "will it rain", "a rainy day"],
}
MUSIC = [Taught(text, "music") for text in ("play the zither", "a zither concert", "loud music", "zither music")]
IN_CONTEXT = [
    ("affirm", ["yes", "yes please", "go on then", "do that please"], ["team_offered", "writing"]),
    ("deny", ["no", "no thanks", "rather not", "not now thanks"], ["team_offered"]),
    ("not_helped", ["no", "no change", "not better", "nope no change"], ["answer_given"]),
    (NEW, ["who is credly", "how do i share a badge", "does it expire", "is mine private"], []),
]


def vectors(texts):
    """How often each letter stands in a text."""
    return np.array([[text.count(chr(97 + i)) + 0.01 for i in range(26)] for text in texts], dtype=np.float32)


def fitted(messages, keep=None):
    scorer = Scorer()
    texts, labels = [one.text for one in messages], [one.label for one in messages]
    scorer.fit(texts, vectors(texts), labels, ["out/weather"], keep)
    return scorer


def fitted_replies(messages, keep=None):
    scorer = ReplyScorer()
    texts = [one.text for one in messages]
    scorer.fit(texts, vectors(texts), [one.label for one in messages], [one.after for one in messages], keep)
    return scorer


def probabilities(scorer, text):
    found = scorer.score([text], vectors([text]))[0]
    return dict(found.ranking()), found.acceptance


def changed(folder, wanted, outside=("out/weather",)):
    gone, come = difference(SolvedRows.messages_of(folder), wanted)
    come = [wanted[number] for number in come]
    rows = vectors([one.text for one in come]) if come else None
    return Scorer.changed(folder, gone, come, rows, outside)


def changed_replies(folder, wanted):
    gone, come = difference(SolvedRows.messages_of(folder), wanted)
    come = [wanted[number] for number in come]
    return ReplyScorer.changed(folder, gone, come, vectors([one.text for one in come]) if come else None)


@pytest.fixture()
def messages():
    return [Taught(text, label) for label, texts in AT_LARGE.items() for text in texts]


@pytest.fixture()
def told():
    return [Taught(text, label, tuple(after)) for label, texts, after in IN_CONTEXT for text in texts]


def test_without_a_change_nothing_is_scored_otherwise(messages, tmp_path):
    full = fitted(messages, tmp_path)
    again = changed(tmp_path, messages)
    for text in ("red apples", "fast lorries", "rain", "zzz"):
        before, after = probabilities(full, text), probabilities(again, text)
        assert after[0] == pytest.approx(before[0], abs=1e-3) and after[1] == pytest.approx(before[1], abs=1e-3)


def test_a_new_label_is_found_by_words_that_no_example_had_before(messages, tmp_path):
    fitted(messages, tmp_path)
    ranking, acceptance = probabilities(changed(tmp_path, messages + MUSIC), "the zither")
    assert next(iter(ranking)) == "music" and acceptance > 0
    anew, _ = probabilities(fitted(messages + MUSIC), "the zither")
    assert next(iter(anew)) == "music"


def test_a_label_without_examples_is_gone(messages, tmp_path):
    fitted(messages, tmp_path)
    fewer = [one for one in messages if one.label != "fruit"]
    ranking, acceptance = probabilities(changed(tmp_path, fewer), "red apples")
    assert set(ranking) == {"cars", "out/weather"}
    assert acceptance < probabilities(changed(tmp_path, messages), "red apples")[1]


def test_an_example_that_moved_to_another_label_counts_there(messages, tmp_path):
    fitted(messages, tmp_path)
    moved = [Taught(one.text, "cars") if "pears" in one.text else one for one in messages]
    assert next(iter(probabilities(changed(tmp_path, messages), "pears")[0])) == "fruit"
    assert next(iter(probabilities(changed(tmp_path, moved), "pears")[0])) == "cars"


def test_a_changed_scorer_scores_the_same_once_saved(messages, tmp_path):
    kept, model = tmp_path / "kept", tmp_path / "model"
    kept.mkdir(), model.mkdir()
    fitted(messages, kept)
    scorer = changed(kept, messages[3:] + MUSIC)
    scorer.save(model)
    before, after = probabilities(scorer, "zither"), probabilities(Scorer.load(model), "zither")
    assert after[0] == pytest.approx(before[0], abs=0.01) and after[1] == pytest.approx(before[1], abs=0.01)


def test_what_was_kept_serves_again_after_a_change(messages, tmp_path):
    full = fitted(messages, tmp_path)
    changed(tmp_path, messages[5:] + MUSIC)
    after, before = probabilities(changed(tmp_path, messages), "red cars"), probabilities(full, "red cars")
    assert after[0] == pytest.approx(before[0], abs=1e-3)


def test_replies_without_a_change_are_the_same(told, tmp_path):
    full, again = fitted_replies(told, tmp_path), changed_replies(tmp_path, told)
    assert again.labels == full.labels and again.contexts == full.contexts
    for text in ("no", "go on then", "who is credly"):
        for context in ("team_offered", "writing", "answer_given"):
            before = full.score_all([text], vectors([text]), [context])[0]
            assert again.score_all([text], vectors([text]), [context])[0] == pytest.approx(before, abs=1e-3)


def test_a_reply_can_get_a_further_context_and_a_label_of_its_own(told, tmp_path):
    fitted_replies(told, tmp_path)
    wanted = [Taught(one.text, one.label, ("answer_given",)) if one.label == "affirm" else one for one in told]
    wanted += [Taught(text, "later", ("on_hold",)) for text in ("tomorrow", "next week", "later please")]
    scorer = changed_replies(tmp_path, wanted)
    assert scorer.contexts == ("answer_given", "on_hold", "team_offered")
    assert scorer.labels_of(["answer_given"]) == {"affirm", "not_helped", NEW}
    assert scorer.labels_of(["on_hold"]) == {"later", NEW}
    found = scorer.score_all(["yes please"], vectors(["yes please"]), ["answer_given"])[0]
    assert next(iter(found)) == "affirm"
    anew = fitted_replies(wanted)
    assert found == pytest.approx(
        anew.score_all(["yes please"], vectors(["yes please"]), ["answer_given"])[0], abs=0.15
    )


def test_messages_that_stand_twice_are_counted_twice():
    one, other = Taught("no", "deny"), Taught("yes", "affirm")
    assert difference([one, one, other], [one, other]) == ([1], [])
    assert difference([one], [one, one]) == ([], [1])
