import pytest

from bot.content.markdown import resolve_links, to_html, to_plain_text

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
