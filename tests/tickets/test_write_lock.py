"""A ticket whose text was made to be slow holds the write lock hardly longer than any other."""

import time
from contextlib import contextmanager

import pytest

from bot.content.markdown import escape_markdown
from bot.tickets.ticket import Line
from tests.tickets.conftest import request

LENGTH, LINES, MOST_TIMES = 2000, 60, 8
HARMLESS = "My badge for Level 1 is missing and I passed on Monday, can you check it please? "


def filled(seed):
    return (seed * LENGTH)[:LENGTH]


def locked_for(tickets, key, seed):
    """Seconds of CPU within the transactions that open a ticket of such a text, after such a conversation."""
    spent, transaction = [], tickets._database.transaction

    @contextmanager
    def watched():
        with transaction() as connection:
            began = time.process_time()
            yield connection
            spent.append(time.process_time() - began)

    tickets._database.transaction = watched
    said = [Line("bot", f"Shall I send this?\n> {escape_markdown(filled(seed))}")] * LINES
    try:
        tickets.open(request(key, about=filled(seed), transcript=tuple(said)))
    finally:
        tickets._database.transaction = transaction
    return sum(spent)


@pytest.fixture(scope="module")
def yardsticks():
    """What a harmless text costs, by kind of database."""
    return {}


@pytest.mark.parametrize("seed", ["[x](", "](", "*a", "_", "![", "- ", "> ", "a@b.", "<a ", " ,"])
def test_a_text_made_to_be_slow_keeps_nobody_from_writing(tickets, yardsticks, seed):
    kind = tickets._database.engine.dialect.name
    if kind not in yardsticks:
        locked_for(tickets, "warm", HARMLESS)
        yardsticks[kind] = min(locked_for(tickets, f"harmless {number}", HARMLESS) for number in range(3))
    hostile = min(locked_for(tickets, f"hostile {number}", seed) for number in range(3))
    assert hostile < MOST_TIMES * yardsticks[kind]
