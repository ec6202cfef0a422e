"""Files of tickets at the console: seen, saved, and sent along."""

import io
import uuid

import pytest

from bot.attachments.attachment import Upload
from bot.tickets.files import hand_in
from tests.attachments.files import pdf, phone_picture, picture
from tests.servers.staff import ANNA
from tests.site.console.conftest import file


@pytest.fixture()
def shown(services):
    """A ticket whose chat has a picture of before and a PDF of after."""
    services.store.create_once("c-r1", "site", services.clock())
    added = services.attachments.from_learner(Upload("card.jpg", phone_picture()), "c-r1", shown=True)
    ticket = file(services)
    later = services.attachments.from_learner(Upload("scan.pdf", pdf("<script>")), "c-r1", shown=True)
    assert hand_in(services.tickets, later, "site") == ticket.reference
    return ticket, added, later


def attach(staff, reference, action, *files, **fields):
    sent = [(io.BytesIO(content), name) for name, content in files]
    return staff.act(reference, action, files=sent, **fields)


def test_pictures_are_seen_and_everything_can_be_saved(anna, shown):
    ticket, card, scan = shown
    page = anna.get(f"/tickets/{ticket.reference}").text
    assert f"/console/attachments/{card.uuid}/picture" in page and "card.jpg" in page
    assert f"/console/attachments/{scan.uuid}" in page and f"{scan.uuid}/picture" not in page
    assert page.count("scan.pdf") == 1  # the file says it
    seen = anna.get(f"/attachments/{card.uuid}/picture")
    assert seen.mimetype == "image/jpeg" and "Content-Disposition" not in seen.headers
    saved = anna.get(f"/attachments/{scan.uuid}")
    assert saved.mimetype == "application/pdf" and saved.headers["Content-Disposition"].startswith("attachment;")
    for answer in (seen, saved):
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert anna.get(f"/attachments/{scan.uuid}/picture").status_code == 404
    assert anna.get(f"/attachments/{uuid.uuid4()}").status_code == 404


def test_nobody_but_staff_sees_them(visitor, shown):
    for path in (f"/attachments/{shown[1].uuid}", f"/attachments/{shown[1].uuid}/picture"):
        assert visitor.get(path).status_code == 303


def test_what_a_learner_has_not_sent_yet_is_nobody_elses(anna, services):
    services.store.create_once("c-r1", "site", services.clock())
    added = services.attachments.from_learner(Upload("card.jpg", phone_picture()), "c-r1", shown=True)
    assert anna.get(f"/attachments/{added.uuid}").status_code == 404


@pytest.mark.parametrize("action", ["reply", "resolve"])
def test_files_go_with_a_reply_into_chat_and_mail(anna, services, shown, mailbox, action):
    reference = shown[0].reference
    answer = attach(anna, reference, action, ("guide.pdf", pdf()), ("how.png", picture("PNG")), text="See these.")
    assert answer.status_code == 303
    said = services.store.all("c-r1")[-1]
    found = [one for one in services.attachments.of_conversation("c-r1") if one.message_id == said.id]
    assert said.role == "staff" and sorted(one.name for one in found) == ["guide.pdf", "how.png"]
    assert {one.who for one in found} == {ANNA}
    sent = [one.name for one in mailbox.to("jane@example.com")[-1].enclosures]
    assert sorted(sent) == ["guide.pdf", "how.png"]


@pytest.mark.parametrize("content", [b"<svg onload='alert(1)'/>", b"MZ"])
def test_a_file_that_is_refused_sends_nothing_and_loses_no_text(anna, services, ticket, content):
    before = services.tickets.events(ticket.reference)
    answer = attach(anna, ticket.reference, "reply", ("good.pdf", pdf()), ("bad.png", content), text="My long text")
    assert answer.status_code == 400 and "Only pictures" in answer.text and "My long text" in answer.text
    assert "That file is empty" in attach(anna, ticket.reference, "reply", ("x.pdf", b""), text="Text").text
    assert services.tickets.events(ticket.reference) == before
    assert services.attachments.of_tickets([ticket.reference]) == ()


def test_files_of_a_duplicate_are_seen_with_the_other(anna, services, shown):
    other = file(services, "r2")
    services.desk.merge(shown[0].reference, other.reference, ANNA, "console")
    page = anna.get(f"/tickets/{other.reference}").text
    assert all(page.count(f'/console/attachments/{one.uuid}"') == 1 for one in shown[1:])
    merged, history = page.index("merged into this one"), page.index('id="history-title"')
    assert merged < page.index("card.jpg") < history < page.index("scan.pdf")


def test_a_chosen_file_does_not_hinder_a_canned_answer(anna, services, ticket):
    answer = attach(anna, ticket.reference, "fill", ("large.pdf", pdf() + bytes(1_000_000)), text="My words")
    assert answer.status_code == 200 and "My words" in answer.text


def test_files_that_no_mail_would_carry_are_refused_together(anna, services, ticket):
    large = pdf() + bytes(6_000_000) + b"%%EOF"
    answer = attach(anna, ticket.reference, "reply", ("a.pdf", large), ("b.pdf", large), text="Look")
    assert answer.status_code == 400 and "a mail to the learner takes 10 MB" in answer.text
