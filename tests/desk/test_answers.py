"""Canned answers are kept, and filled in for a ticket."""

import datetime

import pytest

from bot.desk.answers import UNNAMED, fill
from bot.desk.store import CannedAnswer
from bot.errors import EmptyText, TextTooLong
from bot.issuance.record import Completion
from bot.issuance.store import write_completions
from tests.tickets.conftest import request
from tests.tickets.test_tickets import OTHER, STAFF


@pytest.fixture()
def answers(services):
    return services.canned_answers


def titles(answers):
    return [one.title for one in answers.all()]


def test_answers_are_kept_changed_and_deleted(answers):
    assert answers.keep(CannedAnswer(0, " Issued  now ", "Hello {name},\r\nit is there."), STAFF)
    assert answers.keep(CannedAnswer(0, "address", "Which?"), STAFF)
    assert titles(answers) == ["address", "Issued now"]
    issued = answers.all()[1]
    assert issued.text == "Hello {name},\nit is there."
    assert answers.keep(CannedAnswer(issued.id, "Issued", "Done."), OTHER)
    assert (titles(answers), answers.all()[1].changed_by) == (["address", "Issued"], OTHER)
    answers.delete(issued.id)
    answers.delete(issued.id)
    assert titles(answers) == ["address"]


def test_two_answers_do_not_share_a_title_and_one_that_is_gone_does_not_come_back(answers):
    answers.keep(CannedAnswer(0, "One", "1"), STAFF)
    answers.keep(CannedAnswer(0, "Two", "2"), STAFF)
    assert not answers.keep(CannedAnswer(0, "One", "other"), STAFF)
    two = answers.all()[1]
    assert not answers.keep(CannedAnswer(two.id, "One", "other"), STAFF)
    answers.delete(two.id)
    assert not answers.keep(two, STAFF)
    assert [one.text for one in answers.all()] == ["1"]


@pytest.mark.parametrize(
    ("title", "text", "error"),
    [("", "x", EmptyText), ("x", " \n", EmptyText), ("x" * 81, "x", TextTooLong), ("x", "x" * 10_001, TextTooLong)],
)
def test_what_cannot_be_kept_is_refused(answers, title, text, error):
    with pytest.raises(error):
        answers.keep(CannedAnswer(0, title, text), STAFF)


def test_placeholders_are_filled_in_from_ticket_and_record(answers, services, tickets):
    day = datetime.date(2026, 11, 20)
    with services.database.transaction() as connection:
        write_completions(connection, [Completion("jane@example.com", "level 2", "Level 2", 100, day, name="Jané Doe")])
    answers.keep(CannedAnswer(0, "x", "Hello {name},\n{ Credential } ({reference}) {a: 1}"), STAFF)
    known, unknown = (tickets.open(request(key, contact=f"{key}@example.com")) for key in ("jane", "joe"))
    (hers,), (his,) = answers.filled(known), answers.filled(unknown)
    assert hers.text == "Hello Jané Doe,\nLevel 2 (CRT-2026-00001) {a: 1}"
    assert his.text == "Hello,\nLevel 2 (CRT-2026-00002) {a: 1}"
    (typed,) = answers.filled(tickets.open(request("r3", contact="jane@example.com", proven=())))
    assert typed.text.startswith("Hello,\n")  # whoever types an address does not learn whose it is


@pytest.mark.parametrize(
    ("credentials", "about", "said"),
    [
        ((), "help", UNNAMED),
        (("Level 1", "Level 2"), "help", UNNAMED),
        (("Level 1", "Level 2"), "my level 2 is missing", "Level 2"),
    ],
)
def test_a_credential_is_named_where_it_is_sure(tickets, credentials, about, said):
    ticket = tickets.open(request(credentials=credentials, about=about))
    assert fill("{credential}", ticket) == said


def test_what_stands_in_a_name_is_not_filled_in_again(tickets):
    ticket = tickets.open(request())
    assert fill("{name}", ticket, "{reference}") == "{reference}"


def test_the_daily_five_come_once_with_the_samples(answers, tickets):
    assert answers.load_samples() == 5 and len(answers.all()) == 5
    assert answers.load_samples() == 0
    ticket = tickets.open(request())
    assert not any("{" in one.text for one in answers.filled(ticket))
