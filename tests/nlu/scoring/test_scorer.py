import numpy as np
import pytest

from bot.nlu.scoring import calibration, surface
from bot.nlu.scoring.kernel import Kernel, graph
from bot.nlu.scoring.scorer import Scorer
from bot.nlu.scoring.surface import SurfaceFeatures

EXAMPLES = {
    "fruit": ["red apples", "apples and pears", "sweet pears", "an apple a day"],
    "cars": ["a fast car", "red cars", "the car is fast", "cars and lorries"],
    "out/weather": ["rain tomorrow", "sun and rain", "will it rain"],
}


@pytest.fixture(scope="module")
def trained():
    texts = [text for lines in EXAMPLES.values() for text in lines]
    labels = [label for label, lines in EXAMPLES.items() for _ in lines]
    scorer = Scorer()
    scorer.fit(texts, vectors(texts), labels, ["out/weather"])
    return scorer


def vectors(texts):
    """Sentence vectors of a small made-up kind: how often each letter stands in a text."""
    return np.array([[text.count(chr(97 + i)) + 0.01 for i in range(26)] for text in texts], dtype=np.float32)


def score(scorer, text):
    return scorer.score([text], vectors([text]))[0]


@pytest.mark.parametrize(("text", "label"), [("pears and apples", "fruit"), ("a red car", "cars")])
def test_a_new_text_gets_the_label_of_its_like(trained, text, label):
    scores = score(trained, text)
    assert scores.ranking()[0][0] == label
    assert scores.probabilities.sum() == pytest.approx(1.0)


def test_texts_score_the_same_alone_and_together(trained):
    texts = [text for lines in EXAMPLES.values() for text in lines]
    for text, together in zip(texts, trained.score(texts, vectors(texts))):
        assert together.probabilities == pytest.approx(score(trained, text).probabilities, abs=0.01)
        assert together.acceptance == pytest.approx(score(trained, text).acceptance, abs=0.01)


def test_what_is_like_no_example_is_less_accepted(trained):
    assert score(trained, "apples and pears").acceptance > score(trained, "zzz xqj vvv").acceptance
    assert score(trained, "apples and pears").acceptance > score(trained, "will it rain").acceptance


def test_a_saved_scorer_scores_the_same(trained, tmp_path):
    trained.save(tmp_path)
    again = Scorer.load(tmp_path)
    for text in ("red apples", "fast lorries", "", "rain"):
        assert again.score([text], vectors([text]))[0].probabilities == pytest.approx(
            score(trained, text).probabilities, abs=0.01
        )
        assert score(again, text).acceptance == pytest.approx(score(trained, text).acceptance, abs=0.01)


def test_surface_features_weigh_their_parts_and_ignore_capitals_and_blanks():
    features = SurfaceFeatures(0.3, 0.2)
    rows = features.fit(["the badge is here", "where is the badge"])
    assert (rows @ rows.T).diagonal() == pytest.approx([0.5, 0.5], abs=1e-5)
    again = features.transform(["  The BADGE  is here"])
    assert (again - rows[0]).nnz == 0
    assert features.transform(["", "12345"]).nnz == 0


@pytest.mark.parametrize("examples", [1, 17, 63, 64, 220])
def test_many_texts_at_once_are_compared_as_each_alone(examples):
    chance = np.random.default_rng(5)
    known = chance.normal(size=(examples, 40)).astype(np.float32)
    known /= np.linalg.norm(known, axis=1, keepdims=True)
    compared = Kernel(graph(np.zeros(40), np.eye(40), known, np.ones((examples, 2)), 2.0))
    vectors = chance.normal(size=(70, 40)).astype(np.float32)
    exact = vectors / np.linalg.norm(vectors, axis=1, keepdims=True) @ known.T
    cosines, values = compared(vectors)
    assert np.abs(cosines[:, :examples] - exact).max() < 0.02
    assert values[:, 0] == pytest.approx(np.exp(2 * (exact - 1)).sum(axis=1), rel=0.02)


@pytest.mark.parametrize(("count", "wrong", "given_up"), [(200, 0, 0.125), (200, 20, 0.255), (20_000, 1000, 0.0056)])
def test_more_is_declined_where_few_examples_describe_the_labels_badly(count, wrong, given_up):
    truth = np.zeros(count, dtype=int)
    values = np.tile([1.0, 0.0], (count, 1))
    values[:wrong] = [0.0, 1.0]
    accepted = np.linspace(0, 1, count)
    assert calibration.limit(values, truth, accepted, count) == pytest.approx(given_up, abs=0.002)


def test_products_of_surface_features_are_the_same_with_common_grams_apart(monkeypatch):
    monkeypatch.setattr(surface, "COMMON", 5)
    texts = [text for lines in EXAMPLES.values() for text in lines]
    features = SurfaceFeatures(0.3, 0.2).fit(texts)
    whole, asked = (features @ features.T).toarray(), surface.Products(features)
    for start, end in ((0, len(texts)), (0, 4), (4, 7), (len(texts) - 1, len(texts))):
        assert asked.columns(start, end) == pytest.approx(whole[start:, start:end], abs=1e-5)
