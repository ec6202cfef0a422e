"""spaCy component: names of credentials with small misspellings, where the exact rules found nothing."""

from typing import Iterable, Sequence

from bot.nlu.text import slips
from bot.nlu.text.light_imports import without_frameworks

with without_frameworks():
    from spacy.language import Language
    from spacy.tokens import Doc, Span

SHORTEST = 4  # shorter words, and all with a digit, must be spelt right: "l1" is not "l2"


@Language.factory("misspelt_names", default_config={"names": [], "label": "credential"})
def make(nlp: Language, name: str, names: list[tuple[str, str]], label: str) -> "MisspeltNames":
    """Called by spaCy; `names` are pairs of a name and the id it stands for."""
    return MisspeltNames(((tuple(t.lower_ for t in nlp.make_doc(text)), key) for text, key in names), label)


class MisspeltNames:
    """Adds an entity where each word is like the word of a name, and at least one is not the same."""

    def __init__(self, names: Iterable[tuple[tuple[str, ...], str]], label: str) -> None:
        """Keep the names, longest first, so that the most telling one wins."""
        self._names = sorted(names, key=lambda item: -len(item[0]))
        self._label = label

    def __call__(self, doc: Doc) -> Doc:
        """Called by spaCy with each document."""
        words = [token.lower_ for token in doc]
        taken = {token.i for token in doc if token.ent_type_}
        found: list[Span] = []
        starts: dict[str, list[int]] = {}  # no misspelling changes the first letter
        for index, word in enumerate(words):
            starts.setdefault(word[0], []).append(index)
        for name, key in self._names:
            for start in starts.get(name[0][0], ()):
                place = range(start, start + len(name))
                if taken.isdisjoint(place) and _alike(words[start : place.stop], name):
                    found.append(Span(doc, place.start, place.stop, label=self._label, span_id=key))
                    taken.update(place)
        doc.ents = (*doc.ents, *found)  # type: ignore[assignment]
        return doc


def _alike(words: Sequence[str], name: Sequence[str]) -> bool:
    return len(words) == len(name) and all(word == part or _misspelt(word, part) for word, part in zip(words, name))


def _misspelt(word: str, right: str) -> bool:
    if min(len(word), len(right)) < SHORTEST or word[0] != right[0] or not word.isalpha() or not right.isalpha():
        return False
    return slips.cost(word, right) <= slips.most(right)
