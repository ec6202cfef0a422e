from html.parser import HTMLParser
from pathlib import Path

import jinja2
import pytest

from bot.outbox import templates
from bot.outbox.message import OutgoingMail, build
from bot.outbox.templates import render
from tests.outbox.conftest import NOON, SENDER


@pytest.fixture()
def own_templates(tmp_path, monkeypatch):
    """Writes the three files of a mail called "own"."""
    monkeypatch.setattr(templates, "FOLDER", tmp_path)
    templates._environment.cache_clear()

    def write(**files):
        for name, text in files.items():
            (tmp_path / f"own.{name}".replace("subject", "subject.txt")).write_text(text, encoding="utf-8")

    yield write
    templates._environment.cache_clear()


class Words(HTMLParser):
    """The tags and the words that a reader sees."""

    def __init__(self):
        super().__init__()
        self.tags, self.words = [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)

    def handle_data(self, data):
        if self.tags and self.tags[-1] not in ("style", "title"):
            self.words.extend(data.split())


def read(html):
    parser = Words()
    parser.feed(html)
    return parser


def test_the_code_mail_says_everything_in_both_versions():
    mail = render("one_time_code", code="042917", minutes=10)
    assert mail.subject and "\n" not in mail.subject and "042917" not in mail.subject  # subjects show on lock screens
    for words in (mail.text, " ".join(read(mail.html).words)):
        assert "042917" in words
        assert "valid for 10 minutes" in words
        assert "you can ignore this mail" in words
        assert "never pass the code on" in words
        assert "Nobody from our team will ask you for it" in words


def test_both_versions_of_the_code_mail_have_the_same_words():
    mail = render("one_time_code", code="042917", minutes=10)
    assert read(mail.html).words == mail.text.split()


def test_the_code_mail_loads_nothing_from_elsewhere():
    html = render("one_time_code", code="042917", minutes=10).html
    assert not {"img", "link", "script", "iframe"} & set(read(html).tags)
    assert "http" not in html and "url(" not in html


def test_the_code_mail_can_be_sent():
    mail = render("one_time_code", code="042917", minutes=10)
    message = build(OutgoingMail("alice@example.com", mail.subject, mail.text, mail.html), "letter-1", SENDER, NOON)
    assert "042917" in message.get_body(("plain",)).get_content()


@pytest.mark.parametrize("path", sorted(Path("data/mail").glob("[!_]*.html")), ids=lambda path: path.name)
def test_every_mail_has_its_three_parts(path):
    assert path.with_suffix(".txt").is_file() and path.with_suffix(".subject.txt").is_file()


def test_values_are_escaped_in_html_only(own_templates):
    own_templates(subject="About {{ name }}\n", txt="Dear {{ name }}", html="<p>{{ name }}</p>")
    mail = render("own", name="<b>O'Neil & Co</b>")
    assert mail.subject == "About <b>O'Neil & Co</b>"
    assert mail.text == "Dear <b>O'Neil & Co</b>"
    assert mail.html == "<p>&lt;b&gt;O&#39;Neil &amp; Co&lt;/b&gt;</p>"


def test_lines_of_a_text_are_lines_in_every_mail_program(own_templates):
    own_templates(subject="x", txt="x", html="<p>{{ text | lines }}</p>")
    assert render("own", text="1. <Open>\n\n2. Claim").html == "<p>1. &lt;Open&gt;<br>\n<br>\n2. Claim</p>"


@pytest.mark.parametrize("path", sorted(Path("data/mail").glob("*.html")), ids=lambda path: path.name)
def test_no_mail_relies_on_a_style_to_keep_lines_apart(path):
    assert "white-space:pre" not in path.read_text(encoding="utf-8").replace(" ", "")


def test_a_missing_value_is_an_error_not_a_gap(own_templates):
    own_templates(subject="x", txt="{{ code }}", html="x")
    with pytest.raises(jinja2.UndefinedError, match="code"):
        render("own")
