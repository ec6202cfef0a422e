import re
from xml.etree import ElementTree

import pytest

from bot.site import plots


def test_a_plot_says_in_words_what_it_shows_and_escapes_what_it_is_given():
    words = {"answered": "answered <b>"}
    plot = plots.stacked_bars("Questions a day", [("1 Nov", {"answered": 3}), ("2 Nov", {})], words)
    tree = ElementTree.fromstring(plot)
    ids = {one.get("id"): one.text for one in tree.iter() if one.get("id")}
    assert ids[tree.get("aria-labelledby")] == "Questions a day"
    assert ids[tree.get("aria-describedby")] == "3 answered <b>"
    assert "style=" not in plot and "<script" not in plot


@pytest.mark.parametrize(("yes", "no", "widths"), [(3, 1, [75, 25]), (0, 2, [100]), (2, 0, [100])])
def test_a_rating_is_as_wide_as_its_share(yes, no, widths):
    bar = str(plots.yes_and_no("Who is Credly?", yes, no))
    assert [float(wide) for wide in re.findall(r' width="([\d.]+)"', bar)] == widths
    assert f"Who is Credly?: {yes} yes, {no} no" in bar


def test_the_top_of_the_scale_is_near_the_largest_number():
    assert [plots.nice(most) for most in (0, 1, 3, 22, 101, 12_345)] == [2, 2, 4, 24, 120, 16_000]
    assert all(most <= plots.nice(most) <= max(2, 2 * most) for most in range(1, 5000))
