"""Two texts as one, word by word: what stays, what went, what came."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

SAME, WENT, CAME = "same", "gone", "came"
ALIKE_TEXTS = 0.4  # share of equal words below which two texts are shown one after the other
MOST_COMPARED = 4_000  # words of a text; longer ones are shown whole, before and after
_PIECE = re.compile(r"\s+|\w+|[^\w\s]")
Piece = tuple[str, str]


def word_changes(before: str, after: str) -> list[Piece]:
    """Pairs of SAME, WENT or CAME and the words, in the order in which they are read."""
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    if before == after or not old or not new or len(old) + len(new) > MOST_COMPARED:
        whole = ((SAME, before),) if before == after else ((WENT, before), (CAME, after))
        return [piece for piece in whole if piece[1]]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < ALIKE_TEXTS:
        return [(WENT, before), (CAME, after)]
    return list(_joined(_pieces(matcher, old, new)))


def _pieces(matcher: SequenceMatcher[str], old: list[str], new: list[str]) -> Iterator[Piece]:
    for what, begin, end, first, last in matcher.get_opcodes():
        if what == "equal":
            yield SAME, "".join(old[begin:end])
            continue
        yield WENT, "".join(old[begin:end])
        yield CAME, "".join(new[first:last])


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """With a blank between two changed words taken as changed, too: whole phrases read better than crumbs."""
    gone = came = ""
    for kind, text in pieces:
        if kind == WENT:
            gone += text
        elif kind == CAME:
            came += text
        elif text == " " and gone and came:
            gone, came = gone + text, came + text
        else:
            yield from _told(gone, came)
            gone = came = ""
            yield SAME, text
    yield from _told(gone, came)


def _told(gone: str, came: str) -> Iterator[Piece]:
    if gone:
        yield WENT, gone
    if came:
        yield CAME, came
