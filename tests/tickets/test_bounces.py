"""Mails about tickets that did not arrive: what our own server refused, and what another sent back."""

import datetime

import pytest

from bot.errors import DeliveryFailed
from bot.outbox.message import OutgoingMail, message_id
from bot.tickets.replies import MOST_AN_HOUR, Outcome
from bot.tickets.ticket import State, What
from tests.tickets.conftest import request
from tests.tickets.test_replies import ANNA, JANE, TEAM, Folder, build, signed
from tests.tickets.test_tickets import mails, whats

OURS = "certification@onestreamsoftware.com"

STANDARD = """From: Mail Delivery System <MAILER-DAEMON@mx.example.com>
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <report-1@mx.example.com>
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
MIME-Version: 1.0

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; jane@example.com
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}

--b
Content-Type: {returned}

Message-ID: {message_id}
From: certification@onestreamsoftware.com
To: jane@example.com
Subject: Re: [CRT-2026-00001]

--b--
"""
EXIM = """From: Mail Delivery System <Mailer-Daemon@mx.example.com>
To: {to}
Return-Path: <>
Subject: Mail delivery failed: returning message to sender
Message-ID: <report-1@mx.example.com>
X-Failed-Recipients: jane@example.com
Auto-Submitted: auto-replied

This message was created automatically by mail delivery software.

------ This is a copy of the message, including all the headers. ------

To: jane@example.com
Message-ID:
 {message_id}
"""
QMAIL = """From: MAILER-DAEMON@mx.example.com
To: {to}
Return-Path: <>
Subject: failure notice
Message-ID: <report-1@mx.example.com>

Hi. This is the qmail-send program at mx.example.com.

<jane@example.com>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Message-ID: {message_id}
"""


@pytest.fixture()
def services(tmp_path, database_url):
    built = build(Folder(tmp_path / "replies").url, database_url)
    yield built
    built.database.engine.dispose()


@pytest.fixture()
def replied(services):
    """A ticket that waits for the learner; returns its reference and the id of the mail with the team's question."""
    reference = services.tickets.open(request()).reference
    mails(services)
    services.tickets.reply(reference, ANNA, "Which address?", "console")
    ((letter, _),) = mails(services)
    return reference, letter


def report(letter, form=STANDARD, to=OURS, **changes):
    values = {"action": "failed", "status": "5.1.1", "said": "550 5.1.1 unknown user", "returned": "message/rfc822"}
    ours = message_id(letter, OURS) if letter else "<other@elsewhere.example>"
    return form.format(to=to, message_id=ours, **{**values, **changes}).encode()


@pytest.mark.parametrize("form", [STANDARD, EXIM, QMAIL, STANDARD.replace("\n", "\r\n")])
@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers"])
def test_a_mail_that_comes_back_is_told_to_the_team_whose_turn_it_is_then(services, replied, form, returned):
    reference, letter = replied
    assert services.replies.take(report(letter, form, returned=returned)) is Outcome.BOUNCE
    assert services.tickets.get(reference).state is State.ASSIGNED
    event = services.tickets.events(reference)[-1]
    assert event.what is What.BOUNCED and "mail to the learner came back" in event.text
    assert "unknown user" in event.text or form in (EXIM, QMAIL)
    ((_, told),) = mails(services)
    assert told.to == TEAM and JANE in told.text and reference in told.subject
    assert services.replies.take(report(letter, form, returned=returned)) is Outcome.BOUNCE
    assert whats(services.tickets, reference).count("bounced") == 1 and mails(services) == []


def test_a_report_to_the_signed_address_needs_nothing_of_the_mail_that_came_back(services, replied):
    reference, _ = replied
    assert services.replies.take(report("", to=signed(reference))) is Outcome.BOUNCE
    assert whats(services.tickets, reference)[-1] == "bounced"


def test_made_up_reports_to_a_signed_address_come_to_an_end(services, replied):
    reference, _ = replied
    for number in range(MOST_AN_HOUR + 3):
        services.replies.take(report("", to=signed(reference)).replace(b"report-1", b"report-%d" % number))
    assert whats(services.tickets, reference).count("bounced") <= MOST_AN_HOUR


def test_the_last_word_of_a_resolved_ticket_that_comes_back_opens_it_again(services, replied):
    reference, _ = replied
    services.tickets.resolve(reference, ANNA, "It is done.", via="console")
    ((letter, _),) = mails(services)
    services.replies.take(report(letter))
    assert services.tickets.get(reference).state is State.REOPENED


@pytest.mark.parametrize(
    "changes",
    [{"action": "delayed", "status": "4.0.0"}, {"action": "delivered", "status": "2.0.0"}, {"action": "relayed"}],
)
def test_a_mail_that_is_late_or_has_arrived_is_no_bounce(services, replied, changes):
    reference, letter = replied
    assert services.replies.take(report(letter, **changes)) is Outcome.AUTOMATIC
    assert services.tickets.get(reference).state is State.WAITING


@pytest.mark.parametrize("subject", ["Warning: message 1aB delayed 24 hours", "Delivery delay notification"])
def test_a_warning_in_plain_words_is_no_bounce(services, replied, subject):
    reference, letter = replied
    late = QMAIL.replace("failure notice", subject)
    assert services.replies.take(report(letter, late)) is not Outcome.BOUNCE
    assert services.tickets.get(reference).state is State.WAITING


def test_a_report_on_what_is_no_tickets_mail_changes_nothing(services, replied):
    reference, _ = replied
    assert services.replies.take(report("")) is Outcome.AUTOMATIC
    assert services.replies.take(report("", to=signed("CRT-2026-00077"))) is Outcome.AUTOMATIC
    assert services.tickets.get(reference).state is State.WAITING


def test_a_mail_to_the_team_that_comes_back_is_an_event_and_no_mail_to_the_team(services, replied):
    reference, _ = replied
    services.replies.take(report(services.tickets.get(reference).team_thread))
    assert "mail to the team came back" in services.tickets.events(reference)[-1].text
    assert services.tickets.get(reference).state is State.WAITING and mails(services) == []


class Refusing:
    """A mail server's answer to all mail to the learner; the rest it takes."""

    def __init__(self, problem):
        self.problem, self.taken = problem, []

    def send(self, letter):
        mail = OutgoingMail.from_json(letter.payload)
        if mail.to == JANE:
            raise self.problem
        self.taken.append(mail)

    def close(self):
        pass


def deliver(services, problem, now):
    services.outbox.use_transport("mail", Refusing(problem))
    services.outbox._clock = lambda: now
    services.outbox.deliver_due("test")
    return services.outbox._transports["mail"].taken


@pytest.mark.parametrize(
    ("problem", "after"),
    [
        (DeliveryFailed("recipient refused (550)", permanent=True), datetime.timedelta()),
        (DeliveryFailed("mail refused (451)"), datetime.timedelta(days=1, minutes=1)),
        (DeliveryFailed("mail server not reached (TimeoutError)", server=True), datetime.timedelta(days=1, minutes=1)),
    ],
)
def test_a_letter_that_is_given_up_is_told_to_the_team(services, problem, after):
    reference = services.tickets.open(request()).reference
    mails(services)
    services.tickets.reply(reference, ANNA, "Which address?", "console")
    now = services.clock() + after
    (told,) = [*deliver(services, problem, now), *(mail for _, mail in mails(services))]
    assert told.to == TEAM and str(problem) in told.text
    assert whats(services.tickets, reference) == ["opened", "replied", "given_up"]
    assert str(problem) in services.tickets.events(reference)[-1].text
    assert services.tickets.get(reference).state is State.ASSIGNED
    services.outbox.requeue()
    later = now + datetime.timedelta(days=2)
    deliver(services, problem, later)
    assert whats(services.tickets, reference).count("given_up") == 2  # it was tried for another day


def test_a_one_time_code_that_is_given_up_is_nobodys_ticket(services):
    services.identity.request_code("c9", JANE, "site")
    deliver(services, DeliveryFailed("recipient refused (550)", permanent=True), services.clock())
    assert services.outbox.counts().dropped == 1 and services.tickets.find()[1] == 0


def test_metrics_count_what_did_not_arrive(services, replied):
    reference, letter = replied
    services.replies.take(report(letter))
    assert services.tickets.undelivered() == {What.GIVEN_UP: 0, What.BOUNCED: 1}


@pytest.mark.parametrize(
    ("sender", "aligned"),
    [
        ("Team <certification@example.com>", True),
        ("certification@help.example.com", True),
        ("a@mail.help.example.com", True),
        ("certification@badexample.com", False),
        ("certification@elsewhere.example", False),
    ],
)
def test_reports_go_to_the_signed_address_where_no_other_domain_is_spoken_for(tmp_path, sqlite_url, sender, aligned):
    folder = Folder(tmp_path / "replies")
    services = build(folder.url, sqlite_url, MAIL_FROM=sender)
    reference = services.tickets.open(request()).reference
    (_, team), (_, learner) = mails(services)
    assert (team.bounces_to, learner.bounces_to) == ("", signed(reference) if aligned else "")
