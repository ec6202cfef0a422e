"""What the Maildir and SMTP have in common: both pass every test."""

import mailbox
from email import message_from_binary_file, policy

import pytest

from bot.errors import DeliveryFailed, InvalidSetting
from bot.outbox.maildir import MaildirTransport
from bot.outbox.message import Letter, OutgoingMail
from bot.outbox.smtp import SmtpTransport
from tests.outbox.conftest import NOON, SENDER, mail, words


def letter(made, letter_id="letter-1"):
    return Letter(letter_id, "mail", made.to_json(), NOON, 1, NOON)


class OverMaildir:
    """The Maildir and what lies in it."""

    def __init__(self, tmp_path):
        self.path = tmp_path / "var" / "mail"
        self.transport = MaildirTransport(self.path, SENDER)

    def received(self):
        box = mailbox.Maildir(self.path, lambda file: message_from_binary_file(file, policy=policy.default))
        return list(box)

    def close(self):
        pass


class OverSmtp:
    """SMTP and what the server took, without repeats, as a mail program shows it."""

    def __init__(self, server):
        self.server, self.transport = server, SmtpTransport(server.url, SENDER, timeout=30, longest=30)

    def received(self):
        return list({message["Message-ID"]: message for message in self.server.mails}.values())

    def close(self):
        self.transport.close()


@pytest.fixture(params=["maildir", "smtp"])
def carrier(request, tmp_path, smtp_server):
    carrier = OverMaildir(tmp_path) if request.param == "maildir" else OverSmtp(smtp_server)
    yield carrier
    carrier.close()


def test_a_letter_arrives_as_it_was_written(carrier):
    made = OutgoingMail("Zoë <zoe@example.com>", "Prüfung ✓", "Grüße\n.\nEnde\n", "<p>Grüße</p>\n", "bob@example.com")
    carrier.transport.send(letter(made))
    [message] = carrier.received()
    assert message["Message-ID"] == "<letter-1@example.com>"
    assert (message["Subject"], message["Reply-To"]) == ("Prüfung ✓", "bob@example.com")
    assert message["To"].addresses[0].display_name == "Zoë"
    assert words(message, "plain") == "Grüße\n.\nEnde\n"
    assert words(message, "html") == "<p>Grüße</p>\n"


def test_a_repeat_is_the_same_mail(carrier):
    for _ in range(2):
        carrier.transport.send(letter(mail()))
    carrier.transport.send(letter(mail(subject="Another"), "letter-2"))
    assert sorted(message["Subject"] for message in carrier.received()) == ["Another", "Hello"]


def test_sending_goes_on_after_close(carrier):
    carrier.transport.close()
    carrier.transport.send(letter(mail()))
    carrier.transport.close()
    carrier.transport.close()
    carrier.transport.send(letter(mail(), "letter-2"))
    assert len(carrier.received()) == 2


@pytest.mark.parametrize("sender", ["", "support", "a@example.com, b@example.com", "a@example.com\nBcc: b@example.com"])
def test_an_unusable_sender_is_named_at_the_start(sender, tmp_path):
    for make in (lambda: MaildirTransport(tmp_path, sender), lambda: SmtpTransport("smtp://localhost", sender)):
        with pytest.raises(InvalidSetting, match="MAIL_FROM cannot be used"):
            make()


def test_a_letter_that_was_read_in_the_maildir_is_not_added_again(maildir, tmp_path):
    maildir.send(letter(mail()))
    folder = tmp_path / "var" / "mail"
    (folder / "new" / "letter-1").rename(folder / "cur" / "letter-1:2,S")
    maildir.send(letter(mail()))
    assert len(mailbox.Maildir(folder)) == 1
    assert list((folder / "tmp").iterdir()) == []


def test_an_empty_folder_that_is_there_already_will_do(maildir, tmp_path):
    (tmp_path / "var" / "mail").mkdir(parents=True)
    maildir.send(letter(mail()))
    assert len(mailbox.Maildir(tmp_path / "var" / "mail")) == 1


def test_only_the_owner_can_look_into_the_maildir(maildir, tmp_path):
    maildir.send(letter(mail()))
    folder = tmp_path / "var" / "mail"
    assert {(folder / name).stat().st_mode & 0o077 for name in ("", "new", "cur", "tmp")} == {0}


def test_a_maildir_that_cannot_be_written_is_a_failure_that_may_pass(tmp_path):
    (tmp_path / "mail").write_text("a file, no folder")
    with pytest.raises(DeliveryFailed) as failure:
        MaildirTransport(tmp_path / "mail", SENDER).send(letter(mail()))
    assert not failure.value.permanent
