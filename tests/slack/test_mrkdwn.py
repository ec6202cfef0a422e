import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.markdown import escape_mrkdwn, from_mrkdwn, to_mrkdwn
from bot.slack.blocks import divide


@pytest.mark.parametrize(
    ("markdown", "mrkdwn"),
    [
        ("**bold** and *slanted*", "*bold* and _slanted_"),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("[see](https://example.com/a?b=1&c=2)", "<https://example.com/a?b=1&amp;c=2|see>"),
        ("[mail](mailto:a@example.com)", "<mailto:a@example.com|mail>"),
        ("[no page](ftp://example.com/x)", "no page"),
        ("[a|b](https://example.com/x|y)", "<https://example.com/x%7Cy|a¦b>"),
        ("one\n\n- two\n- three\n\nfour", "one\n\n• two\n• three\n\nfour"),
        ("1. two\n2. three", "1. two\n2. three"),
        ("snake\\_case 2 \\* 3 \\[x\\]", "snake_case 2 * 3 [x]"),
        ("`a<b`", "`a&lt;b`"),
        ("jane\\_doe@example.com", "jane_doe@example.com"),
        ("<!channel> <@U1>", "&lt;!channel&gt; &lt;@U1&gt;"),
    ],
)
def test_markdown_becomes_mrkdwn(markdown, mrkdwn):
    assert to_mrkdwn(markdown) == mrkdwn


def test_marks_that_are_meant_as_text_do_not_stand_beside_words():
    assert "*b" not in to_mrkdwn("\\*b\\*") and to_mrkdwn("\\*b\\*").replace("\u200b", "") == "*b*"


@pytest.mark.parametrize(
    ("slack", "text"),
    [
        ("<mailto:jane@example.com|jane@example.com>", "jane@example.com"),
        ("<https://example.com|the page>", "the page (https://example.com)"),
        ("<http://example.com|example.com>", "http://example.com"),
        ("<#C1|general> <!here> <@U1>", "#general @here somebody"),
        ("&lt;b&gt; &amp;lt;", "<b> &lt;"),
    ],
)
def test_what_people_write_is_read_as_they_see_it(slack, text):
    assert from_mrkdwn(slack) == text


@given(st.text(max_size=200))
def test_what_is_escaped_is_read_back(text):
    assert from_mrkdwn(escape_mrkdwn(text)).replace("\u200b", "") == text.replace("\u200b", "")


@given(st.lists(st.sampled_from(["word ", "a & b ", "<https://e.com/x|a link> ", "\n", "\n\n", "x" * 40]), max_size=60))
def test_parts_are_short_complete_and_cut_no_link(pieces):
    text = "".join(pieces).replace("&", "&amp;")
    parts = divide(text, 80)
    assert all(0 < len(part) <= 80 for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(part.count("<") == part.count(">") and part.count("&") == part.count("&amp;") for part in parts)
