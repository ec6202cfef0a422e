"""Twice the mail takes about twice the time, whatever somebody makes of it."""

import time
from base64 import encodebytes

import pytest

from bot.mail_reading.message import read
from bot.mail_reading.overview import overview
from bot.retention import traces
from bot.tickets import bounces

TOP = b"From: a@example.com\nTo: b@example.com\nMessage-ID: <1@example.com>\n"
PIECES = [
    *(
        b">",
        b">\n",
        b"On ",
        b"On Tue 2026\n",
        b". On 3 ",
        b"<",
        b"(",
        b"a@",
        b"From: a\n",
        b"From: x@y.example\nSent: 1\n",
    ),
    *(
        b">From \n",
        b"\n",
        b"--\n",
        b"__\n",
        b"Sent from \n",
        b"Sent from A A A ",
        b"---- wrote ----",
        b"> (http://a\nb\n",
        b"> a\n(http://a) ",
        b"wrote:\n",
        b"-",
        b"-- Original Message\n",
        b"\xc3",
        b"\xfc",
    ),
    *(
        b"&",
        b"&amp;",
        b"a: ",
        b" ",
        b"\t\n",
        b"<div>",
        b"<a ",
        b"<p>",
        b"<b><p>",
        b"<table><tr><td>x",
        b"<!--",
        b"</p>",
    ),
    *(b"<ul><li>", b"<font color=1>", b"<blockquote>", b"data:", b"<meta ", b"<a href=x>"),
]
HEADERS = [
    b"From",
    b"To",
    b"Subject",
    b"References",
    b"Content-Type",
    b"Content-Disposition",
    b"Authentication-Results",
]


def seconds(content, reader=read):
    began = time.process_time()
    reader(content)
    return time.process_time() - began


def grows_no_faster_than_itself(small, large, reader=read):
    """Four times the length in less than ten times the time; the best of three, and trifles count as equal."""
    quick = min(seconds(small, reader) for _ in range(3))
    return min(seconds(large, reader) for _ in range(3)) < 10 * max(quick, 0.01)


@pytest.mark.parametrize("kind", [b"text/plain; format=flowed", b"text/html"])
@pytest.mark.parametrize("piece", PIECES, ids=repr)
def test_a_body_of_one_thing(kind, piece):
    small, large = (
        TOP + b"Content-Type: " + kind + b"\n\n" + piece * (length // len(piece)) for length in (30_000, 120_000)
    )
    assert grows_no_faster_than_itself(small, large)


@pytest.mark.parametrize(
    "piece", [b"(", b"a,", b"<", b'"', b"=?utf-8?q?a?= ", b"a@b, ", b";a*0=b", b"a@(", b"\\"], ids=repr
)
@pytest.mark.parametrize("header", HEADERS)
def test_a_header_of_one_thing(header, piece):
    small, large = (
        header + b": " + piece * (length // len(piece)) + b"\n" + TOP + b"\nx" for length in (30_000, 120_000)
    )
    assert grows_no_faster_than_itself(small, large)


@pytest.mark.parametrize("reader", [bounces.read, lambda mail: list(traces.texts(mail))], ids=["a report", "erasing"])
@pytest.mark.parametrize("piece", [b"(", b"a,", b'"', b"a.", b"=?utf-8?q?a?= ", b";a*0=b"], ids=repr)
@pytest.mark.parametrize("header", [b"From", b"To", b"Subject", b"Message-ID", b"Content-Type: multipart/report"])
def test_whoever_else_reads_mail_takes_no_longer_over_a_header(header, piece, reader):
    small, large = (
        header + b": " + piece * (length // len(piece)) + b"\n" + TOP + b"\nx" for length in (20_000, 80_000)
    )
    assert grows_no_faster_than_itself(small, large, reader)


@pytest.mark.parametrize("header", [b"From", b"To", b"Date"])
def test_forwarded_mails_with_headers_that_were_made_to_take_long(header):
    def forwards(filling):
        within = b"--b\nContent-Type: message/rfc822\n\n" + header + b": " + filling * 8000 + b"\n\nhi\n"
        return TOP + b"Content-Type: multipart/mixed; boundary=b\n\n" + within * 10

    assert seconds(forwards(b'"')) < 10 * max(seconds(forwards(b"a")), 0.05)


def nested(depth):
    content = b"hi\n" * 100_000
    for number in range(depth):
        content = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (number, number) + content
    return TOP + content


def test_parts_within_parts():
    assert grows_no_faster_than_itself(nested(40), nested(160))


def test_parts_within_parts_as_the_console_shows_them():
    assert grows_no_faster_than_itself(nested(40), nested(160), overview)


def test_parts_within_parts_that_are_packed():
    def packed(depth):
        return TOP + b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + encodebytes(nested(depth))

    assert grows_no_faster_than_itself(packed(40), packed(160))


@pytest.mark.parametrize(
    ("top", "piece"),
    [
        (b"Content-Type: message/delivery-status\n\n", b"\n"),
        (b"Content-Type: message/delivery-status\r\n\r\n", b"\r\n"),
        (b"Content-Type: multipart/mixed; boundary=b\n\n", b"--b\n\n"),
    ],
    ids=["reports", "reports of Windows", "parts"],
)
def test_more_parts_than_a_mail_can_have_are_not_read(top, piece):
    few, many = (TOP + top + piece * number for number in (50_000, 300_000))
    assert seconds(many) < 3 * max(seconds(few), 0.1)
    assert read(many).cut and not read(TOP + top + piece * 1000).cut
