"""Whole mails as programs write them, sound and broken."""

import pytest

from bot.mail_reading.headers import is_forged, sender
from bot.mail_reading.message import read
from bot.mail_reading.overview import overview
from bot.mail_reading.parts import parse

TOP = "From: leila@example.com\nTo: team@example.com\nMessage-ID: <1@example.com>\n"
PICTURE = "Content-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\n"


def text_of(rest):
    content = TOP.encode() + (rest if isinstance(rest, bytes) else rest.encode())
    return read(content).text


def several(kind, *parts, boundary="b", declared="boundary=b"):
    body = "".join(f"--{boundary}\n{one}\n" for one in parts)
    return f"Content-Type: multipart/{kind}; {declared}\n\n{body}--{boundary}--\n"


PLAIN, HTML = "Content-Type: text/plain\n\nplain words\n", "Content-Type: text/html\n\n<p>html <b>words</b></p>\n"


@pytest.mark.parametrize(
    ("mail", "text"),
    [
        (several("alternative", "Content-Type: text/plain\n\n \n", HTML), "html words"),
        (several("alternative", PLAIN, HTML), "plain words"),
        (
            several(
                "alternative", "Content-Type: text/plain\n\nNeeds HTML.\n", HTML.replace("<p>", "<p>" + "long " * 60)
            ),
            "long",
        ),
        (several("mixed", HTML, "Content-Type: text/plain\n\nfooter of a list\n"), "html words\n\nfooter of a list"),
        (
            several("mixed", PLAIN, PICTURE + "QUFB\n", PLAIN.replace("plain w", "second w")),
            "plain words\n\nsecond words",
        ),
        (several("mixed", PICTURE + "QUFB\n" * 500_000, PLAIN), "plain words"),
        (
            several("mixed", several("alternative", PLAIN, HTML, boundary="c", declared="boundary=c"), PICTURE),
            "plain words",
        ),
        (several("mixed", PLAIN, boundary="----=_Part 1", declared="boundary=----=_Part 1"), "plain words"),
        (several("mixed", PLAIN, HTML, boundary="right", declared="boundary=wrong"), "plain words\n\nhtml words"),
        (several("alternative", PLAIN, HTML, declared="charset=x"), "plain words"),
        (
            several("mixed", "Content-Type: text/plain\nContent-Disposition: inline; filename=a.txt\n\nnamed words\n"),
            "named words",
        ),
        ("Content-Type: text/plain; format=flowed\n\nsoft \nbreak\n\n From here\n", "soft break\n\nFrom here"),
        ("\n>From Monday on it works.\n", "From Monday on it works."),
        ("\n> quoted\n>From quoted\n\nown\n", "> quoted\n>From quoted\n\nown"),
        (b"Content-Type: text/plain; charset=iso-8859-1\n\nI\x92m O\x92Connor, \x80 50\n", "I’m O’Connor, € 50"),
        (b"Subject: x\n\nStra\xc3\x9fe\n", "Straße"),
        (b"Content-Type: text/html\n\n<meta charset=windows-1251><p>\xcf\xf0\xe8\xe2\xe5\xf2", "Привет"),
    ],
)
def test_all_that_is_said_is_read(mail, text):
    assert text_of(mail).startswith(text) if text == "long" else text_of(mail) == text


@pytest.mark.parametrize("coding", ["7bit", "base64"])
def test_a_mail_that_is_attached_is_read_too(coding):
    from base64 import encodebytes

    inner = "From: no-reply@credly.example\nSubject: Badge\n\nRejected: name mismatch.\n"
    inner = encodebytes(inner.encode()).decode() if coding == "base64" else inner
    attached = (
        f"Content-Type: message/rfc822\nContent-Transfer-Encoding: {coding}\nContent-Disposition: attachment\n\n{inner}"
    )
    mail = read((TOP + several("mixed", PLAIN, attached)).encode(), own=("team@example.com",))
    assert mail.text.startswith("plain words") and mail.text.endswith("Rejected: name mismatch.")


def test_folded_headers_that_lost_their_indentation_are_headers_still():
    broken = (
        "Received: from a\nby localhost with SMTP\nTo: x@example.com\nSubject: s\nDate: d\nMessage-ID: <2@x>\n\nwords\n"
    )
    assert text_of(broken) == "words"
    assert text_of("Subject: s\nno header at all\nFrom here on text\n") == "no header at all\nFrom here on text"


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ("Haddad, Leila <leila@example.com>", "leila@example.com"),
        ('"Haddad, Leila" <Leila@Example.com>', "leila@example.com"),
        ("=?utf-8?Q?Haddad=2C_Le=C3=AFla?= <leila@example.com>", "leila@example.com"),
        ("leila@example.com <leila@example.com>", "leila@example.com"),
        ("leila@example.com (Haddad, Leila)", "leila@example.com"),
        ("Conor O'Connor <conor.o'connor@example.com>", "conor.o'connor@example.com"),
        ('"anna@example.com" <eve@example.com>', "eve@example.com"),
        ("anna@example.com, eve@example.com", ""),
        ("anna@example.com <eve@example.com>", ""),
        ("<anna@example.com> <eve@example.com>", ""),
        ("nobody", ""),
    ],
)
def test_the_sender_is_who_it_is_from_or_nobody(header, address):
    assert sender(parse(f"From: {header}\n\nx".encode())) == address


@pytest.mark.parametrize(
    "header",
    [
        'anna@example.com <"eve"@example.net>',
        "anna@example.com <@relay.example.net:eve@example.net>",
        "anna@example.com < eve @ example.net >",
        "anna@example.com <eve@[192.0.2.1]>",
        "anna@example.com <" + "e" * 200 + "@example.net>",
        "anna@example.com <>",
        "anna@example.com <eve@example.net",
        "<<anna@example.com>eve@example.net>",
        '"a\\" <anna@example.com> \\"b" <"eve"@example.net>',
        '(a\\) <anna@example.com> \\(b) <"eve"@example.net>',
        '(a (b) <anna@example.com> ) <"eve"@example.net>',
        'anna@example.com; "eve"@example.net',
        'anna@example.com "' + "x" * 5000 + '" <eve@example.net> "' + "x" * 5000 + '"',
        "anna@example.com\n" + "From: anna@example.com\n" * 30 + "From: eve@example.net",
    ],
    ids=lambda header: header[:40],
)
def test_whoever_hides_the_own_address_in_a_sender_is_nobody(header):
    assert sender(parse(f"From: {header}\n\nx".encode())) == ""


@pytest.mark.parametrize(
    "head",
    [
        "From : eve@example.net\r\nFrom: anna@example.com",
        "Received: x\r\nFrom : eve@example.net\r\nFrom: anna@example.com",
        "Received: x\rFrom: anna@example.com\r\rx\r\nFrom: eve@example.net",
        "Received: x\rFrom: anna@example.com\rX-A: x\r\r\nFrom: eve@example.net",
    ],
)
def test_the_sender_is_the_one_that_servers_read(head):
    assert sender(parse(f"{head}\r\nTo: t@example.com\r\n\r\nx".encode())) in ("", "eve@example.net")


def test_a_return_without_a_line_feed_stays_a_line_of_the_words():
    assert read(b"From: anna@example.com\r\n\r\none\rtwo\r\nthree").text == "one\ntwo\nthree"


def test_recipients_are_found_wherever_they_stand():
    top = b"To: Team: anna@example.com, ben@example.com;\nCc: Haddad, Leila <leila@example.com>\n"
    top += b"Delivered-To: t+1@example.com\n"
    found = read(top + b"From: a@example.com\n\nx").recipients
    assert found == ("anna@example.com", "ben@example.com", "leila@example.com", "t+1@example.com")


@pytest.mark.parametrize(
    ("results", "server", "forged"),
    [
        (["mx.example.com; dmarc=fail"], "", True),
        (["mx.example.com; dmarc=pass", "hop.example.net; dmarc=fail"], "", False),
        (["hop.example.net; dmarc=fail", "mx.example.com; dmarc=pass"], "mx.example.com", False),
        (["hop.example.net; dmarc=pass", "MX.example.com 1; spf=pass; dmarc=fail (p=none)"], "mx.example.com", True),
        (["mx.example.com; spf=pass (dmarc=fail); dmarc=pass"], "", False),
        (['mx.example.com; spf=pass smtp.mailfrom="a\\"(b"@example.net; dmarc=fail header.from="x)"'], "", True),
        (["mx.example.com; " + "dkim=pass header.d=example.net; " * 200 + "dmarc=fail; " + "x=y; " * 1000], "", True),
        (["mx.example.com; " + "dkim=pass header.d=example.net; " * 200 + "dmarc=pass"], "", False),
        ([], "mx.example.com", False),
    ],
)
def test_only_our_own_server_finds_a_sender_forged(results, server, forged):
    top = "".join(f"Authentication-Results: {one}\n" for one in results)
    assert is_forged(parse((top + TOP + "\nx").encode()), server) is forged


@pytest.mark.parametrize(
    ("header", "automatic"),
    [
        ("Auto-Submitted: auto-replied", True),
        ("Precedence: bulk", True),
        ("X-Autoreply: yes", True),
        ("Return-Path: <>", True),
        ("Auto-Submitted: no", False),
        ("X-Auto-Response-Suppress: All", False),
        ("List-Id: <certification.example.com>", False),
        ("Precedence: list", False),
    ],
)
def test_a_person_is_told_from_a_machine(header, automatic):
    mail = read(f"{header}\n{TOP}\nx".encode())
    assert mail.automatic is automatic
    assert mail.answerable is (header == "Auto-Submitted: no")


@pytest.mark.parametrize(
    "content", [b"", b"\xff\x00\xfe" * 99, b"From: <\nContent-Type: ;;;\n\nx", b"Content-Type: multipart/mixed"]
)
def test_anything_can_be_looked_at(content):
    assert isinstance(overview(content).text, str)
    assert overview((TOP + several("alternative", PLAIN, HTML)).encode()).headers[0] == ("From", "leila@example.com")
