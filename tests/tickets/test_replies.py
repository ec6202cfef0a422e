"""Answers by mail, read from an IMAP server and from a Maildir."""

import datetime
import itertools
import os
from email.message import EmailMessage
from email.utils import formatdate

import pytest
from sqlalchemy.exc import DataError, OperationalError

from bot import bootstrap, worker
from bot.conversations.message import UserInput
from bot.errors import InvalidSetting, MailboxUnavailable
from bot.outbox.message import InvalidMail
from bot.settings import Settings
from bot.tickets import mailboxes
from bot.tickets.addresses import TicketAddresses
from bot.tickets.replies import MOST_AN_HOUR, Outcome
from bot.tickets.ticket import State
from tests.conftest import SECRET
from tests.servers.imap import ImapServer
from tests.tickets.conftest import NOON, request
from tests.tickets.test_tickets import mails, to_learner, whats

TEAM, ANNA, JANE = "certification@onestreamsoftware.com", "anna@example.com", "jane@example.com"
QUOTE = "\n\nOn Wed, Nov 25, 2026 at 12:00 PM Support <support@example.com> wrote:\n> the old words\n"


class Folder:
    """A Maildir as a mail server fills it."""

    def __init__(self, path):
        self.path, self.count = path, 0
        self.url = f"maildir:{path}"
        (path / "new").mkdir(parents=True)

    def add(self, content):
        self.count += 1
        (self.path / "new" / f"{self.count}.mail").write_bytes(content)
        os.utime(self.path / "new" / f"{self.count}.mail", (self.count, self.count))

    def unread(self):
        return len(list(self.path.glob("new/*")))

    def kept(self):
        return len(list(self.path.glob("cur/*:2,S")))

    def refused(self):
        return len(list(self.path.glob(".refused/cur/*:2,S")))


class Imap(ImapServer):
    def unread(self):
        return len(self.contents(seen=False))

    def kept(self):
        return len(self.contents(seen=True))

    def refused(self):
        return len(self.contents("refused", seen=True))


@pytest.fixture(params=["imap", "imap without MOVE", "maildir"])
def box(request, tmp_path):
    if request.param == "maildir":
        yield Folder(tmp_path / "replies")
        return
    server = Imap(capabilities=("UIDPLUS", "MOVE") if request.param == "imap" else ("UIDPLUS",))
    yield server
    server.close()


@pytest.fixture()
def maildir(tmp_path):
    return Folder(tmp_path / "replies")


def build(url, database_url, **more):
    given = {
        "SITE_SECRET_KEY": SECRET,
        "DATABASE_URL": database_url,
        "STAFF_EMAILS": ANNA,
        "REPLY_ADDRESS": "tickets@help.example.com",
        "REPLIES_URL": url,
        **more,
    }
    services = bootstrap.build(Settings.load(given))
    services.tickets._clock = lambda: NOON
    object.__setattr__(services.replies, "clock", lambda: NOON)
    return services


@pytest.fixture()
def on_box(box, sqlite_url):
    return build(box.url, sqlite_url)


@pytest.fixture()
def services(maildir, sqlite_url):
    return build(maildir.url, sqlite_url)


@pytest.fixture()
def on_each(maildir, database_url):
    built = build(maildir.url, database_url)
    yield built
    built.database.engine.dispose()


@pytest.fixture()
def ticket(services):
    return opened(services)


def opened(services):
    services.store.create("c1", "site", NOON)
    return services.tickets.open(request(conversation_id="c1"))


def signed(reference):
    return TicketAddresses(SECRET, "tickets@help.example.com").of(reference)


SUBJECT = "Re: [CRT-2026-00001] Level 2 is missing."


def incoming(
    sender, to, text="It will come on Monday." + QUOTE, message_id="<1@example.com>", subject=SUBJECT, **headers
):
    message = EmailMessage()
    for name, value in {"From": sender, "To": to, "Message-ID": message_id, "Date": formatdate(0)}.items():
        message[name] = value
    message["Subject"] = subject
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def last(services, reference):
    return services.tickets.events(reference)[-1]


def test_mails_say_where_answers_go(services, ticket):
    (_, team), (_, learner) = mails(services)
    assert team.reply_to == f"jane@example.com, {signed(ticket.reference)}"
    assert learner.reply_to == signed(ticket.reference)


def test_an_answer_is_kept_once_and_then_marked(on_box, box):
    reference = on_box.tickets.open(request()).reference
    box.add(bytes(incoming(TEAM, signed(reference))))
    box.add(bytes(incoming("eve@example.com", signed(reference), message_id="<2@example.com>")))
    assert on_box.replies.poll() == 2
    assert on_box.replies.poll() == 0
    event = last(on_box, reference)
    assert (event.who, event.text, event.via) == (TEAM, "It will come on Monday.", "mail")
    assert (box.unread(), box.kept(), box.refused()) == (0, 1, 1)
    box.add(bytes(incoming(TEAM, signed(reference))))
    assert on_box.replies.poll() == 1
    assert whats(on_box.tickets, reference) == ["opened", "replied"]


def test_a_mail_stays_unread_while_it_cannot_be_kept(on_box, box, monkeypatch):
    reference = on_box.tickets.open(request()).reference
    box.add(bytes(incoming(TEAM, signed(reference))))
    store, update = on_box.tickets.store, on_box.tickets.store.update

    def broken(*arguments):
        raise OSError("the disk is full")

    monkeypatch.setattr(store, "update", broken)
    with pytest.raises(OSError):
        on_box.replies.poll()
    assert box.unread() == 1
    monkeypatch.setattr(store, "update", update)
    assert on_box.replies.poll() == 1
    assert (last(on_box, reference).what, box.kept()) == ("replied", 1)


HALF = b"Content-Type: text/%s; charset=utf-7\r\n\r\nhalf a character +2AA- and the rest"


@pytest.mark.parametrize("sender", [JANE, "eve@example.com"])
@pytest.mark.parametrize("kind", [b"plain", b"html"])
def test_half_a_character_in_a_mail_holds_up_no_other_one(on_each, maildir, sender, kind):
    ticket = opened(on_each)
    top = f"From: {sender}\r\nTo: {signed(ticket.reference)}\r\nMessage-ID: <half@example.com>\r\n"
    maildir.add(top.encode() + HALF % kind)
    maildir.add(bytes(incoming(JANE, signed(ticket.reference), "And another thing.")))
    assert on_each.replies.poll() == 2 and maildir.unread() == 0
    assert last(on_each, ticket.reference).text == "And another thing."
    kept = [event.text for event in on_each.tickets.events(ticket.reference)]
    kept += [mail.text for mail in on_each.received.waiting()]
    assert any("half a character \ufffd and the rest" in text for text in kept)


@pytest.mark.parametrize("fault", [ValueError, RecursionError, DataError("", {}, ValueError()), InvalidMail("no mail")])
def test_a_mail_that_cannot_be_dealt_with_waits_for_a_person_and_holds_up_no_other_one(
    on_box, box, monkeypatch, fault, caplog
):
    reference, update = opened(on_box).reference, on_box.tickets.store.update
    box.add(bytes(incoming(JANE, signed(reference), "The bad one.", "<bad@example.com>")))
    box.add(bytes(incoming(JANE, signed(reference), "The good one.")))

    def fails(connection, ticket, event=None):
        if event and "bad" in event.text:
            raise fault
        update(connection, ticket, event)

    monkeypatch.setattr(on_box.tickets.store, "update", fails)
    assert on_box.replies.poll() == 2 and box.unread() == 0 and box.refused() == 1
    assert last(on_box, reference).text == "The good one."
    (waiting,) = on_box.received.waiting()
    assert waiting.reason == "unreadable" and b"The bad one." in on_box.received.get(waiting.id)[1]
    assert "could not be dealt with" in caplog.text and "jane@" not in caplog.text


def test_the_team_answers_by_mail_and_the_learner_has_it_once(on_each):
    services, ticket = on_each, opened(on_each)
    mails(services)
    to = f"Jane <{JANE}>, {signed(ticket.reference).upper()}"
    assert services.replies.take(bytes(incoming(f"Anna <{ANNA}>", to))) is Outcome.TAKEN
    assert mails(services) == []  # it went to her at once
    (shown,) = services.store.all("c1")
    assert (shown.role, shown.text) == ("staff", "It will come on Monday.")
    assert services.tickets.get(ticket.reference).state is State.WAITING
    only_us = incoming(TEAM, signed(ticket.reference), "Which address?", "<2@example.com>")
    assert services.replies.take(bytes(only_us)) is Outcome.TAKEN
    ((_, forwarded),) = mails(services)
    assert forwarded.to == JANE and "Which address?" in forwarded.text


def test_the_learner_answers_by_mail_and_the_team_has_it(services, ticket):
    services.tickets.resolve(ticket.reference, ANNA, via="console")
    mails(services)
    assert services.replies.take(bytes(incoming("Jane <Jane@Example.com>", signed(ticket.reference)))) is Outcome.TAKEN
    assert services.tickets.get(ticket.reference).state is State.REOPENED
    ((_, mail),) = mails(services)
    assert mail.to == TEAM and "It will come on Monday." in mail.text and "old words" not in mail.text


def test_without_a_signed_address_the_thread_tells_the_ticket(on_each):
    services, ticket = on_each, opened(on_each)
    thread = f"<{ticket.learner_thread}@onestreamsoftware.com>"
    mail = incoming(JANE, TEAM, "Thank you", References=f"<other@example.com> {thread}")
    assert services.replies.take(bytes(mail)) is Outcome.TAKEN
    assert last(services, ticket.reference).who == "learner"


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"to": TEAM}, Outcome.NO_TICKET),  # the subject alone names no ticket
        ({"to": "tickets+crt-2026-00001.aaaaaaaaaaaaaaaa@help.example.com"}, Outcome.NO_TICKET),
        ({"to": signed("CRT-2026-00077")}, Outcome.NO_TICKET),
        ({"sender": "eve@example.com"}, Outcome.STRANGER),
        ({"sender": "eve@example.com", "to": TEAM, "In_Reply_To": "THREAD"}, Outcome.STRANGER),
        ({"sender": f"{ANNA}, eve@example.com"}, Outcome.STRANGER),
        ({"sender": f'"{ANNA}" <eve@example.com>'}, Outcome.STRANGER),
        ({"Authentication_Results": "mx.example.com; dmarc=fail header.from=example.com"}, Outcome.FORGED),
        ({"text": QUOTE}, Outcome.EMPTY),
        ({"text": "> all\n> quoted\n"}, Outcome.EMPTY),
        ({"Auto_Submitted": "auto-replied"}, Outcome.AUTOMATIC),
        ({"Precedence": "bulk"}, Outcome.AUTOMATIC),
        ({"Return_Path": "<>"}, Outcome.AUTOMATIC),
        ({"message_id": "OURS"}, Outcome.AUTOMATIC),
    ],
)
def test_what_belongs_to_no_ticket_changes_nothing(services, ticket, changes, outcome, caplog):
    thread = f"<{ticket.team_thread}@onestreamsoftware.com>"
    given = {"sender": ANNA, "to": signed(ticket.reference), **changes}
    mail = incoming(**{name: thread if value in ("THREAD", "OURS") else value for name, value in given.items()})
    services.tickets.resolve(ticket.reference, ANNA, via="console")
    assert services.replies.take(bytes(mail)) is outcome
    assert whats(services.tickets, ticket.reference) == ["opened", "resolved"]
    assert "eve@" not in caplog.text and "anna@" not in caplog.text


def test_a_bounce_is_no_answer(services, ticket):
    mail = incoming(ANNA, signed(ticket.reference))
    mail.replace_header("Content-Type", 'multipart/report; report-type="delivery-status"; boundary="b"')
    assert services.replies.take(bytes(mail)) is Outcome.AUTOMATIC


def test_two_machines_that_answer_each_other_come_to_an_end(services, ticket):
    outcomes = [
        services.replies.take(bytes(incoming(JANE, signed(ticket.reference), f"{n}", f"<{n}@example.com>")))
        for n in range(MOST_AN_HOUR + 2)
    ]
    assert outcomes.count(Outcome.TAKEN) == MOST_AN_HOUR
    assert outcomes[-1] is Outcome.TOO_MANY


def test_html_attachments_and_size_are_made_harmless(services, ticket):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = ANNA, signed(ticket.reference), "<1@example.com>"
    html = "<style>p{}</style><p>Hello&nbsp;<b>Jane</b>,</p><script>alert(1)</script><div>two<br>lines</div>"
    mail.set_content(html + "<blockquote>the old words</blockquote>", subtype="html")
    mail.add_attachment(b"x" * 100_000, maintype="application", subtype="pdf", filename="badge\u202efdp.pdf")
    assert services.replies.take(bytes(mail)) is Outcome.TAKEN
    assert last(services, ticket.reference).text == (
        "Hello Jane,\n\ntwo\nlines\n\n[Attached to the mail: badge fdp.pdf]"
    )
    for n, text in enumerate(["word " * 200_000, "On " * 300_000, "\n" * 900_000 + "x", "\u202e\x07left\n" * 90_000]):
        long = incoming(ANNA, signed(ticket.reference), text, f"<long{n}@example.com>")
        assert services.replies.take(bytes(long)) in (Outcome.TAKEN, Outcome.EMPTY)
        assert len(last(services, ticket.reference).text) <= 10_000
    text = last(services, ticket.reference).text
    assert "left" in text and not {"\u202e", "\x07"} & set(text) and "The mail was longer" in text


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00" * 999, b"From: <\nTo: =?utf-8?q?=FF?= <@>\n\nx", b"\n\n\n"],
    ids=["nothing", "bytes", "broken headers", "no headers"],
)
def test_what_is_no_mail_is_put_aside(services, maildir, content):
    maildir.add(content)
    assert services.replies.poll() == 1
    assert maildir.refused() == 1


@pytest.mark.parametrize("fault", ["LOGIN drop", "LOGIN no", "SELECT no", "UID SEARCH drop", "UID FETCH drop"])
def test_a_mail_server_that_fails_is_asked_again_later(sqlite_url, caplog, fault):
    server = Imap()
    services = build(server.url, sqlite_url)
    server.add(bytes(incoming(TEAM, signed(services.tickets.open(request()).reference))))
    at, what = fault.rsplit(" ", 1)
    server.fault = lambda command: what if command == at else None
    task = worker.answering(services.replies)
    task.attempt()
    assert (task.failures, server.unread()) == (1, 1)
    assert "the mailbox" in caplog.text and "password" not in caplog.text
    server.fault = lambda command: None
    task.attempt()
    assert (task.failures, server.kept()) == (0, 1)
    server.close()


def test_a_mail_server_that_stalls_is_given_up(monkeypatch, sqlite_url):
    server = Imap()
    server.fault = lambda command: "hang" if command == "UID SEARCH" else None
    monkeypatch.setattr(mailboxes, "IMAP_TIMEOUT", 0.2)
    with pytest.raises(MailboxUnavailable):
        build(server.url, sqlite_url).replies.poll()
    server.close()


@pytest.mark.parametrize("command", ["GREETING", "LOGIN", "SELECT", "UID SEARCH", "UID FETCH", "UID STORE"])
def test_a_mail_server_that_dribbles_holds_the_reading_for_one_look_at_most(sqlite_url, command):
    server, seconds = Imap(), itertools.count(step=5.0)
    services = build(server.url, sqlite_url)
    mailbox = mailboxes.ImapMailbox(mailboxes.ImapServer.parse(server.url), monotonic=lambda: next(seconds))
    object.__setattr__(services.replies, "mailbox", mailbox)
    server.add(bytes(incoming(TEAM, signed(services.tickets.open(request()).reference))))
    server.fault = lambda asked: "dribble" if asked == command else None
    with pytest.raises(MailboxUnavailable, match="TimeoutError"):
        services.replies.poll()
    assert "TimeoutError" in services.inbox.state().problem
    server.fault = lambda asked: None
    services.replies.poll()
    assert (server.unread(), server.kept(), services.inbox.state().problem) == (0, 1, "")
    server.close()


@pytest.mark.parametrize(
    "url",
    [
        "imap://u:p@mail.example.com/INBOX",
        "imaps://mail.example.com/INBOX",
        "imaps://u:p@h:port/",
        "imaps://u:p@h/?x=1",
    ],
)
def test_a_mailbox_that_would_be_unsafe_or_cannot_be_asked_is_told_at_start(url):
    with pytest.raises(InvalidSetting, match="REPLIES_URL"):
        mailboxes.of(url)


@pytest.mark.parametrize("sender", [JANE, "jane.doe@work.example"])
@pytest.mark.parametrize(
    "changes",
    [
        {"In_Reply_To": "OURS"},
        {"References": "<x@example.com> OURS <y@example.com>"},
        {"In_Reply_To": "<team-client@example.com>"},
        {},
        {"subject": "AW: WG: your badge (crt-2026-00001)"},
    ],
)
def test_a_plain_reply_to_the_teams_own_mail_reaches_the_ticket(on_each, sender, changes):
    """The team has written from its mail program: no Reply-To of ours, and perhaps nothing of our thread."""
    services = on_each
    services.store.create("c1", "site", NOON)
    proven = (JANE, "jane.doe@work.example")
    ticket = services.tickets.open(request(conversation_id="c1", proven=proven))
    to = f"{JANE}, {signed(ticket.reference)}"
    assert services.replies.take(bytes(incoming(ANNA, to, message_id="<team-client@example.com>"))) is Outcome.TAKEN
    services.tickets.reply(ticket.reference, ANNA, "And which name?", "console")
    ours = f"<{mails(services)[-1][0]}@onestreamsoftware.com>"
    given = {name: value.replace("OURS", ours) for name, value in changes.items()}
    subject = given.pop("subject", "Re: something else" if given else "Re: [CRT-2026-00001] Level 2 is missing.")
    mail = incoming(sender, f"{TEAM}, {ANNA}", "Leila Haddad", "<9@example.com>", **given)
    mail.replace_header("Subject", subject)
    assert services.replies.take(bytes(mail)) is Outcome.TAKEN
    event = last(services, ticket.reference)
    assert (event.who, event.text) == ("learner", "Leila Haddad")
    assert services.tickets.get(ticket.reference).state is State.ASSIGNED
    shown = services.store.all("c1")[-1]
    assert (shown.role, shown.text) == ("user", "Leila Haddad")


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("eve@example.com", "Re: [CRT-2026-00001]"),
        (ANNA, "Re: [CRT-2026-00001]"),  # in the team's name a guessed reference would write to the learner
        (JANE, "Re: [CRT-2026-00002]"),  # somebody else's
        (JANE, "Re: [CRT-2026-00001] and [CRT-2026-00002]"),
        (JANE, "Re: [CRT-2026-00099]"),
    ],
)
def test_a_reference_in_the_subject_opens_no_ticket_to_others(services, ticket, sender, subject):
    services.tickets.open(request("r2", contact="joe@example.com", proven=("joe@example.com",)))
    mail = incoming(sender, TEAM, "let me in")
    mail.replace_header("Subject", subject)
    assert services.replies.take(bytes(mail)) is Outcome.NO_TICKET


def test_what_is_answered_by_mail_is_not_shown_in_the_chat_of_one_who_only_typed_the_address(services):
    services.store.create("c1", "site", NOON)
    reference = services.tickets.open(request(conversation_id="c1", proven=())).reference
    assert services.replies.take(bytes(incoming(JANE, signed(reference), "Not me: call 555 1234"))) is Outcome.TAKEN
    assert services.store.all("c1") == []


def test_a_mailed_answer_is_not_brought_before_the_assistant(services, ticket):
    """It stands in the chat as answered: what is typed next is not joined with it."""
    assert services.replies.take(bytes(incoming(JANE, signed(ticket.reference), "Leila Haddad"))) is Outcome.TAKEN
    turns = services.conversations._turns
    _, turn = turns.accept("c1", UserInput(text="and when?"), lambda history: {})
    assert turn.said.text == "and when?" and [one.text for one in turn.before] == ["Leila Haddad"]


def inbox(services):
    state = services.inbox.state()
    return state.readable, state.problem


def test_an_inbox_that_cannot_be_read_is_seen_by_other_processes_until_it_can_be(sqlite_url):
    server = Imap()
    url = sqlite_url
    services, other = build(server.url, url), build(server.url, url)
    assert inbox(other) == (False, "")  # nobody has looked yet
    services.replies.poll()
    assert inbox(other) == (True, "")
    server.fault = lambda command: "no" if command == "LOGIN" else None
    with pytest.raises(MailboxUnavailable):
        services.replies.poll()
    readable, problem = inbox(other)
    assert not readable and "refused the login" in problem and "password" not in problem
    server.fault = lambda command: None
    services.replies.poll()
    assert inbox(other) == (True, "")
    later = services.clock() + datetime.timedelta(minutes=16)
    other.inbox._clock = lambda: later
    assert inbox(other) == (False, "")  # the worker has stopped looking
    server.close()


def test_a_database_that_is_away_says_nothing_about_the_inbox(services, ticket, maildir, monkeypatch):
    services.replies.poll()
    maildir.add(bytes(incoming(JANE, signed(ticket.reference))))

    def away(*arguments):
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr(services.tickets.store, "update", away)
    with pytest.raises(OperationalError):
        services.replies.poll()
    assert inbox(services) == (True, "")


def test_where_answers_are_read_every_mail_to_the_learner_says_so(services):
    for mail in to_learner(services.tickets, services):
        assert "nswer this mail" in mail.text and "nswer this mail" in mail.html
        assert "please name the reference" not in mail.text
