"""Plots as SVG made on the server: no script, readable in light and dark (static/plots.css), with words for all."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 220, 36, 24, 10
MOST_LABELS = 8


def stacked_bars(
    title: str, days: Sequence[tuple[str, Mapping[str, int]]], kinds: Mapping[str, str], *, total: bool = True
) -> Markup:
    """One bar a day, its parts by kind.

    Args:
        title: what it shows.
        days: the name of each day and the numbers by kind.
        kinds: the words for each kind, in the order of the parts from below.
        total: whether the words tell the sum of all days; else the number of the last one, for what is there each day.
    """
    most = nice(max((sum(parts.values()) for _, parts in days), default=0))
    height, step = HEIGHT - TOP - BOTTOM, (WIDTH - LEFT) / max(1, len(days))
    shapes = [_line(TOP + height - height * value / most, value) for value in sorted({0, most // 2, most})]
    every = max(1, -(-len(days) // MOST_LABELS))
    for number, (name, parts) in enumerate(days):
        x, y = LEFT + number * step + step * 0.12, float(TOP + height)
        for kind in kinds:
            tall = height * parts.get(kind, 0) / most
            y -= tall
            if tall:
                words = f"{name}: {parts[kind]} {kinds[kind]}"
                shapes.append(_bar(kind, x, y, step * 0.76, tall, words))
        if number % every == 0:
            shapes.append(_text(x + step * 0.38, HEIGHT - 6, name, "middle"))
    counted = days if total else days[-1:]
    told = {kind: sum(parts.get(kind, 0) for _, parts in counted) for kind in kinds}
    return _svg(title, HEIGHT, shapes, ", ".join(f"{number} {kinds[kind]}" for kind, number in told.items()))


def share_bar(title: str, parts: Mapping[str, int], words: Mapping[str, str]) -> Markup:
    """One bar whose parts are shares of a whole."""
    whole, x, shapes = max(1, sum(parts.values())), 0.0, []
    for kind, name in words.items():
        wide = WIDTH * parts.get(kind, 0) / whole
        if wide:
            shapes.append(_bar(kind, x, 0, max(wide - 2, 1), 28, f"{name}: {parts[kind]}"))
        x += wide
    return _svg(title, 28, shapes, ", ".join(f"{name} {parts.get(kind, 0)}" for kind, name in words.items()))


def yes_and_no(name: str, yes: int, no: int) -> Markup:
    """The share of yes at the left, of no at the right; stretches to the width there is, so its words stand beside it.

    Args:
        name: what was rated.
        yes: how many said yes.
        no: how many said no.
    """
    wide, said = 100 * yes / max(1, yes + no), f"{yes} yes, {no} no"
    shapes = [_bar("yes", 0, 0, wide, 12, said)] if yes else []
    shapes += [_bar("no", wide, 0, 100 - wide, 12, said)] if no else []
    return Markup(
        '<svg class="ratio" viewBox="0 0 100 12" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
    ).format(f"{name}: {said}", Markup("").join(shapes))


def nice(most: int) -> int:
    """A round number that is at least so large, and even, with little empty above it."""
    ten = 10 ** max(0, len(str(most)) - 2)
    steps = (2, 4, 6, 8, 10, 12, 16, 20, 24, 30, 40, 50, 60, 80, 100)
    return next(step * ten for step in steps if step * ten >= most)


def _svg(title: str, height: int, shapes: Sequence[Markup], words: str) -> Markup:
    name = "plot-" + "".join(letter if letter.isalnum() else "-" for letter in title.lower())
    return Markup(
        '<svg class="plot" viewBox="0 0 {0} {1}" role="img" aria-labelledby="{2}-title" aria-describedby="{2}-desc">'
        '<title id="{2}-title">{3}</title><desc id="{2}-desc">{4}</desc>{5}</svg>'
    ).format(WIDTH, height, name, title, words, Markup("").join(shapes))


def _bar(kind: str, x: float, y: float, wide: float, tall: float, words: str) -> Markup:
    return Markup(
        '<rect class="part {}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="2"><title>{}</title></rect>'
    ).format(kind, x, y, wide, tall, escape(words))


def _line(y: float, value: int) -> Markup:
    line = Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(LEFT, WIDTH, y, y)
    return line + _text(LEFT - 6, y + 4, str(value), "end")


def _text(x: float, y: float, words: str, anchor: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(x, y, anchor, escape(words))
