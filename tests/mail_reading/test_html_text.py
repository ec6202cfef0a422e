"""The words of HTML."""

import pytest

from bot.mail_reading.html_text import html_to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hello <b>you</b>,</p><p>it   works.</p>", "Hello you,\n\nit works."),
        ("<div>a</div><div>b</div>c<br>d", "a\nb\nc\nd"),
        ('See <a href="https://x.example/a?b=1&amp;c=2">my page</a>.', "See my page <https://x.example/a?b=1&c=2>."),
        ('<a href="https://x.example/">x.example</a>', "x.example"),
        ('<a href="mailto:a@b.example">a@b.example</a> <a href="javascript:alert(1)">no</a>', "a@b.example no"),
        ('<a href="https://x.example"><img src="y"></a>', "<https://x.example>"),
        (
            "<table><tr><td>Name<td>Leila</tr><tr><td><p>Date</p></td><td><p>3 May</p></td></tr></table>",
            "Name | Leila\nDate | 3 May",
        ),
        ("<ul><li>one<li>two</ul>", "- one\n- two"),
        (
            "new<blockquote>old<br>words<blockquote>older</blockquote></blockquote>below",
            "new\n> old\n> words\n>> older\nbelow",
        ),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<head><title>t</title><style>p{}</style></head><!-- c --><script>x()</script>said", "said"),
        ("1 &lt; 2 &amp; &euro; 50 <3 a < b", "1 < 2 & € 50 <3 a < b"),
        ('<img alt="screenshot" src="cid:1"> here', "[screenshot] here"),
        ('<img src="data:image/png;base64,' + "QUFB" * 500_000 + '">the words', "the words"),
        ("above<hr>below", "above\n____________________\nbelow"),
    ],
)
def test_words_links_and_cells_stay_apart_and_whole(html, text):
    assert html_to_text(html).replace("\n\n", "\n") == text.replace("\n\n", "\n")


def test_html_that_is_nested_beyond_reason_keeps_its_words():
    assert "the words" in html_to_text("<div>" * 5000 + "the words")


def test_html_that_is_too_long_says_so():
    assert html_to_text("word " * 200_000).endswith("[…]")
