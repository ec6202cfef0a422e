"""Files of a ticket in its mails, out and in."""

import pytest

from bot.attachments.attachment import Upload
from bot.attachments.limits import FILES_PER_NETWORK
from bot.outbox.message import OutgoingMail, build
from bot.tickets.replies import Outcome
from tests.attachments.files import pdf, phone_picture, picture
from tests.tickets.conftest import NOON, request
from tests.tickets.test_replies import ANNA, JANE, incoming, maildir, opened, signed
from tests.tickets.test_replies import build as services_on
from tests.tickets.test_tickets import mails

assert maildir  # a fixture


@pytest.fixture()
def services(maildir, tmp_path, sqlite_url):
    return services_on(maildir.url, sqlite_url, ATTACHMENTS_URL=f"folder:{tmp_path}/files", MAILED_MEGABYTES="1")


def mailed(sender, ticket, *files, text="Here it is.", **headers):
    message = incoming(sender, signed(ticket.reference), text, **headers)
    for name, content, kind in files:
        main, _, sub = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def names(files):
    return [file.name for file in files]


def test_the_teams_mail_carries_the_files_and_says_which_are_too_large(services):
    services.store.create("c1", "site", NOON)
    for name, size in (("small.pdf", 10), ("large.pdf", 900_000), ("next.pdf", 300_000)):
        content = pdf() + bytes(size) + b"%%EOF"
        services.attachments.from_learner(Upload(name, content), "c1", shown=True)
    services.tickets.open(request(conversation_id="c1"))
    (letter, team), (_, learner) = mails(services)
    assert names(team.enclosures) == ["small.pdf", "large.pdf"] and learner.enclosures == ()
    for text in (team.text, team.html):
        assert "Too large for a mail, but with the ticket in the console: next.pdf (300 kB)" in text
    message = build(
        OutgoingMail.from_json(team.to_json()), letter, "a@example.com", NOON, services.attachments.enclosed
    )
    found = {part.get_filename(): part for part in message.iter_attachments()}
    assert set(found) == {"small.pdf", "large.pdf"} and found["small.pdf"].get_content_type() == "application/pdf"
    assert found["small.pdf"].get_content().startswith(b"%PDF-1.4")
    again = build(OutgoingMail.from_json(team.to_json()), letter, "a@example.com", NOON, services.attachments.enclosed)
    assert bytes(message) == bytes(again)  # a repeat is the same mail


@pytest.mark.parametrize(
    ("channel", "conversation", "where"),
    [
        ("site", "c1", "You find it in the chat in which you asked."),
        ("form", "c1", "You find it in the chat in which you asked."),
        ("form", "", "Write back, and the team will send it another way."),
        ("slack", "c1", "Write back, and the team will send it another way."),  # where files are only named
    ],
)
def test_a_learner_is_told_where_to_find_what_is_too_large_for_a_mail(services, channel, conversation, where):
    services.store.create("c1", "site", NOON)
    ticket = services.tickets.open(request(conversation_id=conversation, channel=channel))
    file = services.attachments.from_team(Upload("guide.pdf", pdf() + bytes(1_100_000) + b"%%EOF"), ANNA)
    services.tickets.reply(ticket.reference, ANNA, "See.", "console", files=[file.id])
    mail = mails(services)[-1][1]
    for text in (mail.text, mail.html):
        assert "Too large for this mail: guide.pdf" in text and where in text


def test_a_mail_whose_file_was_erased_goes_out_without_it(services):
    ticket = opened(services)
    file = services.attachments.from_team(Upload("a.pdf", pdf()), ANNA)
    services.tickets.reply(ticket.reference, ANNA, "See.", "console", files=[file.id])
    services.attachments.discard([file.id])
    letter, mail = mails(services)[-1]
    message = build(mail, letter, "a@example.com", NOON, services.attachments.enclosed)
    assert message.get_content_type() == "multipart/alternative"


def test_what_a_learner_mails_is_on_the_ticket_and_with_the_team(services):
    ticket = opened(services)
    content = mailed(
        JANE,
        ticket,
        ("IMG 1.JPG", phone_picture(), "application/octet-stream"),
        ("passport.pdf", pdf(), "text/html"),
        ("evil.png", b"<svg onload='alert(1)'/>", "image/png"),
        ("letter.docx", b"PK\x03\x04", "application/msword"),
    )
    assert services.replies.take(content) is Outcome.TAKEN
    assert services.replies.take(content) is Outcome.TAKEN  # read twice
    files = services.attachments.of_tickets([ticket.reference])
    assert sorted(names(files)) == ["IMG 1.jpg", "passport.pdf"]
    last = services.tickets.events(ticket.reference)[-1]
    assert "letter.docx" in last.text and {file.event_key for file in files} == {last.key}
    assert sorted(names(mails(services)[-1][1].enclosures)) == ["IMG 1.jpg", "passport.pdf"]
    assert sorted(names(services.attachments.of_conversation("c1"))) == ["IMG 1.jpg", "passport.pdf"]


def test_what_the_team_mails_is_shown_to_the_learner(services):
    ticket = opened(services)
    assert services.replies.take(mailed(ANNA, ticket, ("guide.pdf", pdf(), "application/pdf"))) is Outcome.TAKEN
    (file,) = services.attachments.of_conversation("c1")
    assert (file.name, file.who) == ("guide.pdf", ANNA)
    ((_, mail), *_) = reversed(mails(services))
    assert names(mail.enclosures) == ["guide.pdf"] and mail.to == JANE


def test_a_stranger_adds_nothing_until_the_team_adds_the_mail(services):
    ticket = opened(services)
    content = mailed("stranger@example.com", ticket, ("a.pdf", pdf(), "application/pdf"))
    assert services.replies.take(content) is Outcome.STRANGER
    assert services.attachments.of_tickets([ticket.reference]) == ()
    (waiting,) = services.received.waiting()
    services.received.add_to_ticket(waiting.id, ticket.reference, ANNA)
    assert names(services.attachments.of_tickets([ticket.reference])) == ["a.pdf"]


def test_who_mails_files_over_and_over_uses_up_no_more_than_one_network(services):
    ticket = opened(services)
    for number in range(5):
        ten = [(f"{number}-{one}.pdf", pdf(), "application/pdf") for one in range(10)]
        mail = mailed(JANE, ticket, *ten, message_id=f"<{number}@example.com>")
        assert services.replies.take(mail) is Outcome.TAKEN
    assert len(services.attachments.of_tickets([ticket.reference])) == FILES_PER_NETWORK[0].most == 40
    last = services.tickets.events(ticket.reference)[-1]
    assert "4-9.pdf" in last.text  # it stays in the mail, which the ticket has
    assert services.attachments.from_learner(Upload("a.pdf", pdf()), "c9", "another")


def test_the_logo_of_a_signature_is_left_in_the_mail(services):
    ticket = opened(services)
    content = mailed(JANE, ticket, ("logo.png", picture("PNG"), "image/png"))
    content = content.replace(b"Content-Disposition: attachment", b"Content-ID: <logo>\nContent-Disposition: inline")
    assert services.replies.take(content) is Outcome.TAKEN
    assert services.attachments.of_tickets([ticket.reference]) == ()
