"""Twice the mail takes about twice the time, whatever somebody makes of it."""

import time

import pytest

from bot.mail_reading.message import read

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


def seconds(content):
    began = time.process_time()
    read(content)
    return time.process_time() - began


def grows_no_faster_than_itself(small, large):
    """Four times the length in less than ten times the time; the best of three, and trifles count as equal."""
    quick = min(seconds(small) for _ in range(3))
    return min(seconds(large) for _ in range(3)) < 10 * max(quick, 0.01)


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


def test_parts_within_parts():
    def nested(depth):
        content = b"hi\n" * 100_000
        for number in range(depth):
            head = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (number, number)
            content = head + content
        return TOP + content

    assert grows_no_faster_than_itself(nested(40), nested(160))
