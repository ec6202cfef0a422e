"""How soon the team answers: in working time, measured where there is enough, else as set, else not said."""

import datetime
from zoneinfo import ZoneInfo

import pytest

from bot import bootstrap
from bot.settings import Settings
from bot.tickets.answer_times import ENOUGH, AnswerTimes, Expected, in_words
from bot.working_hours import WorkingHours
from tests.conftest import SECRET
from tests.tickets.conftest import NOON, request
from tests.tickets.test_tickets import mails

STAFF = "anna@example.com"
HOURS = WorkingHours.read("Mon-Fri 09:00-17:00")


def answered(tickets, number, after, *, ago=10):
    """So many tickets of a Monday morning some days ago, each answered after a time."""
    opened = datetime.datetime(2026, 11, 23, 10, tzinfo=datetime.timezone.utc) - datetime.timedelta(days=ago - ago % 7)
    for n in range(number):
        tickets._clock = lambda: opened
        reference = tickets.open(request(f"{ago} {after} {n}")).reference
        tickets._clock = lambda: opened + after
        tickets.reply(reference, STAFF, "It is on its way.", "console")
    tickets._clock = lambda: NOON


def expected(services, *, hours=HOURS, usual=""):
    return AnswerTimes(services.database, lambda: NOON, ZoneInfo("UTC"), hours, usual).expected()


def test_nothing_is_said_where_nothing_is_known(services):
    assert expected(services, hours=None) == Expected()


def test_what_is_set_is_said(services):
    assert expected(services, usual="2 working days") == Expected(
        "2 working days", "Monday to Friday, 09:00 to 17:00 (UTC time)"
    )


def test_four_of_five_answers_came_within_the_time_that_is_told(tickets, services):
    answered(tickets, 16, datetime.timedelta(hours=2))
    answered(tickets, 4, datetime.timedelta(days=3))
    assert expected(services, usual="9 weeks").within == "two working hours"
    answered(tickets, 5, datetime.timedelta(days=2), ago=21)
    assert expected(services).within == "two working days"


def test_too_few_or_too_old_answers_tell_nothing(tickets, services):
    answered(tickets, ENOUGH - 1, datetime.timedelta(hours=2))
    answered(tickets, ENOUGH, datetime.timedelta(hours=2), ago=140)
    assert expected(services).within == ""
    assert expected(services, usual="3 days").within == "3 days"


def test_the_first_answer_counts_and_not_what_the_learner_or_the_assistant_did(tickets, services):
    answered(tickets, ENOUGH, datetime.timedelta(hours=1))
    for ticket in tickets.find()[0]:
        tickets.reply(ticket.reference, STAFF, "And another word.", "console")
    for n in range(30):
        tickets.withdraw(tickets.open(request(f"withdrawn {n}")).reference, "found it", "site")
    assert expected(services).within == "one working hour"


def test_nights_and_weekends_do_not_count():
    friday = datetime.datetime(2026, 11, 27, 16, tzinfo=datetime.timezone.utc)
    monday = datetime.datetime(2026, 11, 30, 10, tzinfo=datetime.timezone.utc)
    assert HOURS.between(friday, monday, ZoneInfo("UTC")) == datetime.timedelta(hours=2)
    assert HOURS.between(friday, monday, ZoneInfo("Europe/Berlin")) == datetime.timedelta(hours=2)  # 17:00 and 9 to 11


def test_an_answer_outside_of_working_hours_costs_no_working_time():
    saturday = datetime.datetime(2026, 11, 28, 10, tzinfo=datetime.timezone.utc)
    assert HOURS.between(saturday, saturday + datetime.timedelta(hours=5), ZoneInfo("UTC")) == datetime.timedelta()


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0, "one working hour"),
        (1.2, "two working hours"),
        (4, "four working hours"),
        (5, "one working day"),
        (8, "one working day"),
        (8.1, "two working days"),
        (100, "13 working days"),
    ],
)
def test_times_are_rounded_up_in_plain_words(hours, words):
    waited, day = datetime.timedelta(hours=hours), datetime.timedelta(hours=8)
    assert in_words(waited, day, count_hours=True) == words


def test_without_working_hours_only_days_are_told():
    day = datetime.timedelta(days=1)
    assert in_words(datetime.timedelta(hours=2), day, count_hours=False) == "one working day"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mon-Fri 09:00-17:00", "Monday to Friday, 09:00 to 17:00"),
        (
            "monday - thursday 8:30 - 17:00; Fri 09:00-13:00",
            "Monday to Thursday, 08:30 to 17:00, and Friday, 09:00 to 13:00",
        ),
        ("Sat 00:00-24:00", "Saturday, 00:00 to 24:00"),
    ],
)
def test_working_hours_are_said_in_words(text, words):
    assert WorkingHours.read(text).words() == words


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9-5",
        "Mon-Fri",
        "Fri-Mon 09:00-17:00",
        "Mon 17:00-09:00",
        "Mo 09:00-17:00",
        "Mon 09:60-17:00",
        "Mon 1:00-2:00; Mon 3:00-4:00",
    ],
)
def test_what_are_no_working_hours_is_refused(text):
    with pytest.raises(ValueError):
        WorkingHours.read(text)


def test_the_confirmation_says_how_soon_where_that_is_known(database_url):
    settings = {"SITE_SECRET_KEY": SECRET, "DATABASE_URL": database_url}
    for usual, sentence in (
        ("2 working days", "to this address, usually within 2 working days."),
        ("", "to this address."),
    ):
        services = bootstrap.build(Settings.load({**settings, "USUAL_ANSWER_TIME": usual}))
        services.tickets.open(request(f"with {usual}"))
        confirmation = [mail for _, mail in mails(services) if mail.to == "jane@example.com"][-1]
        assert sentence in confirmation.text and sentence in confirmation.html
        services.database.engine.dispose()
