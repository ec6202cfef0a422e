import datetime
import threading

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy.exc import OperationalError

from bot.errors import DeliveryFailed
from bot.outbox.message import Letter
from bot.outbox.metrics import OutboxCollector
from bot.outbox.service import LETTER_LEASE, Outbox
from bot.outbox.store import outbox as table
from tests.outbox.conftest import mail
from tests.servers import smtp as faults
from tests.servers.smtp import SmtpServer


class Carrier:
    """Remembers what it was given; `problem` is raised instead."""

    def __init__(self):
        self.sent, self.problem = [], None

    def send(self, letter):
        if self.problem:
            raise self.problem
        self.sent.append(letter.id)

    def close(self):
        pass


@pytest.fixture()
def carrier():
    return Carrier()


@pytest.fixture()
def simple(database, carrier, clock):
    """An outbox whose carrier is under the test's control."""
    return Outbox(database, {"mail": carrier}, clock, pause=lambda seconds: None)


def row(database):
    with database.transaction() as connection:
        return connection.execute(table.select()).one()


def test_due_mail_is_delivered_once(outbox, smtp_server, add):
    letter_id = add(mail(), mail("bob@example.com"))
    assert outbox.deliver_due("worker-a") == 2
    assert outbox.deliver_due("worker-a") == 0
    assert sorted(message["To"] for message in smtp_server.mails) == ["alice@example.com", "bob@example.com"]
    assert f"<{letter_id}@example.com>" in [message["Message-ID"] for message in smtp_server.mails]


def test_the_server_is_away_and_comes_back(outbox, smtp_server, add, clock):
    add(mail(), mail())
    smtp_server.close()
    assert outbox.deliver_due("worker-a") == 0
    assert outbox.counts().waiting == 2
    assert 2.5 <= outbox.seconds_to_next(60.0) <= 5
    again = SmtpServer(port=smtp_server.port)
    assert outbox.deliver_due("worker-a") == 0  # not yet due
    clock.advance(seconds=5)
    assert outbox.deliver_due("worker-a") == 2
    again.close()
    assert len({message["Message-ID"] for message in again.mails}) == 2


def test_a_lost_answer_leads_to_a_repeat_with_the_same_message_id(outbox, smtp_server, add, clock):
    add(mail())
    smtp_server.fault = lambda stage: faults.KEEP_AND_DROP if stage == "DATA" else None
    assert outbox.deliver_due("worker-a") == 0
    smtp_server.fault = lambda stage: None
    clock.advance(seconds=5)
    assert outbox.deliver_due("worker-a") == 1
    first, second = smtp_server.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]


def test_a_mail_that_fails_is_a_dead_letter_after_a_day_and_goes_out_when_requeued(simple, carrier, add, clock, caplog):
    add(mail())
    carrier.problem = DeliveryFailed("mail server answered 421")
    began, tries = clock(), 0
    while not simple.counts().dead:
        assert simple.deliver_due("worker-a") == 0
        tries += 1
        clock.advance(seconds=simple.seconds_to_next(3600.0))
    assert datetime.timedelta(days=1) <= clock() - began <= datetime.timedelta(days=1, minutes=75)
    assert 90 < tries < 250  # every quarter of an hour, or up to twice as often
    assert "is given up after" in caplog.text and "alice" not in caplog.text
    carrier.problem = None
    assert simple.deliver_due("worker-a") == 0
    assert simple.requeue() == 1
    assert simple.deliver_due("worker-a") == 1


def test_a_refused_recipient_is_a_dead_letter_at_once(outbox, smtp_server, add, database):
    smtp_server.fault = lambda stage: "550 <alice@example.com> unknown" if stage == "RCPT" else None
    add(mail())
    outbox.deliver_due("worker-a")
    assert outbox.counts().dead == 1
    assert row(database).last_error == "recipient refused (550)"


def test_a_server_that_takes_nothing_is_left_alone_and_its_letters_wait_untried(
    simple, carrier, add, clock, database, caplog
):
    add(*[mail()] * 100)
    carrier.problem, asked = DeliveryFailed("mail server not reached (TimeoutError)", server=True), []
    send, carrier.send = carrier.send, lambda letter: (asked.append(clock()), send(letter))
    began = clock()
    while clock() < began + datetime.timedelta(hours=1):
        assert simple.deliver_due("worker-a") == 0
        clock.advance(seconds=simple.seconds_to_next(3600.0))
    gaps = [(after - before).total_seconds() for before, after in zip(asked, asked[1:])]
    assert gaps[:5] == [3, 6, 12, 24, 48] and set(gaps[5:]) == {60}
    with database.transaction() as connection:
        tries = [one.tries for one in connection.execute(table.select())]
    assert sum(tries) == len(asked) and max(tries) == 1  # the others did not come closer to being given up
    carrier.problem = None
    assert simple.deliver_due("worker-a") == 100
    assert "alice" not in caplog.text


@pytest.mark.parametrize(
    "problem",
    [
        DeliveryFailed("recipient refused (450)"),
        DeliveryFailed("recipient refused (550)", permanent=True),
        DeliveryFailed("x"),
    ],
)
def test_a_server_that_refuses_one_letter_is_given_the_next_at_once(simple, carrier, add, problem):
    add(*[mail()] * 3)
    problems = [problem]
    send = carrier.send

    def refuse_first(letter):
        if problems:
            raise problems.pop()
        send(letter)

    carrier.send = refuse_first
    assert simple.deliver_due("worker-a") == 2


def test_the_server_of_one_kind_of_letter_says_nothing_about_that_of_another(database, store, carrier, add, clock):
    chat = Carrier()
    both = Outbox(database, {"mail": carrier, "slack": chat}, clock)
    carrier.problem = DeliveryFailed("mail server not reached (TimeoutError)", server=True)
    add(mail())
    assert both.deliver_due("worker-a") == 0
    letter = Letter("letter-1", "slack", "{}", clock(), 1, clock() + datetime.timedelta(days=1))
    with database.transaction() as connection:
        store.add_held(connection, letter, "")
    assert both.seconds_to_next(60.0) == 0.0
    assert both.deliver_due("worker-a") == 1 and chat.sent == ["letter-1"]


def test_one_bad_letter_does_not_hold_up_the_others(outbox, smtp_server, database, add):
    bad = add(mail())
    with database.transaction() as connection:
        connection.execute(table.update().where(table.c.id == bad).values(payload="no JSON"))
    add(mail("bob@example.com"))
    assert outbox.deliver_due("worker-a") == 1
    assert [message["To"] for message in smtp_server.mails] == ["bob@example.com"]
    assert outbox.counts().waiting == 1


def test_a_secret_is_wiped_when_it_is_delivered(simple, carrier, database, add):
    add(mail(subject="123456", secret=True))
    simple.deliver_due("worker-a")
    assert len(carrier.sent) == 1
    assert row(database).payload == ""


def test_a_secret_is_wiped_when_it_is_refused_for_good(simple, carrier, database, add):
    add(mail(subject="123456", secret=True))
    carrier.problem = DeliveryFailed("recipient refused (550)", permanent=True)
    simple.deliver_due("worker-a")
    assert row(database).payload == ""
    assert (simple.counts().dead, simple.counts().dropped) == (0, 1)


def test_a_secret_past_its_time_is_never_sent_and_wiped_as_soon_as_it_is_past(simple, carrier, database, add, clock):
    end = clock() + datetime.timedelta(minutes=10)
    add(mail(subject="123456", secret=True, not_after=end))
    carrier.problem = DeliveryFailed("mail server answered 421")
    while clock() < end:
        simple.deliver_due("worker-a")
        assert "123456" in row(database).payload
        clock.advance(seconds=simple.seconds_to_next(3600.0))
    assert clock() == end
    carrier.problem = None
    assert simple.deliver_due("worker-a") == 0
    assert carrier.sent == []
    assert row(database).payload == ""
    assert simple.counts().dropped == 1


def test_a_database_that_is_away_when_a_mail_is_out_is_asked_again(simple, carrier, add, clock, monkeypatch):
    add(mail())
    answers = [OperationalError("", {}, Exception()), OperationalError("", {}, Exception())]
    mark = simple.store.delivered

    def flaky(*arguments):
        if answers:
            raise answers.pop()
        mark(*arguments)

    monkeypatch.setattr(simple.store, "delivered", flaky)
    assert simple.deliver_due("worker-a") == 1
    clock.advance(days=1)
    assert simple.deliver_due("worker-a") == 0
    assert len(carrier.sent) == 1


def test_a_stop_ends_the_batch_after_the_mail_in_hand(simple, carrier, add, monkeypatch):
    stop = threading.Event()
    add(mail(), mail(), mail())
    send = carrier.send
    monkeypatch.setattr(carrier, "send", lambda letter: (send(letter), stop.set()))
    assert simple.deliver_due("worker-a", stop) == 1
    assert simple.seconds_to_next(9.0) == 0.0  # the others are free, not leased
    assert simple.counts().waiting == 2


def test_what_a_dead_worker_held_is_taken_up_after_its_lease(simple, carrier, add, clock):
    letter_id = add(mail())
    assert len(simple.store.claim(clock(), "dead-worker", 1, LETTER_LEASE, ["mail"])) == 1
    assert simple.deliver_due("worker-a") == 0
    clock.now += LETTER_LEASE
    assert simple.deliver_due("worker-a") == 1
    assert carrier.sent == [letter_id]


def test_a_lease_outlasts_the_longest_send():
    from bot.outbox import service, smtp

    longest = 3 * smtp.SMTP_TIMEOUT + 2 * smtp.LONGEST_SEND + sum(service.MARKING_PAUSES)
    assert service.LETTER_LEASE.total_seconds() > longest


def test_metrics_tell_what_waits_and_nothing_while_the_database_is_away(simple, carrier, add, clock):
    registry = CollectorRegistry()
    registry.register(OutboxCollector(simple.counts_by_kind))
    add(mail())
    clock.advance(seconds=90)
    shown = generate_latest(registry).decode()
    for told in (
        'outbox_waiting{kind="mail"} 1.0',
        'outbox_oldest_seconds{kind="mail"} 90.0',
        'outbox_dead{kind="mail"} 0.0',
    ):
        assert told in shown

    def away():
        raise OperationalError("", {}, Exception())

    other = CollectorRegistry()
    other.register(OutboxCollector(away))
    assert generate_latest(other) == b""
