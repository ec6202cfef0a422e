"""Surface features: how a text is spelt, as weighted character and word n-grams in one sparse row.

The weights are TF-IDF with 1 + log(count) for the term frequency and rows of length 1 (Manning, Raghavan & Schuetze
2008, Introduction to Information Retrieval, section 6.4).
"""

import re
from collections import Counter
from functools import lru_cache
from itertools import chain
from typing import Any, Callable, Iterable, Iterator, Sequence

import numpy as np
from scipy.sparse import csr_matrix, hstack

from bot.nlu.scoring.products import fastest

SHORTEST_GRAM, LONGEST_GRAM = 2, 5
CACHED_PIECES = 10_000
COMMON = 512  # n-grams that are multiplied as dense numbers
_WORD = re.compile(r"\w+")


def words(text: str) -> Iterable[str]:
    """What stands between blanks, as it is spelt."""
    return text.lower().split()


def character_grams(word: str) -> Iterator[str]:
    """All pieces of SHORTEST_GRAM to LONGEST_GRAM characters of a word, a blank on either side."""
    padded = f" {word} "
    for size in range(SHORTEST_GRAM, LONGEST_GRAM + 1):
        for start in range(max(1, len(padded) - size + 1)):
            yield padded[start : start + size]


def word_grams(text: str) -> Iterable[str]:
    """All words and pairs of neighbouring words."""
    found = _WORD.findall(text.lower())
    return chain(found, map(" ".join, zip(found, found[1:])))


def itself(piece: str) -> Iterable[str]:
    """A piece that is an n-gram already."""
    return (piece,)


class Grams:
    """TF-IDF of one kind of n-gram."""

    def __init__(
        self,
        pieces: Callable[[str], Iterable[str]],
        grams: Callable[[str], Iterable[str]],
        weight: float,
        at_least: int,
    ) -> None:
        """Set up without a vocabulary.

        Args:
            pieces: cuts a text; the n-grams of pieces met before are remembered.
            grams: gives a piece's n-grams.
            weight: length of each row.
            at_least: in how many texts an n-gram must occur to be learnt.
        """
        self._pieces, self._grams, self._weight, self._at_least = pieces, grams, weight, at_least
        self._know([], np.zeros(0, dtype=np.float32))

    def _know(self, grams: Iterable[str], rarity: np.ndarray) -> None:
        self._vocabulary, self._rarity = {gram: index for index, gram in enumerate(grams)}, rarity
        self._columns = lru_cache(CACHED_PIECES)(self._find_columns)

    def _find_columns(self, piece: str) -> tuple[int, ...]:
        known = self._vocabulary
        return tuple(known[gram] for gram in self._grams(piece) if gram in known)

    def __len__(self) -> int:
        """How many n-grams are known."""
        return len(self._vocabulary)

    def fit(self, texts: Sequence[str]) -> None:
        """Learn vocabulary and rarity."""
        found: Counter[str] = Counter()
        for text in texts:
            found.update({gram for piece in self._pieces(text) for gram in self._grams(piece)})
        kept = sorted(gram for gram, count in found.items() if count >= self._at_least)
        seen = np.array([found[gram] for gram in kept], dtype=np.float32)
        self._know(kept, np.log((1 + len(texts)) / (1 + seen)) + 1)

    def learn_more(self, texts: Sequence[str], of: int) -> int:
        """Learn the n-grams of further texts that are not known yet; how many these are.

        Args:
            texts: the further ones.
            of: how many texts there are in all; the rarity of what is known already stays.
        """
        found: Counter[str] = Counter()
        for text in texts:
            found.update({gram for piece in self._pieces(text) for gram in self._grams(piece)})
        new = sorted(gram for gram, n in found.items() if n >= self._at_least and gram not in self._vocabulary)
        seen = np.array([found[gram] for gram in new], dtype=np.float32)
        rarity = np.asarray(np.log((1 + of) / (1 + seen)) + 1, dtype=np.float32)
        self._know([*self._vocabulary, *new], np.concatenate([self._rarity, rarity]))
        return len(new)

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """One row a text; n-grams that were not learnt count for nothing."""
        rows = [self.row(text) for text in texts]
        ends = np.cumsum([0, *(len(indices) for indices, _ in rows)])
        indices, values = (np.concatenate(column) for column in zip(*rows))
        return csr_matrix((values, indices, ends), shape=(len(texts), len(self._vocabulary)))

    def row(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Columns and values of one text's n-grams."""
        counts = Counter(chain.from_iterable(map(self._columns, self._pieces(text))))
        indices = np.fromiter(counts.keys(), dtype=np.int32, count=len(counts))
        often = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        values = (1 + np.log(often)) * self._rarity[indices]
        return indices, values * (self._weight / max(float(np.linalg.norm(values)), 1e-9))

    def description(self) -> dict[str, Any]:
        """Plain values that `restore` takes."""
        return {"grams": list(self._vocabulary), "rarity": [round(float(value), 5) for value in self._rarity]}

    def restore(self, description: dict[str, Any]) -> None:
        """Take over what `description` gave."""
        self._know(description["grams"], np.array(description["rarity"], dtype=np.float32))


class Products:
    """`features @ features.T`, some columns at a time: whole, it would take several times the memory.

    The n-grams that most texts have make most of the work as sparse numbers; as dense ones they are a third of it.
    """

    def __init__(self, features: csr_matrix) -> None:
        """Part the n-grams into common and rare ones."""
        order = np.argsort(-np.bincount(features.indices, minlength=features.shape[1]), kind="stable")
        self._common, self._rare = features[:, order[:COMMON]].toarray(), features[:, np.sort(order[COMMON:])]

    def columns(self, start: int, end: int) -> np.ndarray:
        """The columns from `start` to `end`, from the diagonal down (n - start, end - start)."""
        found = fastest()(self._common[start:], np.ascontiguousarray(self._common[start:end].T))
        found += (self._rare[start:] @ self._rare[start:end].T.tocsr()).toarray()
        return found


class SurfaceFeatures:
    """Character n-grams beside words and word pairs."""

    def __init__(self, character_weight: float, word_weight: float) -> None:
        """Set up untrained features.

        Args:
            character_weight: share of the character n-grams in the product of two texts' features.
            word_weight: share of the words and word pairs.
        """
        self._parts = (
            Grams(words, character_grams, character_weight**0.5, 2),
            Grams(word_grams, itself, word_weight**0.5, 1),
        )

    @property
    def width(self) -> int:
        """How many n-grams are known."""
        return sum(map(len, self._parts))

    def fit(self, texts: Sequence[str]) -> csr_matrix:
        """Learn the n-grams of `texts` and give their features, one row a text."""
        for part in self._parts:
            part.fit(texts)
        return self.transform(texts)

    def learn_more(self, texts: Sequence[str], features: csr_matrix) -> csr_matrix:
        """Learn the n-grams that only further texts have.

        Args:
            texts: the further ones.
            features: of the texts that were learnt before.

        Returns:
            The same features, with empty columns where new n-grams have come in.
        """
        places, first, new = np.arange(features.shape[1], dtype=np.int32), 0, 0
        for part in self._parts:
            known = len(part)
            places[first : first + known] += new
            new += part.learn_more(texts, features.shape[0] + len(texts))
            first += known
        parts = features.data, places[features.indices], features.indptr
        return csr_matrix(parts, shape=(features.shape[0], first + new))

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """Features of texts, one row each."""
        return hstack([part.transform(texts) for part in self._parts], format="csr", dtype=np.float32)

    def product(self, texts: Sequence[str], matrix: np.ndarray) -> np.ndarray:
        """`transform(texts) @ matrix`, quicker for a few texts."""
        found, first = np.zeros((len(texts), matrix.shape[1]), dtype=np.float32), 0
        for part in self._parts:
            for row, (columns, values) in zip(found, map(part.row, texts)):
                row += values @ matrix[first + columns]
            first += len(part)
        return found

    def add_likeness(self, texts: Sequence[str], by_gram: csr_matrix, alike: np.ndarray) -> None:
        """Add `transform(texts) @ by_gram` to an array (texts, examples): quicker than sparse products for few texts.

        Args:
            texts: one for each row of `alike`.
            by_gram: features of examples, one row an n-gram.
            alike: is changed.
        """
        starts, places, weights = by_gram.indptr, by_gram.indices, by_gram.data
        first = 0
        for part in self._parts:
            for row, (columns, values) in zip(alike, map(part.row, texts)):
                begins = starts[first + columns]
                counts = starts[first + columns + 1] - begins
                within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
                entries = np.repeat(begins, counts) + within
                row += np.bincount(places[entries], np.repeat(values, counts) * weights[entries], len(row))
            first += len(part)

    def description(self) -> list[dict[str, Any]]:
        """Plain values that `restore` makes the same features from."""
        return [part.description() for part in self._parts]

    def restore(self, description: Sequence[dict[str, Any]]) -> None:
        """Take over what `description` gave."""
        for part, stored in zip(self._parts, description):
            part.restore(stored)
