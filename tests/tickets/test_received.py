"""Mails that came in: kept as they came, and where they were refused, seen to by a person."""

import datetime

import pytest
import sqlalchemy as sql

from bot.errors import UnknownMail, UnknownTicket
from bot.mail_reading.message import read
from bot.mail_reading.overview import overview
from bot.tickets.mail_store import (
    BEGINNING_BYTES,
    LARGEST_REFUSED_BYTES,
    MOST_LARGE_REFUSED,
    MailState,
    incoming_mails,
)
from bot.tickets.replies import Outcome
from tests.tickets.conftest import NOON, request
from tests.tickets.test_replies import ANNA, JANE, QUOTE, TEAM, Folder, build, incoming, last, signed
from tests.tickets.test_tickets import mails, whats

SECOND = "jane.private@example.org"


@pytest.fixture()
def services(tmp_path, database_url):
    built = build(Folder(tmp_path / "replies").url, database_url, RECEIVING_SERVER="mx.example.com")
    object.__setattr__(built.received, "clock", lambda: NOON)
    yield built
    built.database.engine.dispose()


@pytest.fixture()
def ticket(services):
    services.store.create("c1", "site", NOON)
    opened = services.tickets.open(request(conversation_id="c1", proven=(JANE, SECOND)))
    mails(services)
    return opened


def take(services, mail):
    return services.replies.take(bytes(mail))


def waiting(services):
    return [(one.reason, one.sender, one.reference) for one in services.received.waiting()]


@pytest.mark.parametrize(
    ("sender", "headers"),
    [
        (SECOND, {}),
        ("Haddad, Jane <jane@example.com>", {}),
        (JANE, {"X_Auto_Response_Suppress": "All"}),
        (JANE, {"List_Id": "<team.example.com>"}),
        (JANE, {"Authentication_Results": "hop.example.net; dmarc=fail"}),
    ],
    ids=["second address", "unquoted comma", "no automatic answer wished", "over a list", "another server"],
)
def test_answers_of_the_learner_arrive(services, ticket, sender, headers):
    mail = incoming("placeholder@example.com", signed(ticket.reference), **headers)
    content = bytes(mail).replace(b"placeholder@example.com", sender.encode())
    assert services.replies.take(content) is Outcome.TAKEN
    assert (last(services, ticket.reference).who, waiting(services)) == ("learner", [])


def test_a_mail_is_kept_whole_with_what_its_event_leaves_out(services, ticket):
    mail = bytes(incoming(JANE, signed(ticket.reference), "It is Jane." + QUOTE + "\nRegards\n"))
    assert services.replies.take(mail) is services.replies.take(mail) is Outcome.TAKEN
    event = last(services, ticket.reference)
    (kept,) = services.received.of_ticket(ticket.reference).values()
    assert kept.key == event.key and "the old words" in kept.rest and "the old words" not in event.text
    assert services.received.get(kept.id) == (kept, mail)


def test_new_words_that_do_not_fit_stand_in_the_rest(services, ticket):
    long = " ".join(f"word{number}" for number in range(5000))
    take(services, incoming(JANE, signed(ticket.reference), long))
    (kept,) = services.received.of_ticket(ticket.reference).values()
    event = last(services, ticket.reference)
    assert "The mail was longer" in event.text
    missing = set(long.split()) - set(event.text.split()) - set(kept.rest.split())
    assert len(missing) <= 1  # the one that was cut in two


NO_TICKET = {"to": TEAM, "subject": "Hello"}  # that it names
REFUSED = [
    (NO_TICKET, "no ticket"),
    ({"sender": "eve@example.com"}, "stranger"),
    ({"Authentication_Results": "mx.example.com; dmarc=fail"}, "forged"),
    ({"text": QUOTE}, "no words"),
    ({"Auto_Submitted": "auto-replied"}, "automatic"),
]


@pytest.mark.parametrize(("changes", "reason"), REFUSED)
def test_a_refused_mail_waits_for_a_person_and_can_be_added(services, ticket, changes, reason):
    mail = incoming(**{"sender": JANE, "to": signed(ticket.reference), **changes})
    for _ in range(2):
        assert take(services, mail).value == reason
    ((found, sender, reference),) = waiting(services)
    assert (found, sender) == (reason, changes.get("sender", JANE))
    assert services.received.counts() == {reason: 1}
    number = services.received.waiting()[0].id
    services.received.add_to_ticket(number, ticket.reference.lower(), ANNA)
    services.received.add_to_ticket(number, ticket.reference, ANNA)
    assert whats(services.tickets, ticket.reference) == ["opened", "answered"]
    text = last(services, ticket.reference).text
    assert ("old words" if reason == "no words" else "It will come on Monday.") in text
    assert ("eve@example.com" in text) is (reason == "stranger")
    assert waiting(services) == [] and services.received.get(number)[0].handled_by == ANNA
    assert list(services.received.of_ticket(ticket.reference)) == [last(services, ticket.reference).key]


def test_a_refused_mail_of_the_team_is_its_answer(services, ticket):
    take(services, incoming(ANNA, f"{JANE}, {TEAM}"))
    services.received.add_to_ticket(services.received.waiting()[0].id, ticket.reference, ANNA)
    event = last(services, ticket.reference)
    assert (event.what.value, event.who) == ("replied", ANNA)
    assert mails(services) == []  # it went to her at once


@pytest.mark.parametrize("added", [False, True], ids=["by itself", "by a person"])
def test_staff_who_have_proven_an_address_of_a_ticket_are_its_learner_however_their_mail_comes(services, added):
    ticket = services.tickets.open(request(proven=(JANE, ANNA)))
    mails(services)
    mail = incoming(ANNA, signed(ticket.reference), **({"Precedence": "bulk"} if added else {}))
    assert (take(services, mail) is Outcome.TAKEN) is not added
    for waiting_mail in services.received.waiting():
        services.received.add_to_ticket(waiting_mail.id, ticket.reference, "ben@example.com")
    event = last(services, ticket.reference)
    assert (event.what.value, event.who) == ("answered", "learner")
    assert [mail.to for _, mail in mails(services)] == [TEAM]


@pytest.mark.parametrize("sender", ["eve@example.com", JANE, ANNA], ids=["another", "the learner", "the team"])
def test_what_answers_a_mail_that_a_person_added_finds_the_ticket(services, ticket, sender):
    take(services, incoming(sender, TEAM, message_id="<asked@example.org>", subject="Hello"))
    answer = incoming(ANNA, sender, "Here it is.", "<said@example.com>", "Re: Hello", In_Reply_To="<asked@example.org>")
    assert take(services, answer) is Outcome.NO_TICKET
    added = [one for one in services.received.waiting() if one.sender == sender][-1]
    services.received.add_to_ticket(added.id, ticket.reference, ANNA)
    again = incoming(ANNA, sender, "Here it is.", "<more@example.com>", "Re: Hello", In_Reply_To="<asked@example.org>")
    assert take(services, again) is Outcome.TAKEN
    assert (last(services, ticket.reference).who, last(services, ticket.reference).text) == (ANNA, "Here it is.")


def test_a_mail_that_a_person_adds_is_read_as_when_it_came(services, ticket):
    block = "From: Support <tickets@help.example.com>\nSent: Monday\nSubject: Level 2\nTo: Jane"
    shown = f"Hello Jane,\n\n{block}\n\nold words\n"
    take(services, incoming(JANE, signed(ticket.reference), shown, "<1@example.org>"))
    come = last(services, ticket.reference).text
    take(services, incoming(JANE, TEAM, shown, "<2@example.org>", "Hello"))
    services.received.add_to_ticket(services.received.waiting()[0].id, ticket.reference, ANNA)
    assert last(services, ticket.reference).text == come
    assert "old words" not in come


def test_what_cannot_be_read_is_kept_and_can_be_added(services, ticket, monkeypatch):
    def broken(*arguments):
        raise RecursionError

    monkeypatch.setattr("bot.tickets.replies.read", broken)
    monkeypatch.setattr("bot.tickets.received.read", broken)
    assert services.replies.take(b"whatever") is Outcome.UNREADABLE
    (mail,) = services.received.waiting()
    services.received.add_to_ticket(mail.id, ticket.reference, ANNA)
    assert "could not be read" in last(services, ticket.reference).text
    assert services.received.get(mail.id)[1] == b"whatever"


def test_a_whole_mail_is_read_once_however_often_it_is_looked_at(services, ticket, monkeypatch):
    looks = []
    monkeypatch.setattr("bot.tickets.received.overview", lambda content: looks.append(content) or overview(content))
    mail = bytes(incoming(JANE, signed(ticket.reference)))
    assert services.replies.take(mail) is Outcome.TAKEN
    (kept,) = services.received.of_ticket(ticket.reference).values()
    for _ in range(3):
        found, whole, length = services.received.whole(kept.id)
        assert (found, length) == (kept, len(mail)) and "It will come on Monday." in whole.text
    assert looks == [mail]


def test_what_was_read_of_a_mail_is_not_told_when_it_is_gone_nor_of_another_with_its_number(services, ticket):
    def keep(text, key):
        mail = incoming(JANE, signed(ticket.reference), text)
        services.received.keep(read(bytes(mail)), bytes(mail), ticket.reference, key)
        return services.received.of_ticket(ticket.reference)[key].id

    number = keep("It is private.", "mail 1")
    assert "private" in services.received.whole(number)[1].text
    with services.database.transaction() as connection:
        connection.execute(incoming_mails.delete())
    with pytest.raises(UnknownMail):
        services.received.whole(number)
    another = keep("It is Monday.", "mail 2")
    with services.database.transaction() as connection:
        connection.execute(incoming_mails.update().values(id=number).where(incoming_mails.c.id == another))
    assert "Monday" in services.received.whole(number)[1].text


def test_a_dismissed_mail_is_gone_from_the_list_and_later_for_good(services, ticket):
    take(services, incoming("eve@example.com", TEAM))
    (mail,) = services.received.waiting()
    services.received.dismiss(mail.id, ANNA)
    assert waiting(services) == [] and services.received.counts() == {}
    assert services.received.get(mail.id)[0].state is MailState.DISMISSED
    age = datetime.timedelta(days=services.settings.retention_days)
    assert services.purge.some(NOON + age).mails == 0
    assert services.purge.some(NOON + age + datetime.timedelta(seconds=1)).mails == 1
    with pytest.raises(UnknownMail):
        services.received.get(mail.id)


def test_mails_go_with_their_ticket(services, ticket):
    take(services, incoming(JANE, signed(ticket.reference)))
    services.tickets.resolve(ticket.reference, ANNA, via="console")
    number = next(iter(services.received.of_ticket(ticket.reference).values())).id
    services.purge.all(NOON + datetime.timedelta(days=services.settings.retention_days + 1))
    with pytest.raises(UnknownTicket):
        services.tickets.get(ticket.reference)
    with pytest.raises(UnknownMail):
        services.received.get(number)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (NO_TICKET, True),
        ({"text": QUOTE}, True),
        ({**NO_TICKET, "sender": "eve@example.com"}, False),
        ({**NO_TICKET, "sender": "unproven@example.com"}, False),
        ({**NO_TICKET, "Auto_Submitted": "auto-replied"}, False),
        ({**NO_TICKET, "Precedence": "list"}, False),
        ({**NO_TICKET, "X_Auto_Response_Suppress": "OOF"}, False),
        ({**NO_TICKET, "Authentication_Results": "mx.example.com; dmarc=fail"}, False),
        ({"text": QUOTE, "Authentication_Results": "mx.example.com; dmarc=fail"}, False),
    ],
)
def test_the_sender_is_told_once_where_that_is_safe(services, ticket, changes, told):
    services.tickets.open(request("r2", contact="unproven@example.com", proven=()))
    mails(services)
    given = {"sender": JANE, "to": signed(ticket.reference), **changes}
    for number in range(3):
        take(services, incoming(**given, message_id=f"<{number}@example.com>"))
    sent = [mail for _, mail in mails(services)]
    assert [mail.to for mail in sent] == ([JANE] if told else [])
    for mail in sent:
        assert mail.headers["Auto-Submitted"] == "auto-replied"
        assert "Monday" not in mail.text + mail.html and "not lost" in mail.text


def test_a_stranger_can_fill_neither_the_database_nor_the_page(services):
    huge = bytes(incoming("eve@example.com", TEAM, "x" * 70 + "\n" + "word " * 400_000))
    assert services.replies.take(huge) is Outcome.NO_TICKET
    (mail,) = services.received.waiting()
    assert len(services.received.get(mail.id)[1]) == LARGEST_REFUSED_BYTES and not mail.whole
    assert len(mail.text) <= 10_000


def test_a_flood_of_large_mails_fills_no_disk(services):
    for number in range(MOST_LARGE_REFUSED + 2):
        mail = incoming("stranger@example.com", "tickets@help.example.com", f"{number} " + "x " * 30_000)
        assert take(services, mail) is Outcome.NO_TICKET
    newest, *_ = services.received.waiting()
    assert newest.text.startswith(f"{MOST_LARGE_REFUSED + 1} x") and not newest.whole
    sizes = sql.select(sql.func.length(incoming_mails.c.content)).order_by(incoming_mails.c.id)
    with services.database.transaction() as connection:
        kept = connection.execute(sizes).scalars().all()
    assert min(kept[:MOST_LARGE_REFUSED]) > 60_000 and kept[MOST_LARGE_REFUSED:] == [BEGINNING_BYTES] * 2


def test_no_word_of_a_mail_is_in_the_log(services, caplog):
    take(services, incoming("eve@example.com", TEAM, "very private words"))
    services.replies.take(b"From: eve@example.com\nContent-Type: multipart/mixed; boundary=\n\nvery private words")
    assert "private" not in caplog.text and "eve@" not in caplog.text


def test_the_words_of_a_sender_show_in_no_error_text():
    assert "private" not in repr(read(b"From: eve@example.com\nSubject: private\n\nprivate"))
