"""The widget's own words: every language has all of them, and what is asked for is served."""

import re

import pytest

from bot.site.widget_script import PARTS_FOLDER, WIDGET_LANGUAGE, languages, script, words

HERE = sorted(languages())


def shape(value):
    """What stands in a file of words, without the words: names, numbers of parts, and what is filled in."""
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    if isinstance(value, list):
        return [shape(one) for one in value]
    assert value.strip()
    return sorted(re.findall(r"\{\w+\}", value))


@pytest.mark.parametrize("language", HERE)
def test_no_word_is_missing_and_each_fills_in_the_same(language):
    assert shape(words(language)) == shape(words(WIDGET_LANGUAGE))
    assert words(language)["language"] == language
    assert words(language)["direction"] in ("ltr", "rtl")


@pytest.mark.parametrize(
    ("query", "said"),
    [("", "Send"), ("?language=de", "Senden"), ("?language=../en", "Send"), ("?language=xx", "Send")],
)
def test_the_language_that_is_asked_for_is_served(client, query, said):
    served = client.get(f"/widget.js{query}")
    assert f'"send": "{said}"' in served.text
    assert client.get(f"/widget.js{query}", headers={"If-None-Match": served.headers["ETag"]}).status_code == 304


def test_no_text_of_the_widget_goes_over_two_lines():
    """Lines are served without their indentation."""
    for part in PARTS_FOLDER.glob("*.js"):
        lines = part.read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if line.count("`") % 2 and not line.lstrip().startswith("//")] == []


def test_nothing_is_served_that_only_its_developers_read():
    served = [line for language in HERE for line in script(language).splitlines()]
    assert [line for line in served if re.search(r"(^|\s)//\s", line)] == []
