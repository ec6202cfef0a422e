"""One ticket at the console: what is shown, what is done, who is told."""

import io
import re
from html.parser import HTMLParser

import pytest

from bot.tickets.ticket import Action, HandoverReason, Line, State, What
from tests.attachments.files import pdf
from tests.servers.staff import ANNA, BEN
from tests.site.console.conftest import file

HOSTILE = '<img src=x onerror="hacked()"><script>hacked()</script>'


def inline_code(html):
    """Scripts, styles and handlers inside a page."""
    found = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag, attributes):
            names = dict(attributes)
            if tag == "style" or (tag == "script" and "src" not in names):
                found.append(tag)
            found.extend(name for name in names if name.startswith("on") or name == "style")

    Parser().feed(html)
    return found


def whats(services, ticket):
    return [event.what for event in services.tickets.events(ticket.reference)]


def test_a_ticket_shows_what_is_known(anna, services):
    ticket = file(
        services,
        diagnosis=("- **Level 2**: overdue.",),
        stages=("overdue",),
        credentials=("Level 2",),
        faqs=("missing_micro_credential",),
    )
    page = anna.get(f"/tickets/{ticket.reference}").text
    for shown in ("jane@example.com", ">proven<", "Issue the credential", "<strong>Level 2</strong>: overdue"):
        assert shown in page
    assert "My micro-credential is missing" in page and "It is <strong>overdue</strong>." in page
    other = file(services, "r2", proven=())
    assert "not proven, only typed" in anna.get(f"/tickets/{other.reference}").text


def test_take_reply_note_resolve_reopen(anna, services, ticket, mailbox):
    reference = ticket.reference
    steps = [("claim", {}, "The ticket is yours"), ("reply", {"text": "We\r\nlook."}, "on its way to the learner")]
    steps += [("note", {"text": "Ask Ben."}, "Only the team sees it"), ("resolve", {"text": "Issued!"}, "is resolved")]
    for action, fields, told in [*steps, ("reopen", {}, "open again")]:
        answer = anna.act(reference, action, **fields)
        assert answer.status_code == 303 and told in anna.client.get(answer.location).text
    events = services.tickets.events(reference)
    expected = [What.OPENED, What.ASSIGNED, What.REPLIED, What.NOTE, What.RESOLVED, What.REOPENED]
    assert [event.what for event in events] == expected
    assert {(event.who, event.via) for event in events[1:]} == {(ANNA, "console")}
    texts = "".join(mail.text for mail in mailbox.to("jane@example.com"))
    assert "We\nlook." in texts and "Issued!" in texts and "Ask Ben." not in texts


def test_of_two_who_take_a_ticket_the_second_is_told_who_has_it(anna, ben, services, ticket):
    assert anna.act(ticket.reference, "claim").status_code == 303
    late = ben.act(ticket.reference, "claim")
    assert late.status_code == 409 and f"{ANNA} has this ticket" in late.text
    assert ben.act(ticket.reference, "release").status_code == 409
    assert services.tickets.get(ticket.reference).assigned_to == ANNA
    assert ben.act(ticket.reference, "claim", from_=ANNA).status_code == 303
    assert services.tickets.get(ticket.reference).assigned_to == BEN
    assert whats(services, ticket) == [What.OPENED, What.ASSIGNED, What.ASSIGNED]  # nobody released it


def test_a_reply_to_a_ticket_that_has_changed_is_kept_and_not_sent(anna, ben, services, ticket):
    seen = ticket.updated_at.isoformat()
    assert anna.act(ticket.reference, "reply", text="First").status_code == 303
    late = ben.act(ticket.reference, "reply", text="Second", seen=seen)
    assert late.status_code == 409 and "has changed since" in late.text and "Second</textarea>" in late.text
    assert whats(services, ticket) == [What.OPENED, What.REPLIED]


@pytest.mark.parametrize("action", ["reply", "resolve"])
def test_what_was_written_to_a_ticket_resolved_meanwhile_is_kept_and_can_be_sent(
    anna, ben, services, ticket, mailbox, action
):
    seen = ticket.updated_at.isoformat()
    assert ben.act(ticket.reference, "resolve", text="Done.").status_code == 303
    badge = (io.BytesIO(pdf()), "badge.pdf")
    late = anna.act(ticket.reference, action, text="My own last word", seen=seen, files=badge)
    assert late.status_code == 409 and "was resolved since you opened it" in late.text
    assert "My own last word</textarea>" in late.text and "Choose your files again" in late.text
    assert whats(services, ticket) == [What.OPENED, What.RESOLVED]
    hidden = dict(re.findall(r'<input type="hidden" name="(key|seen)" value="([^"]*)">', late.text))
    assert anna.act(ticket.reference, action, text="My own last word", **hidden).status_code == 303
    assert "My own last word" in mailbox.to("jane@example.com")[-1].text
    assert services.tickets.get(ticket.reference).open is (action == "reply")


def test_what_was_written_to_a_ticket_merged_meanwhile_is_kept_and_says_so(anna, ben, services, ticket):
    other = file(services, "r2")
    ben.act(ticket.reference, "merge", into=other.reference)
    path, seen = f"/tickets/{ticket.reference}/reply", ticket.updated_at.isoformat()
    late = anna.post(path, seen_on=f"/tickets/{other.reference}", text="Half a reply", seen=seen)
    assert late.status_code == 409 and f"merged into this one, {other.reference}" in late.text
    assert "Half a reply</textarea>" in late.text


def test_a_form_sent_twice_is_done_once(anna, services, ticket):
    for action, text, number in (("reply", "Hi", 1), ("resolve", "Bye", 2)):
        key = {"key": f"11111111-1111-4111-8111-11111111111{number}", "seen": ticket.updated_at.isoformat()}
        assert [anna.act(ticket.reference, action, text=text, **key).status_code for _ in range(2)] == [303, 303]
    assert whats(services, ticket) == [What.OPENED, What.REPLIED, What.RESOLVED]


@pytest.mark.parametrize("action", ["reply", "note"])
@pytest.mark.parametrize(("text", "status", "told"), [(" ", 400, "write something"), ("x" * 10_001, 413, "shorten")])
def test_a_text_that_cannot_be_sent_is_explained_and_kept(anna, services, ticket, action, text, status, told):
    answer = anna.act(ticket.reference, action, text=text)
    assert answer.status_code == status and told in answer.text and text in answer.text
    assert whats(services, ticket) == [What.OPENED]


def test_what_strangers_wrote_stays_text(anna, services):
    said = (Line("user", HOSTILE), Line("bot", f"[x](javascript:hacked()) {HOSTILE}"), Line("staff", HOSTILE))
    ticket = file(services, about=HOSTILE, transcript=said, diagnosis=(HOSTILE,), credentials=(HOSTILE,))
    services.tickets.answer(ticket.reference, HOSTILE, "site")
    for path in ("/", f"/tickets/{ticket.reference}", "/?q=" + HOSTILE):
        answer = anna.get(path)
        assert "<img" not in answer.text and "<script>" not in answer.text and 'href="javascript' not in answer.text
        assert "&lt;img" in answer.text
        assert "script-src 'self'; style-src 'self'" in answer.headers["Content-Security-Policy"]
        assert inline_code(answer.text) == []


@pytest.mark.parametrize(
    ("kind", "words"), [(State, "states"), (HandoverReason, "reasons"), (Action, "actions"), (What, "whats")]
)
def test_the_console_has_words_for_everything_a_ticket_can_say(app, kind, words):
    known = getattr(app.jinja_env.get_template("console/_words.html").module, words)
    assert {one.value for one in kind if one.value} <= set(known)


@pytest.mark.parametrize("seen", ["9999-12-31", "2026-01-01T00:00:00", "yesterday", "\0"])
def test_a_version_that_was_none_of_ours_keeps_nobody_from_answering(anna, ticket, services, seen):
    services.tickets.answer(ticket.reference, "One more thing.", "mail", key="1")
    assert anna.act(ticket.reference, "reply", text="It is on its way.", seen=seen).status_code == 303
    assert services.tickets.events(ticket.reference)[-1].text == "It is on its way."
