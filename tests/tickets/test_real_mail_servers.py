"""Mail through Postfix and Dovecot: logins over verified TLS, outages, refusals and reports, each mail once."""

import signal
import subprocess
import sys
import threading
from collections import Counter
from email import message_from_bytes, policy

import pytest

import bot.clock
from bot import bootstrap
from bot.database import Database
from bot.errors import DeliveryFailed, InvalidSetting, MailboxUnavailable
from bot.outbox.message import Letter, OutgoingMail
from bot.outbox.smtp import SmtpTransport
from bot.outbox.store import OutboxStore
from bot.settings import Settings
from bot.tickets import mailboxes
from bot.tickets.ticket import State
from tests.conftest import SECRET, need
from tests.outbox.test_workers import nothing_waits, wait_until
from tests.servers import authority
from tests.servers.debian_mail import DOMAIN, LOGIN, NAMES, DebianMail, missing
from tests.tickets.conftest import NOON, request
from tests.tickets.test_replies import incoming
from tests.tickets.test_tickets import whats

TEAM, JANE = f"team@{DOMAIN}", "jane@example.com"
LETTERS, ANSWERS, TICKETS = 200, 90, 6


@pytest.fixture(scope="module")
def servers():
    need(not missing(), missing())
    found = DebianMail()
    try:
        yield found.start()
    finally:
        found.close()


@pytest.fixture(autouse=True)
def empty(servers):
    """No mail of an earlier test."""
    for name in NAMES:
        for part in ("new", "cur"):
            for file in (servers.folder / "mail" / name / part).glob("*"):
                file.unlink()


def send(transport, to=JANE):
    mail = OutgoingMail(to, "Grüße", "Words\n.\nFrom here\n", "<p>Words</p>")
    transport.send(Letter("letter-1", "mail", mail.to_json(), NOON, 1, NOON))
    transport.close()


@pytest.mark.parametrize("kind", ["starttls", "smtps"])
def test_postfix_takes_mail_with_a_login_over_tls_that_our_own_authority_vouches_for(servers, kind):
    send(SmtpTransport(servers.url(kind), TEAM))
    wait_until(lambda: servers.mails("jane"))
    message = message_from_bytes(servers.mails("jane")[0], policy=policy.default)
    assert message["Subject"] == "Grüße" and message["Return-Path"] == f"<{TEAM}>"
    assert message.get_body(("plain",)).get_content() == "Words\n.\nFrom here\n"


@pytest.mark.parametrize("kind", ["starttls", "smtps"])
def test_a_wrong_password_or_somebody_elses_authority_sends_nothing_and_condemns_no_letter(servers, kind, tmp_path):
    other, _, _ = authority.make(tmp_path)
    for url in (servers.url(kind, login=(LOGIN[0], "wrong")), servers.url(kind, ca=other)):
        with pytest.raises(DeliveryFailed) as problem:
            send(SmtpTransport(url, TEAM))
        assert problem.value.server and not problem.value.permanent
    with pytest.raises(InvalidSetting):
        SmtpTransport(servers.url(kind, ca=tmp_path / "missing.pem"), TEAM)
    assert servers.mails("jane") == []


def test_a_recipient_that_postfix_refuses_is_refused_for_good_and_the_next_one_is_served(servers):
    transport = SmtpTransport(servers.url("starttls"), TEAM)
    with pytest.raises(DeliveryFailed) as problem:
        send(transport, "refused@example.com")
    assert problem.value.permanent and not problem.value.server
    send(transport)
    wait_until(lambda: servers.mails("jane"))


def test_dovecot_is_read_over_tls_that_our_own_authority_vouches_for(servers, tmp_path):
    servers.put("tickets", b"Subject: one\r\n\r\nwords\r\n")
    servers.put("tickets", b"Subject: two\r\n\r\nwords\r\n")
    mailbox = mailboxes.of(servers.url("imaps"))
    first, second = mailbox.unread(10)
    mailbox.read(first)
    mailbox.refuse(second)
    assert list(mailbox.unread(10)) == []
    mailbox.close()
    assert b"one" in servers.mails("tickets")[0] and len(servers.mails("tickets")) == 1  # the other one has moved
    other, _, _ = authority.make(tmp_path)
    for url in (servers.url("imaps", login=(LOGIN[0], "wrong")), servers.url("imaps", ca=other)):
        with pytest.raises(MailboxUnavailable) as problem:
            list(mailboxes.of(url).unread(10))
        assert "wrong" not in str(problem.value)


def letters_of(message_ids):
    """How often each letter is among them."""
    return Counter(one.strip("<>").split("@")[0] for one in message_ids)


def test_two_hundred_letters_over_a_restart_of_postfix_all_arrive_and_none_is_handed_over_again(servers, tmp_path):
    """But for the one that is under way when Postfix ends: whether it was taken nobody can know (RFC 1047)."""
    url = f"sqlite:///{tmp_path}/bot.db"
    database = Database(url)
    database.create_schema()
    store = OutboxStore(database)

    def add(count):
        mail = OutgoingMail(JANE, "Hello", "Words\n", "")
        with database.transaction() as connection:
            return {store.add(connection, mail, bot.clock.now()) for _ in range(count)}

    letters = add(LETTERS // 2)
    command = [sys.executable, "-W", "ignore", "-m", "tests.outbox.runner", url, servers.url("starttls"), "60"]
    worker = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: len(servers.mails("jane")) > LETTERS // 10)
        servers.stop_postfix()
        letters |= add(LETTERS // 2)
        threading.Event().wait(1)  # an outage, not only a blink
        servers.start_postfix()
        wait_until(nothing_waits(store))
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(60) == 0
    wait_until(lambda: letters_of(message_from_bytes(m)["Message-ID"] for m in servers.mails("jane")).keys() >= letters)
    taken = {one: times for one, times in letters_of(servers.taken()).items() if one in letters}
    assert taken.keys() == letters
    assert sum(taken.values()) <= LETTERS + 1


@pytest.fixture()
def services(servers, tmp_path):
    built = bootstrap.build(
        Settings.load(
            {
                "SITE_SECRET_KEY": SECRET,
                "DATABASE_URL": f"sqlite:///{tmp_path}/bot.db",
                "CERTIFICATION_EMAIL": TEAM,
                "SMTP_URL": servers.url("smtps"),
                "REPLY_ADDRESS": f"tickets@{DOMAIN}",
                "REPLIES_URL": servers.url("imaps"),
            }
        )
    )
    yield built
    built.database.engine.dispose()


def test_ninety_answers_over_an_outage_of_dovecot_are_kept_once_each(servers, services):
    tickets = [services.tickets.open(request(f"r{number}")).reference for number in range(TICKETS)]
    for number in range(ANSWERS):
        to = services.replies.addresses.of(tickets[number % TICKETS])
        servers.put("tickets", bytes(incoming(JANE, to, f"answer {number}", f"<{number}@example.com>")))
    take, seen = services.replies.take, []

    def take_and_stop(content, *whole):
        seen.append(content)
        if len(seen) == ANSWERS // 3:
            servers.stop_dovecot()
        return take(content, *whole)

    object.__setattr__(services.replies, "take", take_and_stop)
    with pytest.raises(MailboxUnavailable):
        services.replies.poll()
    with pytest.raises(MailboxUnavailable):
        services.replies.poll()
    assert not services.inbox.state().readable
    servers.start_dovecot()
    while services.replies.poll():
        pass
    assert services.inbox.state().readable
    kept = [e.text for one in tickets for e in services.tickets.events(one) if e.what.value == "answered"]
    assert sorted(kept) == sorted(f"answer {number}" for number in range(ANSWERS))


def test_what_postfix_refuses_and_what_it_sends_back_stands_on_the_ticket(servers, services):
    """The first is refused while it is handed over; the second is taken, and reported to the ticket's own address."""
    lost, refused = (
        services.tickets.open(request(name, contact=f"{name}@example.com", proven=(f"{name}@example.com",))).reference
        for name in ("lost", "refused")
    )
    for reference in (lost, refused):
        services.tickets.reply(reference, "anna@example.com", "Which address?", "console")
    services.outbox.deliver_due("test")
    assert whats(services.tickets, refused).count("given_up") == 2  # the confirmation and the reply
    assert "550" in services.tickets.events(refused)[-1].text
    wait_until(lambda: len(servers.mails("tickets")) == 2)
    assert services.replies.poll() == 2
    assert whats(services.tickets, lost).count("bounced") == 2
    assert "nobody of that name lives here" in services.tickets.events(lost)[-1].text
    assert [services.tickets.get(one).state for one in (lost, refused)] == [State.ASSIGNED, State.ASSIGNED]


def test_a_letter_to_jane_and_her_answer_go_all_the_way(servers, services):
    reference = services.tickets.open(request()).reference
    services.tickets.reply(reference, "anna@example.com", "Which name is right?", "console")
    services.outbox.deliver_due("test")
    wait_until(lambda: len(servers.mails("jane")) == 2)
    asked = max(servers.mails("jane"), key=lambda one: b"Which name" in one)
    message = message_from_bytes(asked, policy=policy.default)
    answer = incoming(JANE, message["Reply-To"], "Leila Haddad", "<a@example.com>", In_Reply_To=message["Message-ID"])
    transport = SmtpTransport(servers.url("smtps"), JANE)
    connection = transport._open()
    connection.send_message(answer, JANE, [message["Reply-To"]])
    connection.quit()
    wait_until(lambda: servers.mails("tickets"))
    assert services.replies.poll() == 1
    assert services.tickets.events(reference)[-1].text == "Leila Haddad"
