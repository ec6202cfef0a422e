import email
from email import policy

import pytest

from bot.identity.address import normalise
from bot.outbox.message import InvalidMail, OutgoingMail, build, message_id, parse_address
from tests.outbox.conftest import NOON, SENDER, mail, words

OUTLOOK_ID = "<AM0PR0402MB3905E2B1E2F2C7C9B5C8C8A9B8B20@AM0PR0402MB3905.eurprd04.prod.outlook.com>"
ZOE = "Zoë Müller <zoe@example.com>"


def received(made, letter_id="letter-1"):
    """The message as the other side reads it."""
    return email.message_from_bytes(build(made, letter_id, SENDER, NOON).as_bytes(), policy=policy.default)


def test_a_mail_has_what_a_mail_needs():
    message = received(mail(subject="Your code"))
    assert message["From"] == SENDER
    assert message["To"] == "alice@example.com"
    assert message["Subject"] == "Your code"
    assert message["Date"] == "Mon, 02 Mar 2026 12:00:00 +0000"
    assert message["Message-ID"] == message_id("letter-1", SENDER) == "<letter-1@example.com>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert "Reply-To" not in message
    assert message.get_content_type() == "multipart/alternative"
    assert words(message, "plain") == "Plain words\n"
    assert words(message, "html") == "<p>Rich words</p>\n"


def test_a_mail_without_html_is_plain():
    message = received(OutgoingMail("alice@example.com", "Hello", "Plain words\n", ""))
    assert message.get_content_type() == "text/plain"
    assert words(message, "plain") == "Plain words\n"


def test_non_ascii_subjects_names_and_words_arrive_whole():
    subject, text = "Überprüfung für Łukasz – 证书 ✓ " * 5 + "!", "Grüße, 你好 🎓 " * 50 + "\n"
    message = received(OutgoingMail(ZOE, subject, text, f"<p>{text}</p>", reply_to="Søren <soren@example.com>"))
    assert message["To"].addresses[0].display_name == "Zoë Müller"
    assert message["Reply-To"].addresses[0].display_name == "Søren"
    assert message["Subject"] == subject
    assert words(message, "plain") == text


def test_threading_headers_stay_whole_however_long():
    headers = {"In-Reply-To": OUTLOOK_ID, "References": f"<first@example.com> {OUTLOOK_ID} <last@example.com>"}
    raw = build(mail(headers=headers), "letter-1", SENDER, NOON).as_bytes()
    assert f"In-Reply-To: {OUTLOOK_ID}\r\n".encode() in raw
    assert f"References: <first@example.com>\r\n {OUTLOOK_ID}\r\n <last@example.com>\r\n".encode() in raw


def test_words_of_a_person_are_not_marked_as_automatic():
    assert received(mail(headers={"Auto-Submitted": "no"})).get_all("Auto-Submitted") == ["no"]


@pytest.mark.parametrize("breaker", ["\r\n", "\n", "\r", "\0", "\x0b", "\x85", "\u2028", "\ud800"])
@pytest.mark.parametrize("part", ["to", "subject", "reply_to", "References"])
def test_a_line_break_in_a_header_is_refused_without_repeating_it(part, breaker):
    value = f"<a@example.com>{breaker}Bcc: eve@example.com"
    given = {"headers": {part: value}} if part == "References" else {part: value}
    with pytest.raises(InvalidMail, match="must be one line without control characters") as refusal:
        mail(**given)
    assert "eve" not in str(refusal.value)


@pytest.mark.parametrize("name", ["Bcc", "From", "Message-ID", "Content-Type", "X\r\nBcc", "references"])
def test_headers_that_are_not_the_callers_are_refused(name):
    with pytest.raises(InvalidMail, match="headers can only be Auto-Submitted, In-Reply-To, References"):
        mail(headers={name: "eve@example.com"})


@pytest.mark.parametrize(
    "to",
    [
        "",
        "alice",
        "@example.com",
        "alice@example.com, eve@example.com",
        "team: alice@example.com;",
        "<alice@example.com> eve@example.com",
        "älice@example.com",
        '"alice eve"@example.com',
    ],
)
def test_anything_but_one_plain_address_is_refused(to):
    with pytest.raises(InvalidMail, match="e-mail address"):
        mail(to)


@pytest.mark.parametrize(
    "address", ["o'neil+exam=2/3&4~_#x-y@mail.example.com", "a@b.example.com", f"{'x' * 64}@x.example"]
)
def test_every_address_that_identity_accepts_can_be_written_to(address):
    assert parse_address("To", normalise(address)).addr_spec == address


def test_hostile_words_stay_words():
    hostile = "\r\n.\r\nMAIL FROM:<eve@example.com>\r\n--==letter-1==--\r\nFrom eve\0\ud800\u202e <script>\n" * 1000
    message = received(OutgoingMail("alice@example.com", "Hello", hostile, "<p></p>"))
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert words(message, "plain") == hostile.replace("\r\n", "\n").replace("\ud800", "?")


def test_a_megabyte_of_text_becomes_lines_that_servers_take():
    raw = build(OutgoingMail("alice@example.com", "Hello", "ä" * 1_000_000, ""), "letter-1", SENDER, NOON).as_bytes()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 76


def test_a_subject_without_end_is_refused():
    with pytest.raises(InvalidMail, match="Subject must have at most 300 characters"):
        mail(subject="x" * 301)


def test_an_answer_may_go_to_two_people():
    message = received(mail(reply_to="alice@example.com, tickets+crt-2026-00012.abcdefgh@help.example.com"))
    found = [address.addr_spec for address in message["Reply-To"].addresses]
    assert found == ["alice@example.com", "tickets+crt-2026-00012.abcdefgh@help.example.com"]


def test_a_payload_gives_the_same_mail_again():
    made = mail(ZOE, reply_to="bob@example.com", headers={"References": "<x@example.com>"})
    assert OutgoingMail.from_json(made.to_json()) == made


def test_what_is_printed_of_a_mail_names_nobody():
    shown = repr(mail(subject="Code 123456", reply_to="bob@example.com"))
    assert "alice" not in shown and "bob" not in shown and "123456" not in shown and "words" not in shown
