"""Mails in the console: each whole and harmless, the refused ones with what one can do about them."""

import pytest

from bot.mail_reading.message import read
from tests.servers.staff import ANNA
from tests.site.console.conftest import file

EVIL = (
    b'From: "<script>alert(1)</script>" <jane@example.com>\nTo: x@example.com\nSubject: <img src=x onerror=alert(2)>\n'
    b"Message-ID: <1@example.com>\nContent-Type: text/html; charset=utf-8\n\n"
    b"<script>alert(3)</script><p>&lt;script&gt;alert(4)&lt;/script&gt; my words</p><blockquote>old words</blockquote>"
)


@pytest.fixture()
def kept(services, ticket):
    services.tickets.answer(ticket.reference, "my words", "mail", key="mail 1")
    services.received.keep(read(EVIL), EVIL, ticket.reference, "mail 1")
    return services.received.of_ticket(ticket.reference)["mail 1"]


@pytest.fixture()
def refused(services, ticket):
    services.received.refuse(read(EVIL), EVIL, "no ticket")
    return services.received.waiting()[0]


def test_the_rest_and_the_whole_mail_are_one_click_from_the_event(anna, ticket, kept):
    page = anna.get(f"/tickets/{ticket.reference}").text
    assert "Show the rest of the mail" in page and "old words" in page
    assert f'href="/console/mails/{kept.id}"' in page


def test_a_whole_mail_is_shown_as_plain_text(anna, kept):
    page = anna.get(f"/mails/{kept.id}").text
    assert "my words" in page and "old words" in page and "&lt;script&gt;alert(4)" in page
    assert not any(f"<script>alert({n})" in page for n in (1, 3, 4)) and "<img src=x" not in page


def test_the_original_is_only_ever_saved(anna, kept):
    answer = anna.get(f"/mails/{kept.id}/original")
    assert answer.data == EVIL
    assert (
        answer.headers["Content-Disposition"].startswith("attachment")
        and ".eml" in answer.headers["Content-Disposition"]
    )
    assert answer.mimetype == "application/octet-stream" and answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_refused_mail_is_told_in_the_queue_and_added_from_its_list(anna, services, ticket, refused):
    assert "1 mail could not be added to a ticket." in anna.get("/").text
    page = anna.get("/mails").text
    assert "Names no ticket" in page and "my words" in page and "<script>alert" not in page
    answer = anna.post(f"/mails/{refused.id}/add", seen_on="/mails", reference=ticket.reference.lower())
    assert answer.headers["Location"].endswith(f"/tickets/{ticket.reference}")
    assert "my words" in services.tickets.events(ticket.reference)[-1].text
    assert "The mail is part of the ticket now." in anna.get(f"/tickets/{ticket.reference}").text
    assert "could not be added" not in anna.get("/").text


def test_a_reference_that_is_wrong_is_told_beside_the_mail(anna, services, refused):
    answer = anna.post(f"/mails/{refused.id}/add", seen_on="/mails", reference="CRT-2026-99999")
    assert answer.status_code == 404 and "There is no ticket with this reference." in answer.text
    assert 'value="CRT-2026-99999"' in answer.text and len(services.received.waiting()) == 1


def test_a_refused_mail_is_dismissed(anna, services, refused):
    assert anna.post(f"/mails/{refused.id}/dismiss", seen_on="/mails").status_code == 303
    assert "No mail waits here." in anna.get("/mails").text
    assert services.received.get(refused.id)[0].handled_by == ANNA


def test_what_was_dismissed_by_mistake_is_added_after_all(anna, services, ticket, refused):
    told = anna.client.get(anna.post(f"/mails/{refused.id}/dismiss", seen_on="/mails").location).text
    assert f'href="/console/mails/{refused.id}">Look at it again' in told
    page = anna.get(f"/mails/{refused.id}").text
    assert f"Dismissed by {ANNA}" in page and f'action="/console/mails/{refused.id}/add"' in page
    wrong = anna.post(f"/mails/{refused.id}/add", seen_on=f"/mails/{refused.id}", reference="CRT-2026-99999")
    assert "no ticket with this reference" in anna.client.get(wrong.location).text
    added = anna.post(f"/mails/{refused.id}/add", seen_on=f"/mails/{refused.id}", reference=ticket.reference)
    assert "part of the ticket now" in anna.client.get(added.location).text
    assert "my words" in services.tickets.events(ticket.reference)[-1].text


def test_of_two_who_see_to_a_mail_the_second_is_told_what_became_of_it(anna, ben, services, ticket, refused):
    other = file(services, "r2").reference
    anna.post(f"/mails/{refused.id}/add", seen_on="/mails", reference=ticket.reference)
    late = ben.post(f"/mails/{refused.id}/add", seen_on="/mails", reference=other)
    assert late.location.endswith(ticket.reference) and "already: to this one" in ben.client.get(late.location).text
    late = ben.post(f"/mails/{refused.id}/dismiss", seen_on="/mails")
    assert "so it was not dismissed" in ben.client.get(late.location).text
    assert services.received.get(refused.id)[0].reference == ticket.reference
    assert [event.text for event in services.tickets.events(other)] == [""]


def test_automatic_answers_raise_no_alarm(anna, services):
    services.received.refuse(read(EVIL), EVIL, "automatic")
    assert "could not be added" not in anna.get("/").text
    assert "Automatic answers" in anna.get("/mails").text


@pytest.mark.parametrize("path", ["/mails/999", "/mails/999/original"])
def test_a_mail_that_is_not_there_is_said_so(anna, path):
    answer = anna.get(path)
    assert answer.status_code == 404 and "There is no such mail" in answer.text


@pytest.mark.parametrize("path", ["/mails", "/mails/{}", "/mails/{}/original"])
def test_only_staff_see_mails(visitor, kept, path):
    assert visitor.get(path.format(kept.id)).status_code == 303


def test_refused_mail_is_counted_for_the_operator(anna, services, app, refused):
    file(services, "r2")
    assert 'mails_refused{reason="no ticket"} 1.0' in app.test_client().get("/metrics").text
