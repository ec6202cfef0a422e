import time

import numpy as np
import pytest

from bot.nlu.encoding import bert_graph
from bot.nlu.encoding.encoder import Encoder, _batches, cores_are_free
from bot.nlu.encoding.export import bundled_model, export

TEXTS = ["badge", "who can see my badge when I share it on a network?", "", "why " * 200, "a", "my badge is missing"]


def cosines(left, right):
    return (left * right).sum(axis=-1)


def test_texts_mean_the_same_alone_and_together(understanding):
    encoder = understanding.encoder
    together = encoder.encode(TEXTS).reshape(len(TEXTS), -1, encoder.size)
    for text, row in zip(TEXTS, together):
        assert cosines(encoder.encode([text]).reshape(-1, encoder.size), row).min() > 0.95, text


def test_each_layer_has_length_one(understanding):
    layers = understanding.encoder.encode(TEXTS).reshape(len(TEXTS), -1, understanding.encoder.size)
    assert layers.shape[1] > 1
    assert np.linalg.norm(layers, axis=2) == pytest.approx(1.0, abs=1e-4)


def test_the_sentence_embedding_is_that_of_sentence_transformers(understanding):
    from sentence_transformers import SentenceTransformer

    ours = understanding.encoder.encode(TEXTS[:2])[:, : understanding.encoder.size]
    theirs = SentenceTransformer(bundled_model(), device="cpu").encode(TEXTS[:2])
    assert cosines(ours, theirs).min() > 0.96


def test_without_int8_the_sentence_embedding_is_exactly_theirs(tmp_path):
    from sentence_transformers import SentenceTransformer

    export("", tmp_path, int8=False)
    encoder = Encoder(tmp_path)
    theirs = SentenceTransformer(bundled_model(), device="cpu").encode(TEXTS[:2])
    assert encoder.encode(TEXTS[:2])[:, : encoder.size] == pytest.approx(theirs, abs=1e-4)


def test_a_network_that_must_be_traced_gives_the_same_vectors(tmp_path, monkeypatch):
    written, traced = tmp_path / "written", tmp_path / "traced"
    written.mkdir()
    traced.mkdir()
    export("", written, int8=False)
    monkeypatch.setattr(bert_graph, "fits", lambda network: False)
    export("", traced, int8=False)
    left, right = Encoder(written), Encoder(traced)
    assert left.encode(TEXTS) == pytest.approx(right.encode(TEXTS), abs=1e-4)
    parts = [(0, 15), (16, 50)]
    assert left.encode_parts(TEXTS[1], parts) == pytest.approx(right.encode_parts(TEXTS[1], parts), abs=1e-4)


def test_batches_hold_every_row_once_and_little_padding():
    tokens = [[0] * length for length in (3, 100, 5, 4, 90, 7)]
    groups = _batches(tokens, 32)
    assert sorted(row for group in groups for row in group) == list(range(6))
    assert groups == [[1, 4], [5, 2, 3, 0]]
    assert max(map(len, _batches([[0]] * 70, 32))) == 32


def share_of_other_threads(encoder, text):
    """How many times the processors' work of all threads is that of the one which asks."""
    encoder.encode_parts(text, [(0, 19)])
    whole, own = time.process_time(), time.thread_time()
    for _ in range(5):
        encoder.encode_parts(text, [(0, 19)])
    own = time.thread_time() - own
    return (time.process_time() - whole) / own


def test_a_long_text_works_on_one_core_and_leaves_the_others_alone(understanding):
    assert share_of_other_threads(understanding.encoder, "my badge is missing, can you check it? " * 20) < 1.3


def test_a_short_text_works_on_one_core_while_others_are_wanted(understanding):
    text = "my badge is missing, can you check it? " * 4
    before = cores_are_free.set(lambda: False)
    beside_others = share_of_other_threads(understanding.encoder, text)
    cores_are_free.reset(before)
    assert beside_others < 1.3
