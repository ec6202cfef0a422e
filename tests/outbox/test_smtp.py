import socket
import time

import pytest

from bot.errors import DeliveryFailed, InvalidSetting
from bot.outbox.message import Letter
from bot.outbox.smtp import MailServer, SmtpTransport
from tests.outbox.conftest import NOON, SENDER, mail
from tests.servers import smtp as faults
from tests.servers.smtp import SmtpServer


@pytest.fixture()
def start(tmp_path):
    """Starts mail servers, and ends them with the test."""
    servers = []

    def start(**options):
        servers.append(SmtpServer(tmp_path, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def send(transport, name="letter-1"):
    transport.send(Letter(name, "mail", mail().to_json(), NOON, 1, NOON))


def failure_of(transport):
    with pytest.raises(DeliveryFailed) as failure:
        send(transport)
    return failure.value


def transport_to(url, **options):
    return SmtpTransport(url, SENDER, **{"timeout": 60, "longest": 60, **options})


@pytest.mark.parametrize("tls", ["", "starttls", "smtps"])
def test_mail_goes_out_with_a_login_over_each_kind_of_connection(start, tls):
    server = start(tls=tls, login=("us er@x", "p:a/s@s?"))
    url = server.url.replace("://", "://us%20er%40x:p%3Aa%2Fs%40s%3F@").replace("127.0.0.1", "localhost")
    transport = transport_to(url)
    send(transport)
    transport.close()
    [message] = server.mails
    assert (message["X-From"], message["X-To"]) == ("support@example.com", "alice@example.com")
    assert server.logins == 1


def test_one_connection_serves_a_batch(start):
    server = start()
    transport = transport_to(server.url)
    for number in range(5):
        send(transport, f"letter-{number}")
    assert (len(server.mails), server.connections) == (5, 1)
    transport.close()
    send(transport, "later")
    assert server.connections == 2
    transport.close()


def test_starttls_never_falls_back_to_plain_text(start):
    server = start()  # offers no STARTTLS
    problem = failure_of(transport_to(f"{server.url}/?starttls=1"))
    assert not problem.permanent
    assert server.mails == []


@pytest.mark.parametrize("tls", ["starttls", "smtps"])
def test_a_certificate_that_nobody_vouches_for_is_refused(start, tls):
    server = start(tls=tls)
    problem = failure_of(
        transport_to(server.url.replace(f"&ca={server.certificate}", "").replace(f"?ca={server.certificate}", ""))
    )
    assert str(problem) == "mail server not reached (SSLCertVerificationError)"
    assert not problem.permanent
    assert server.mails == []


@pytest.mark.parametrize("tls", ["starttls", "smtps"])
def test_a_certificate_for_another_host_is_refused(start, tls):
    server = start(tls=tls, name="elsewhere.example.com")
    assert "SSLCertVerificationError" in str(failure_of(transport_to(server.url)))
    assert server.mails == []


@pytest.mark.parametrize(
    ("stage", "answer", "permanent"),
    [
        ("RCPT", "550 <alice@example.com> unknown", True),
        ("RCPT", "450 <alice@example.com> is greylisted", False),
        ("RCPT", "421 closing", False),
        ("DATA", "554 no mail for alice@example.com", True),
        ("DATA", "452 disk full", False),
        ("DATA", "421 closing", False),
        ("RCPT", faults.DROP, False),
        ("DATA", faults.DROP, False),
        ("DATA", faults.KEEP_AND_DROP, False),
    ],
)
def test_a_refusal_is_final_or_not_and_names_nobody_and_the_next_mail_goes_through(start, stage, answer, permanent):
    server = start()
    transport = transport_to(server.url)
    send(transport, "before")
    server.fault = lambda reached: answer if reached == stage else None
    problem = failure_of(transport)
    assert problem.permanent is permanent
    assert "alice" not in str(problem) and problem.__cause__ is None
    server.fault = lambda reached: None
    send(transport, "after")
    assert [server.mails[0]["Message-ID"], server.mails[-1]["Message-ID"]] == [
        "<before@example.com>",
        "<after@example.com>",
    ]
    transport.close()


@pytest.mark.parametrize(
    ("stage", "answer", "server_failed"),
    [
        ("RCPT", "550 unknown", False),
        ("RCPT", "450 greylisted", False),
        ("DATA", "452 disk full", False),
        ("RCPT", "421 closing", True),
        ("DATA", "421 closing", True),
        ("DATA", faults.DROP, False),
        ("DATA", faults.HANG, True),
    ],
)
def test_what_is_wrong_with_one_mail_is_told_from_what_is_wrong_with_the_server(start, stage, answer, server_failed):
    server = start()
    server.fault = lambda reached: answer if reached == stage else None
    longest = 0.5 if answer == faults.HANG else 60
    assert failure_of(transport_to(server.url, longest=longest)).server is server_failed


def test_a_server_that_is_away_is_not_taken_for_a_bad_mail(start):
    server = start()
    server.close()
    assert failure_of(transport_to(server.url)).server


def test_a_wrong_password_condemns_no_mail(start):
    server = start(login=("user", "right"))
    problem = failure_of(transport_to(server.url.replace("//", "//user:wrong@")))
    assert not problem.permanent and problem.server
    assert str(problem) == "mail server answered 535 (SMTPAuthenticationError)"


def test_a_kept_connection_that_the_server_has_closed_fails_no_mail(start):
    server = start()
    transport = transport_to(server.url)
    send(transport)
    server.close()
    again = start(port=server.port)
    send(transport, "letter-2")
    assert len(again.mails) == 1
    transport.close()


@pytest.mark.parametrize("stage", ["RCPT", "DATA"])
def test_a_server_that_hangs_is_left_in_time(start, stage):
    server = start()
    server.fault = lambda reached: faults.HANG if reached == stage else None
    began = time.monotonic()
    assert not failure_of(transport_to(server.url, longest=0.5)).permanent
    assert time.monotonic() - began < 30


def test_a_server_that_never_greets_is_left_in_time():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"smtp://127.0.0.1:{listener.getsockname()[1]}"
        began = time.monotonic()
        assert not failure_of(transport_to(url, timeout=0.2)).permanent
        assert time.monotonic() - began < 30


def test_a_server_that_dribbles_its_answer_is_left_in_time(start):
    """Each byte comes within the time-out; only the limit for the whole letter ends it."""
    import threading

    def dribble():
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"220 hello\r\n")
            connection.recv(1000)
            try:
                while True:
                    connection.sendall(b"250-")
                    ended.wait(0.05)
                    if ended.is_set():
                        return
            except OSError:
                return

    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=dribble, daemon=True)
        thread.start()
        url = f"smtp://127.0.0.1:{listener.getsockname()[1]}"
        began = time.monotonic()
        failure_of(transport_to(url, longest=0.5))
        assert time.monotonic() - began < 30
        ended.set()
        thread.join(60)


def test_no_server_at_all_is_a_failure_that_may_pass():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        problem = failure_of(transport_to(f"smtp://127.0.0.1:{unused.getsockname()[1]}"))
    assert str(problem) == "mail server not reached (ConnectionRefusedError)"
    assert not problem.permanent


@pytest.mark.parametrize(
    ("url", "host", "port", "tls"),
    [
        ("smtp://mail.example.com", "mail.example.com", 25, ""),
        ("smtp://mail.example.com/?starttls=1", "mail.example.com", 587, "starttls"),
        ("smtps://u:p@mail.example.com", "mail.example.com", 465, "smtps"),
        ("smtp://u:p@[::1]:2525/?starttls=0", "::1", 2525, ""),
    ],
)
def test_the_address_of_the_server_is_read(url, host, port, tls):
    server = MailServer.parse(url)
    assert (server.host, server.port, server.tls) == (host, port, tls)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://u:secret@mail.example.com", "must begin with smtp"),
        ("smtp://", "must begin with smtp"),
        ("smtp://u:secret@mail.example.com:port/", "check its port"),
        ("smtp://mail.example.com:99999", "check its port"),
        ("smtp://u:secret@mail.example.com", "would travel openly"),
        ("smtp://mail.example.com/?starttls=yes", "starttls=1"),
        ("smtp://mail.example.com/?verify=0", "nothing else"),
        ("smtp://mail.example.com/?starttls", "cannot be read"),
        ("smtps://u:s%C3%A9cret@mail.example.com", "ASCII"),
    ],
)
def test_a_bad_address_is_refused_with_what_to_do_and_without_the_password(url, said):
    with pytest.raises(InvalidSetting, match=said) as refusal:
        MailServer.parse(url)
    assert "secret" not in str(refusal.value)


def test_a_ca_file_that_is_none_is_named(tmp_path):
    (tmp_path / "ca.pem").write_text("no certificate")
    for file in ("ca.pem", "missing.pem"):
        with pytest.raises(InvalidSetting, match="ca="):
            transport_to(f"smtps://mail.example.com/?ca={tmp_path / file}")
