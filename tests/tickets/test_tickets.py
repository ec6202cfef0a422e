import datetime
import threading

import pytest

import bot.clock
from bot.errors import AlreadyClaimed, EmptyText, UnknownTicket
from bot.outbox.message import OutgoingMail
from bot.tickets.ticket import Action, HandoverReason, Line, State, TicketFilter, What
from bot.tickets.transcript import transcript
from tests.tickets.conftest import NOON, request

STAFF, OTHER = "anna@example.com", "ben@example.com"


def mails(services):
    """What waits in the outbox, oldest first."""

    class Keep:
        def __init__(self):
            self.all = []

        def send(self, letter):
            self.all.append((letter.id, OutgoingMail.from_json(letter.payload)))

        def close(self):
            pass

    from bot.outbox.service import Outbox

    keep = Keep()
    Outbox(services.database, {"mail": keep}, bot.clock.now).deliver_due("test")
    return keep.all


def whats(tickets, reference):
    return [event.what for event in tickets.events(reference)]


def test_a_ticket_carries_what_the_team_needs_to_know(tickets, services):
    ticket = tickets.open(request())
    assert ticket.reference == "CRT-2026-00001"
    assert (ticket.state, ticket.suggested_action) == (State.NEW, Action.ISSUE)
    (_, team), (_, learner) = mails(services)
    assert team.to == "certification@onestreamsoftware.com"
    assert team.reply_to == "jane@example.com"
    assert team.subject == "[CRT-2026-00001] Level 2 is missing"
    for fact in ("jane@example.com (proven", "overdue", "Issue the credential", "where is my <b>badge</b>?", "Level 2"):
        assert fact in team.text
    assert "My micro-credential is missing" in team.text
    assert "https://help.example.com/console/tickets/CRT-2026-00001" in team.text
    assert "<b>badge</b>" not in team.html and "&lt;b&gt;badge" in team.html
    assert "Level 2 is missing.<br>\nI finished it in October." in team.html
    assert learner.to == "jane@example.com" and "CRT-2026-00001" in learner.text


def test_an_address_that_was_only_typed_is_marked(tickets, services):
    tickets.open(request(proven=()))
    (_, team), _ = mails(services)
    assert "NOT proven" in team.text and "NOT proven" in team.html


def test_the_same_request_makes_one_ticket(tickets, services):
    first = tickets.open(request())
    assert tickets.open(request()) == tickets.get(first.reference)
    assert tickets.open(request("r2", conversation_id="conversation of r1")).reference == first.reference
    assert len(mails(services)) == 2


def test_requests_at_the_same_moment_get_references_of_their_own(tickets):
    found = []
    threads = [
        threading.Thread(target=lambda n=n: found.append(tickets.open(request(f"r{n % 4}")).reference))
        for n in range(8)
    ]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(set(found)) == [f"CRT-2026-{n:05d}" for n in range(1, 5)]
    assert len(found) == 8


def test_references_begin_anew_each_year(tickets):
    tickets.open(request())
    tickets._clock = lambda: datetime.datetime(2027, 1, 1, tzinfo=datetime.timezone.utc)
    assert tickets.open(request("r2")).reference == "CRT-2027-00001"


def test_from_claim_to_reopening(tickets):
    reference = tickets.open(request()).reference
    assert tickets.claim(reference, STAFF, "console").state is State.ASSIGNED
    with pytest.raises(AlreadyClaimed) as taken:
        tickets.claim(reference, OTHER, "console")
    assert taken.value.by == STAFF
    assert tickets.reply(reference, STAFF, "Which address?", "console").state is State.WAITING
    assert tickets.answer(reference, "jane.d@example.com", "site").state is State.ASSIGNED
    assert tickets.resolve(reference, STAFF, "Issued.", via="console").state is State.RESOLVED
    assert tickets.answer(reference, "Still not there", "mail").state is State.REOPENED
    assert whats(tickets, reference) == [
        What.OPENED,
        What.ASSIGNED,
        What.REPLIED,
        What.ANSWERED,
        What.RESOLVED,
        What.ANSWERED,
    ]
    assert tickets.release(reference, STAFF, "console").assigned_to == ""


def test_two_who_claim_at_once_get_one_winner(tickets):
    reference, results = tickets.open(request()).reference, []

    def claim(by):
        try:
            results.append(tickets.claim(reference, by, "slack").assigned_to)
        except AlreadyClaimed as taken:
            results.append(f"taken by {taken.by}")

    threads = [threading.Thread(target=claim, args=(by,)) for by in (STAFF, OTHER)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    winner = tickets.get(reference).assigned_to
    assert sorted(results) == sorted([winner, f"taken by {winner}"])


def test_a_reply_is_mailed_in_the_thread_and_shown_in_the_conversation(tickets, services):
    services.store.create("c1", "site", NOON)
    reference = tickets.open(request(conversation_id="c1")).reference
    tickets.reply(reference, STAFF, "It will come on Monday.", "console", key="k1")
    tickets.reply(reference, STAFF, "It will come on Monday.", "console", key="k1")
    (team_id, _), (confirmation_id, _), (_, reply) = mails(services)
    assert reply.to == "jane@example.com" and "It will come on Monday." in reply.text
    assert confirmation_id in reply.headers["References"]
    assert reply.headers["Auto-Submitted"] == "no"
    (shown,) = services.store.all("c1")
    assert (shown.role, shown.text) == ("staff", "It will come on Monday.")
    tickets.answer(reference, "Thank you", "site")
    ((_, answer),) = mails(services)
    assert answer.to == "certification@onestreamsoftware.com" and team_id in answer.headers["References"]


def test_a_conversation_that_was_deleted_stops_no_reply(tickets, services):
    reference = tickets.open(request(conversation_id="gone")).reference
    tickets.reply(reference, STAFF, "Hello", "console")
    assert len(mails(services)) == 3


@pytest.mark.parametrize("text", ["", "  \n", "\0"])
def test_empty_words_are_refused(tickets, text):
    reference = tickets.open(request()).reference
    with pytest.raises(EmptyText):
        tickets.reply(reference, STAFF, text, "console")
    assert tickets.get(reference).state is State.NEW


def test_an_unknown_reference_is_told(tickets):
    with pytest.raises(UnknownTicket):
        tickets.claim("CRT-2026-99999", STAFF, "command")


def test_the_queue_by_state_owner_and_words(tickets):
    first = tickets.open(request("r1", about="Navigator shows 100%"))
    second = tickets.open(request("r2", about="Two profiles", contact="zoe@example.com"))
    tickets.claim(first.reference, STAFF, "console")

    def found(**wanted):
        return [ticket.reference for ticket in tickets.find(TicketFilter(**wanted))[0]]

    assert found(states=[State.NEW]) == [second.reference]
    assert found(assigned_to=STAFF) == [first.reference]
    assert found(assigned_to="") == [second.reference]
    assert found(text="ZOE profiles") == [second.reference]
    assert found(text="100%") == [first.reference]
    assert found(text="nowhere") == []
    assert tickets.find()[1] == 2
    assert tickets.counts()[State.ASSIGNED] == 1


def test_the_team_is_not_reminded_of_what_waits_for_the_learner_or_is_done(tickets):
    waiting = tickets.open(request("r1")).reference
    tickets.reply(waiting, STAFF, "Which address?", "console")
    tickets.resolve(tickets.open(request("r2")).reference, STAFF, via="console")
    tickets._clock = lambda: NOON + datetime.timedelta(days=14)
    assert tickets.remind() == 0
    tickets.answer(waiting, "jane.d@example.com", "mail")
    tickets._clock = lambda: NOON + datetime.timedelta(days=28)
    assert tickets.remind() == 1


def test_no_character_turns_round_what_the_team_reads(tickets):
    reference = tickets.open(request(about="Level \u202e2\u2066 is missing\x07")).reference
    tickets.answer(reference, "the file is \u202egpj.exe", "site")
    assert tickets.get(reference).about == "Level 2 is missing"
    assert tickets.events(reference)[-1].text == "the file is gpj.exe"


@pytest.mark.parametrize("text", ["%", "10_%", "j_ne", "e%mple"])
def test_what_is_searched_for_is_taken_as_it_is_typed(tickets, text):
    tickets.open(request())
    assert tickets.find(TicketFilter(text=text))[0] == []


def test_nobody_touched_it_for_two_working_days(tickets, services):
    friday = datetime.datetime(2026, 11, 27, 15, tzinfo=datetime.timezone.utc)
    tickets._clock = lambda: friday
    tickets.open(request())
    mails(services)
    for days, reminded in [
        (3, 0),
        (4, 1),
        (5, 0),
        (6, 1),
        (7, 0),
    ]:  # Monday is the first working day after it, Tuesday the second; then Thursday is
        tickets._clock = lambda days=days: friday + datetime.timedelta(days=days)
        assert tickets.remind() == reminded
    for _, mail in (told := mails(services)):
        assert mail.to == "certification@onestreamsoftware.com" and "two working days" in mail.text
    assert len(told) == 2


@pytest.mark.parametrize(
    ("changes", "action"),
    [
        ({"stages": ("accepted", "waiting_to_be_claimed")}, Action.RESEND),
        ({"stages": ("not_found",), "several_profiles": True}, Action.MERGE_PROFILES),
        ({"stages": (), "topic": "out_of_scope/name_correction"}, Action.CORRECT_NAME),
        ({"stages": ("accepted",), "contact": "jane@new.example.com"}, Action.REPLACE_ADDRESS),
        ({"stages": (), "reason": HandoverReason.REQUESTED}, Action.NONE),
    ],
)
def test_the_suggested_action_follows_from_what_is_known(tickets, changes, action):
    assert tickets.open(request(**changes)).suggested_action is action


def test_what_a_person_typed_cannot_add_headers(tickets, services):
    tickets.open(request(about="Hello\r\nBcc: everybody@example.com\x00"))
    (_, team), _ = mails(services)
    assert "\n" not in team.subject and "\r" not in team.subject


def test_resolved_tickets_past_their_age_are_deleted(tickets):
    tickets.open(request())
    reference = tickets.open(request("r2")).reference
    tickets.resolve(reference, STAFF, via="console")
    assert tickets.store.delete_before(NOON + datetime.timedelta(days=1)) == 1
    assert tickets.find()[1] == 1
    assert tickets.open(request("r3")).reference == "CRT-2026-00003"


def test_metrics_tell_of_open_tickets_and_of_the_one_that_waits_longest(tickets):
    from prometheus_client import CollectorRegistry

    from bot.tickets.metrics import TicketCollector

    registry = CollectorRegistry()
    registry.register(TicketCollector(tickets.load))
    assert registry.get_sample_value("tickets_oldest_untouched_seconds") == 0
    first, second = (tickets.open(request(key)).reference for key in ("r1", "r2"))
    tickets._clock = lambda: NOON + datetime.timedelta(hours=1)
    assert registry.get_sample_value("tickets_open", {"state": "new"}) == 2
    assert registry.get_sample_value("tickets_oldest_untouched_seconds") == 3600
    tickets.reply(first, STAFF, "Which address?", "console")
    tickets.resolve(second, STAFF, via="console")
    assert registry.get_sample_value("tickets_open", {"state": "new"}) == 0
    assert registry.get_sample_value("tickets_open", {"state": "waiting"}) == 1
    assert registry.get_sample_value("tickets_oldest_untouched_seconds") == 0


@pytest.mark.parametrize(("proven", "confirmed"), [((), 3), (("jane@example.com",), 5)])
def test_an_address_that_was_only_typed_is_not_flooded(tickets, services, proven, confirmed):
    for number in range(5):
        tickets.open(request(f"r{number}", proven=proven))
    tickets.reply("CRT-2026-00005", STAFF, "Hello", "console")
    to_learner = [mail for _, mail in mails(services) if mail.to == "jane@example.com"]
    assert len(to_learner) == confirmed + 1


def test_one_time_codes_are_blacked_out_in_the_transcript():
    said = [
        Line("user", "the code is 123 456"),
        Line("user", "my order 123456 of last May is lost"),
        Line("bot", "654321"),
    ]
    assert [line.text for line in transcript(said)] == [
        "the code is ······",
        "my order 123456 of last May is lost",
        "654321",
    ]


@pytest.mark.parametrize("words", ["I found it, you can close it", ""])
def test_a_withdrawn_ticket_is_told_to_the_team_and_not_to_the_learner_who_knows(tickets, services, words):
    services.store.create("c1", "site", NOON)
    reference = tickets.open(request(conversation_id="c1")).reference
    mails(services)
    withdrawn = tickets.withdraw(reference, words, "site")
    assert (withdrawn.state, withdrawn.open) == (State.RESOLVED, False)
    ((_, mail),) = mails(services)
    assert mail.to == "certification@onestreamsoftware.com" and reference in mail.subject
    assert "withdrawn" in mail.text and words in mail.text
    assert services.store.all("c1") == []
    event = tickets.events(reference)[-1]
    assert (event.what, event.who, event.text) == (What.WITHDRAWN, "learner", words)


def test_a_withdrawn_ticket_can_be_opened_again_by_an_answer(tickets):
    reference = tickets.open(request()).reference
    tickets.withdraw(reference, "found it", "site")
    assert tickets.answer(reference, "no, it is another one", "site").state is State.REOPENED


def test_an_unknown_ticket_is_not_withdrawn(tickets):
    with pytest.raises(UnknownTicket):
        tickets.withdraw("CRT-2026-99999", "found it", "site")


def to_learner(tickets, services):
    """Every mail that a learner gets about a ticket, in plain text and as HTML without its tags."""
    reference = tickets.open(request()).reference
    tickets.reply(reference, STAFF, "Which address?", "console")
    services.waiting.look()
    for days in (8, 16):
        moment = NOON + datetime.timedelta(days=days)
        tickets._clock = lambda moment=moment: moment
        object.__setattr__(services.waiting, "clock", tickets._clock)
        services.waiting.look()
    tickets.reopen(reference, STAFF, "console")
    tickets.resolve(reference, STAFF, via="console")
    found = [mail for _, mail in mails(services) if mail.to == "jane@example.com"]
    assert len(found) == 5
    return found


def test_where_nobody_reads_answers_no_mail_asks_for_one(tickets, services):
    for mail in to_learner(tickets, services):
        for words in (mail.text, mail.html):
            assert "nswer this mail" not in words and "keep the reference in the subject" not in words
            assert "the chat at https://help.example.com or write to certification@" in words
            assert "please name the reference" in words
