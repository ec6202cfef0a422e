"""Addresses in the team's words can be clicked, in the chat and in Slack; nothing else comes of them."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.links import linked_html, linked_mrkdwn, pieces
from bot.content.markdown import from_mrkdwn
from tests.content.test_markdown import cpu_seconds


def links(text):
    return [target for _, target in pieces(text) if target]


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("Look at https://support.credly.com/hc/en-us.", "https://support.credly.com/hc/en-us"),
        ("(see https://example.com/a_(b)?c=1&d=2#e)", "https://example.com/a_(b)?c=1&d=2#e"),
        ("Is it HTTP://Example.com/x?", "HTTP://Example.com/x"),
        ("https://example.com:8443/path, then claim it", "https://example.com:8443/path"),
        ('"https://example.com/"', "https://example.com/"),
        ("**https://example.com/a**", "https://example.com/a"),
        ("write to admin@credly.com.", "mailto:admin@credly.com"),
        ("<first.last+tag@mail.example.co.uk>", "mailto:first.last+tag@mail.example.co.uk"),
    ],
)
def test_web_and_mail_addresses_become_links_without_the_full_stop_of_their_sentence(text, target):
    assert links(text) == [target]


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "ftp://example.com/x",
        "file:///etc/passwd",
        "www.example.com and example.com",
        "https://",
        "http://[not-an-address",
        "https://example.com:port/",
        "https://credly.com@evil.example/",
        "https://" + "a" * 2000,
        "@jane, 5@ 3, a@b",
        "xhttps://example.com",
    ],
)
def test_nothing_else_does(text):
    assert links(text) == []
    assert "<a" not in linked_html(text)


def test_a_link_opens_in_a_new_tab_without_the_opener_and_lines_stay():
    assert linked_html("Hello,\nsee https://example.com/?a=1&b=2.\n\nAnna") == (
        '<p>Hello,<br>see <a href="https://example.com/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">'
        "https://example.com/?a=1&amp;b=2</a>.</p><p>Anna</p>"
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script> https://example.com/<b>",
        "https://example.com/\"onmouseover='alert(1)'",
        "https://example.com/'onmouseover='alert(1)",
        'a@example.com"><img src=x onerror=alert(1)>',
    ],
)
def test_no_html_comes_of_it(text):
    html = linked_html(text)
    tags = re.findall(r"<[^>]*>", html)
    assert all(
        re.fullmatch(r'</?p>|</a>|<a href="[^"<>]*" target="_blank" rel="noopener noreferrer">', t) for t in tags
    )
    assert unescape(re.sub(r"<[^>]*>", "", html)) == text


def test_slack_shows_the_same_links():
    assert linked_mrkdwn("See https://example.com/?a=1&b=2, or ask a.b@example.com") == (
        "See <https://example.com/?a=1&amp;b=2|https://example.com/?a=1&amp;b=2>, "
        "or ask <mailto:a.b@example.com|a.b@example.com>"
    )


@pytest.mark.parametrize("text", ["<!channel> <@U1>", "*https://example.com*", "_a@example.com_ <https://x.example|y>"])
def test_nobody_is_notified_in_slack_and_nothing_is_emphasised(text):
    said = linked_mrkdwn(text)
    assert "<!" not in said and "<@" not in said
    assert not re.search(r"(^|\s)[*_]<", said)
    assert from_mrkdwn(said).replace("\u200b", "") == text


@given(st.text(max_size=200), st.sampled_from(["https://e.com/x", "a@example.com", "https://", " ", ")"]))
def test_the_words_stay_as_they_are(text, piece):
    whole = f"{text}{piece}{text}"
    assert "".join(words for words, _ in pieces(whole)) == whole


@pytest.mark.parametrize("work", [linked_html, linked_mrkdwn])
@pytest.mark.parametrize(
    "piece", ["https://", "a@", "a.", "a@b.", "https://a.b/(", ")", "a" * 40, "-@", "http://a:", "*a@b.c*"]
)
def test_no_text_takes_longer_than_its_length_says(work, piece):
    short, long = ((piece * length)[:length] for length in (1_500, 6_000))
    assert cpu_seconds(work, long) < 10 * cpu_seconds(work, short) + 0.01
