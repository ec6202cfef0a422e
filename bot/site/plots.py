"""Plots as SVG made on the server: no script, readable in light and dark (static/plots.css), with words for all."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 220, 36, 24, 10
MOST_LABELS = 8


def stacked_bars(title: str, days: Sequence[tuple[str, Mapping[str, int]]], kinds: Mapping[str, str]) -> Markup:
    """One bar a day, its parts by kind.

    Args:
        title: what it shows.
        days: the name of each day and the numbers by kind.
        kinds: the words for each kind, in the order of the parts from below.
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
    total = {kind: sum(parts.get(kind, 0) for _, parts in days) for kind in kinds}
    return _svg(title, HEIGHT, shapes, ", ".join(f"{number} {kinds[kind]}" for kind, number in total.items()))


def share_bar(title: str, parts: Mapping[str, int], words: Mapping[str, str]) -> Markup:
    """One bar whose parts are shares of a whole."""
    whole, x, shapes = max(1, sum(parts.values())), 0.0, []
    for kind, name in words.items():
        wide = WIDTH * parts.get(kind, 0) / whole
        if wide:
            shapes.append(_bar(kind, x, 0, max(wide - 2, 1), 28, f"{name}: {parts[kind]}"))
        x += wide
    return _svg(title, 28, shapes, ", ".join(f"{name} {parts.get(kind, 0)}" for kind, name in words.items()))


def nice(most: int) -> int:
    """A round number that is at least so large, and even."""
    size = 2
    while size < most:
        size = size * 5 // 2 if str(size)[0] == "2" else size * 2
    return size


def _svg(title: str, height: int, shapes: Sequence[Markup], words: str) -> Markup:
    return Markup('<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, height, f"{title}: {words}", Markup("").join(shapes)
    )


def _bar(kind: str, x: float, y: float, wide: float, tall: float, words: str) -> Markup:
    return Markup(
        '<rect class="part {}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="2"><title>{}</title></rect>'
    ).format(kind, x, y, wide, tall, escape(words))


def _line(y: float, value: int) -> Markup:
    line = Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(LEFT, WIDTH, y, y)
    return line + _text(LEFT - 6, y + 4, str(value), "end")


def _text(x: float, y: float, words: str, anchor: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(x, y, anchor, escape(words))
