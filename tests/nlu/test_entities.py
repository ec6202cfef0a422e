"""What Rasa's component makes of the names, addresses and dates that the rules find."""

import datetime

import pytest
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.components.entities import MOST_DAYS, CatalogueEntityExtractor
from bot.nlu.text import language


@pytest.fixture()
def values(monkeypatch):
    """Finds the values of a text's entities; `values.asked` has the dates that were worked out."""
    resolve, asked = language.resolve_date, []

    def counted(words):
        asked.append(words)
        return resolve(words, datetime.date(2026, 1, 31))

    monkeypatch.setattr(language, "resolve_date", counted)
    extractor = CatalogueEntityExtractor({}, None, None)
    extractor._language = language.build([{"id": "level_2", "names": ["level 2"]}])

    def found(text):
        (message,) = extractor.process([Message.build(text)])
        return [(one["entity"], one["value"]) for one in message.get("entities")]

    found.asked = asked
    return found


def test_a_date_stands_for_its_day_and_a_credential_for_its_id(values):
    assert values("Level 2 on 3 March 2025, mail jane@example.com, in May") == [
        ("credential", "level_2"),
        ("date", "2025-03-03"),
        ("email", "jane@example.com"),
        ("date", "May"),
    ]


def test_a_date_that_is_told_again_and_again_is_worked_out_once(values):
    assert values("passed last Monday. " * 40) == [("date", "2026-01-26")] * 40
    assert values.asked == ["last Monday"]


def test_of_dates_without_end_only_the_first_are_worked_out(values):
    found = values(", ".join(f"3 March {year}" for year in range(1990, 2026)))
    assert len(values.asked) == MOST_DAYS
    assert found[MOST_DAYS - 1] == ("date", "2009-03-03") and found[MOST_DAYS] == ("date", "3 March 2010")
