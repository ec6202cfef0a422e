import time
from html import unescape

import pytest

from bot.content.markdown import (
    escape_address,
    escape_markdown,
    escape_mrkdwn,
    from_mrkdwn,
    plain_to_html,
    resolve_links,
    to_html,
    to_mrkdwn,
    to_plain_text,
)
from bot.content.responses import fill

ANSWER = 'You can merge[ with this video](link:merge_accounts_video ""). See [Gmail](link:email_signature_gmail_video).'


def test_without_addresses_the_answer_reads_well():
    assert resolve_links(ANSWER, {}) == "You can merge. See Gmail."


def test_with_an_address_the_label_becomes_a_link():
    filled = resolve_links(ANSWER, {"merge_accounts_video": "https://example.com/v"})
    assert filled == "You can merge [with this video](https://example.com/v). See Gmail."


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", "[x](javascript:alert(1))", '<img src=x onerror="x()">'])
def test_nothing_executable_reaches_the_page(evil):
    html = to_html(evil)
    assert "<script" not in html and "<img" not in html and 'href="javascript' not in html


def test_links_open_in_a_new_tab_without_the_opener():
    html = to_html("[mail](mailto:a@example.com)")
    assert 'href="mailto:a@example.com"' in html and 'target="_blank"' in html and "noopener" in html


def test_terminal_text_shows_addresses():
    assert to_plain_text("**Yes.** [here](https://example.com)") == "Yes. here (https://example.com)"


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("**Yes**, *Español:* `code`", "Yes, *Español:* `code`"),
        ("[admin@credly.com](mailto:admin@credly.com)", "admin@credly.com"),
        ("Look at <https://example.com>.", "Look at https://example.com."),
        ("Two:\n\n- **a** one\n- b\n  two\n\nEnd.", "Two:\n\n- a one\n- b\n  two\n\nEnd."),
        ("1. one\n2. two\n   - three", "1. one\n2. two\n   - three"),
        ("It says:\n\n> one\n> two", "It says:\n\n> one\n> two"),
        (r"Data \& \*AI\* \[x\]\(y\)", "Data & *AI* [x](y)"),
    ],
)
def test_plain_text_keeps_words_lines_and_lists(markdown, plain):
    assert to_plain_text(markdown) == plain


@pytest.mark.parametrize(
    "text", ["*a* _b_ ~c~ `d`", "[x](https://evil.example) <b>", "a # b & c \\ d", "# one", "jane_d+x@a.io"]
)
def test_an_escaped_text_is_shown_as_it_is_everywhere(text):
    shown = escape_markdown(f"x {text}")
    assert to_plain_text(shown) == f"x {text}"
    assert unescape(to_html(shown)) == f"<p>x {text}</p>"
    assert from_mrkdwn(to_mrkdwn(shown)).replace("\u200b", "") == f"x {text}"


def test_an_escaped_text_is_no_placeholder_and_no_second_line():
    assert fill("{title} ends.", {"title": escape_markdown("{list}\n- x")}) == "(list) - x ends."


def test_an_address_cannot_end_its_link():
    assert to_plain_text(f"[see]({escape_address('https://a.example/x) [y](z')})") == (
        "see (https://a.example/x%29%20%5By%5D%28z)"
    )


def test_a_placeholder_without_a_value_is_a_fault():
    with pytest.raises(KeyError):
        fill("{title}", {})


def cpu_seconds(work, text):
    """The best of three, in this thread."""
    times = []
    for _ in range(3):
        began = time.thread_time()
        work(text)
        times.append(time.thread_time() - began)
    return min(times)


PIECES = ("[x](", "**", "<http://", "[", "![", "*a_", "`a``", "> ", "\n- a", '[x](link:a "', "<a|", "~a")


def without_links(text):
    return resolve_links(text, {})


@pytest.mark.parametrize("work", [to_plain_text, to_mrkdwn, from_mrkdwn, escape_mrkdwn, plain_to_html, without_links])
@pytest.mark.parametrize("piece", PIECES)
def test_no_text_takes_longer_than_its_length_says(work, piece):
    """Four times the length is about four times the work; sixteen would be a quadratic walk, sixty-four a cubic one."""
    short, long = ((piece * length)[:length] for length in (1_500, 6_000))
    assert cpu_seconds(work, long) < 10 * cpu_seconds(work, short) + 0.01


@pytest.mark.parametrize("piece", PIECES[:3])
def test_odd_characters_cost_little_more_than_a_dense_text(piece):
    harmless, odd = ((one * 5_000)[:5_000] for one in ("**word** [x](https://example.com) *y*\n\n", piece))
    assert cpu_seconds(to_plain_text, odd) < 15 * cpu_seconds(to_plain_text, harmless)
