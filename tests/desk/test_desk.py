"""Tickets are given away, ordered, put off and merged."""

import datetime

import pytest

from bot.attachments.attachment import Upload
from bot.desk.service import Desk, tags_of
from bot.errors import CannotMerge, InvalidTag, NotStaff, UnknownFile, UnknownTicket
from bot.mail_reading.message import read
from bot.tickets.files import hand_in
from bot.tickets.ticket import Priority, State, TicketFilter, What
from tests.attachments.files import pdf
from tests.tickets.conftest import NOON, request
from tests.tickets.test_tickets import OTHER, STAFF, mails, whats

VIA = "console"


@pytest.fixture()
def desk(tickets, services):
    return Desk(services.database, tickets, {STAFF, OTHER})


def two_of(tickets, services):
    """A ticket, and one of another conversation about the same."""
    for one in ("a", "b"):
        services.store.create(one, "site", NOON)
    return [tickets.open(request(one, conversation_id=one, about=f"Level 2, {one}")).reference for one in ("a", "b")]


def told(services):
    """The mails to the team's people, whom they went to and about what."""
    return [(mail.to, mail.subject) for _, mail in mails(services) if mail.to in (STAFF, OTHER)]


def found(tickets, **wanted):
    return [one.reference for one in tickets.find(TicketFilter(at=NOON, **wanted))[0]]


def test_a_ticket_is_given_to_a_colleague_whoever_has_it(tickets, desk, services):
    reference = tickets.open(request()).reference
    mails(services)
    assert desk.assign(reference, OTHER, STAFF, VIA).assigned_to == OTHER
    assert desk.assign(reference, STAFF, STAFF, VIA).assigned_to == STAFF
    events = tickets.events(reference)[1:]
    assert [(one.what, one.who, one.text) for one in events] == [
        (What.HANDED_ON, STAFF, OTHER),
        (What.ASSIGNED, STAFF, ""),
    ]
    with pytest.raises(NotStaff):
        desk.assign(reference, "stranger@example.com", STAFF, VIA)
    assert {mail.to for _, mail in mails(services)} == {OTHER}  # none of it is the learner's business


def test_who_is_given_tickets_gets_one_mail_and_nobody_one_for_what_they_take_or_have(tickets, desk, services):
    one, two, three, done = (tickets.open(request(key, about=f"Matter {key}")).reference for key in "abcd")
    tickets.resolve(done, STAFF, via=VIA)
    mails(services)
    desk.assign(one, STAFF, STAFF, VIA)
    assert told(services) == []
    assert desk.assign_each([one, "CRT-2026-99999", two, done], OTHER, STAFF, VIA) == (3, ["CRT-2026-99999"])
    (letter, mail), *others = mails(services)
    assert not others and (mail.to, mail.reply_to) == (OTHER, STAFF)
    assert all(part in mail.text for part in (one, two, "Matter a", "Matter b", STAFF, "jane@example.com"))
    assert done not in mail.text  # nothing is to be done about it
    assert tickets.about(letter).to_team  # a report that it came back is the team's
    assert desk.assign_each([one, two], OTHER, STAFF, VIA) == (2, [])
    desk.assign(three, OTHER, OTHER, VIA)
    assert told(services) == []
    with pytest.raises(NotStaff):
        desk.assign_each([one], "stranger@example.com", STAFF, VIA)


def test_nobody_is_flooded_by_what_they_are_given(tickets, desk, services):
    references = [tickets.open(request(f"r{n}", contact=f"l{n}@example.com", proven=())).reference for n in range(14)]
    for number, reference in enumerate(references[:12]):
        tickets._clock = lambda minutes=number: NOON + datetime.timedelta(minutes=minutes)
        desk.assign(reference, OTHER, STAFF, VIA)
    sent = [mail for _, mail in mails(services) if mail.to == OTHER]
    assert len(sent) == 10
    for part in (lambda one: one.text, lambda one: one.html):
        assert ["is not told by mail" in part(one) for one in sent] == [False] * 9 + [True]
    tickets._clock = lambda: NOON + datetime.timedelta(minutes=30)
    desk.assign(references[0], STAFF, OTHER, VIA)
    assert [to for to, _ in told(services)] == [STAFF]  # each is counted alone
    tickets._clock = lambda: NOON + datetime.timedelta(minutes=72)
    desk.assign(references[12], OTHER, STAFF, VIA)
    assert [to for to, _ in told(services)] == [OTHER]


def test_a_title_of_a_learners_cannot_break_out_of_the_mail(tickets, desk, services):
    about = 'Badge <img src=x onerror=alert(1)> is "missing"'
    desk.assign(tickets.open(request(about=about, credentials=())).reference, OTHER, STAFF, VIA)
    mail = next(mail for _, mail in mails(services) if mail.to == OTHER)
    assert "<img" not in mail.html and "\n" not in mail.subject


def test_each_sees_their_own_work_and_that_of_others(tickets, desk):
    mine, theirs, free = (tickets.open(request(key)).reference for key in ("r1", "r2", "r3"))
    desk.assign(mine, STAFF, STAFF, VIA)
    desk.assign(theirs, OTHER, STAFF, VIA)
    assert found(tickets, assigned_to=STAFF) == [mine]
    assert found(tickets, assigned_to="") == [free]
    assert found(tickets, not_of=STAFF) == [theirs]
    assert found(tickets, not_of=OTHER) == [mine]


@pytest.mark.parametrize(
    ("typed", "tags"),
    [
        ("", ()),
        ("partner, Urgent  #partner", ("partner", "urgent")),
        ("größe;été-2026", ("größe", "été-2026")),
        ("a " * 50, ("a",)),
    ],
)
def test_tags_are_read_as_they_are_typed(typed, tags):
    assert tags_of(typed) == tags


@pytest.mark.parametrize("typed", ["a" * 31, "a.b", "<b>", "a=1", " ".join("abcdefghijk")])
def test_what_is_no_tag_is_refused(typed):
    with pytest.raises(InvalidTag):
        tags_of(typed)


def test_tickets_are_found_by_their_whole_tags(tickets, desk):
    one, other = (tickets.open(request(key)).reference for key in ("r1", "r2"))
    desk.tag(one, tags_of("partner vip"), STAFF, VIA)
    desk.tag(other, tags_of("partner-portal"), STAFF, VIA)
    assert found(tickets, tag="partner") == [one]
    assert found(tickets, tag="part%") == found(tickets, tag="v_p") == []
    assert desk.tags() == ["partner", "partner-portal", "vip"]
    desk.add_tags(other, ("vip",), STAFF, VIA)
    assert tickets.get(other).tags == ("partner-portal", "vip")
    assert desk.tag(one, (), STAFF, VIA).tags == () and whats(tickets, one)[-1] is What.TAGGED


def test_high_priority_is_due_sooner_and_comes_first_after_what_is_overdue(tickets, desk):
    plain, high, low = (tickets.open(request(key)) for key in ("r1", "r2", "r3"))
    desk.prioritise(low.reference, Priority.LOW, STAFF, VIA)
    urgent = desk.prioritise(high.reference, Priority.HIGH, STAFF, VIA)
    assert NOON < urgent.due_at < plain.due_at < tickets.get(low.reference).due_at
    order = [high.reference, plain.reference, low.reference]
    assert found(tickets, due_first=NOON) == order
    desk.prioritise(high.reference, Priority.NORMAL, STAFF, VIA)
    assert tickets.get(high.reference).due_at == plain.due_at


def test_what_is_not_resolved_in_time_comes_first_though_its_answer_is_not_due(tickets, desk):
    old, urgent = (tickets.open(request(key)) for key in ("r1", "r2"))
    tickets.reply(old.reference, STAFF, "Which address?", VIA)
    later = NOON + datetime.timedelta(days=7)  # five working days
    tickets._clock = lambda: later - datetime.timedelta(hours=1)
    tickets.answer(old.reference, "This one", "site")
    tickets.resolve(urgent.reference, STAFF, via=VIA)
    new = desk.prioritise(tickets.open(request("r3")).reference, Priority.HIGH, STAFF, VIA)
    assert (
        tickets.level.resolution_due(old) == later
        and tickets.level.resolution_due(tickets.get("CRT-2026-00002")) is None
    )
    everything = [new.reference, old.reference]
    assert found(tickets, states=[State.NEW, State.ASSIGNED], due_first=later) == everything
    assert (
        found(tickets, states=[State.NEW, State.ASSIGNED], due_first=later + datetime.timedelta(minutes=1))
        == everything[::-1]
    )
    assert found(tickets, due_first=later + datetime.timedelta(minutes=1))[0] == old.reference


def test_a_snoozed_ticket_is_out_of_sight_until_its_day_or_an_answer(tickets, desk, services):
    reference, until = tickets.open(request()).reference, NOON + datetime.timedelta(days=5)
    tickets.reply(reference, STAFF, "We order it.", VIA)
    assert desk.snooze(reference, until, STAFF, VIA, "2026-11-30").snoozed_until == until
    assert found(tickets, snoozed=False) == [] and found(tickets, snoozed=True) == [reference]
    services.waiting.look()
    assert tickets.get(reference).state is State.WAITING
    object.__setattr__(services.waiting, "clock", lambda: until)
    services.waiting.look()
    woken = tickets.get(reference)
    assert (woken.snoozed_until, woken.state) == (None, State.ASSIGNED)  # the team's turn, whoever it waited for
    desk.snooze(reference, until, STAFF, VIA)
    assert tickets.answer(reference, "Thanks", "site").snoozed_until is None


def test_nobody_is_reminded_of_what_is_snoozed(tickets, desk):
    reference = tickets.open(request()).reference
    desk.snooze(reference, NOON + datetime.timedelta(days=9), STAFF, VIA)
    tickets._clock = lambda: NOON + datetime.timedelta(days=8)
    assert tickets.remind() == 0


def test_merged_tickets_are_one_whatever_leads_to_them(tickets, desk, services):
    kept, duplicate = two_of(tickets, services)
    letters = [letter for letter, mail in mails(services) if duplicate in mail.subject]
    tickets.note(duplicate, STAFF, "Jane called", VIA)
    joined = desk.merge(duplicate, kept, STAFF, VIA)
    assert joined.reference == kept and joined.open
    for reference in (kept, duplicate, duplicate.lower()):
        assert tickets.get(reference).reference == kept
    assert tickets.of_mails(letters[:1]).reference == kept
    assert tickets.of_conversation("b").reference == kept
    assert [one.reference for one in tickets.filed_by(["jane@example.com"])] == [kept]
    assert tickets.answer(duplicate, "One more thing", "mail").reference == kept
    history = tickets.events(kept)
    assert [one.at for one in history] == sorted(one.at for one in history)
    assert {"Jane called", "One more thing"} <= {one.text for one in history}
    (merged,) = tickets.merged(kept)
    assert merged.about == "Level 2, b" and merged.transcript
    assert found(tickets, states=[State.NEW, State.ASSIGNED]) == [kept]


def test_the_learner_is_answered_in_both_chats_once_by_mail(tickets, desk, services):
    kept, duplicate = two_of(tickets, services)
    desk.merge(duplicate, kept, STAFF, VIA)
    mails(services)
    tickets.reply(duplicate, STAFF, "It is there now.", VIA)
    ((_, mail),) = mails(services)
    assert kept in mail.subject
    for conversation_id in ("a", "b"):
        assert "It is there now." in services.store.all(conversation_id)[-1].text


def test_of_two_addresses_either_may_write_and_no_strange_chat_is_shown_anything(tickets, desk, services):
    services.store.create("b", "site", NOON)
    kept = tickets.open(request("a")).reference
    other = request("b", conversation_id="b", contact="jane@work.example.com", proven=("jane@work.example.com",))
    duplicate = tickets.open(other).reference
    joined = desk.merge(duplicate, kept, STAFF, VIA)
    assert joined.addresses == ("jane@example.com", "jane@work.example.com")
    tickets.reply(kept, STAFF, "It is there now.", VIA)
    assert services.store.all("b") == []


def test_who_only_typed_the_address_has_no_part_in_the_ticket_it_is_merged_into(tickets, desk, services):
    services.store.create("stranger", "site", NOON)
    kept = tickets.open(request("a", proven=("jane@example.com",))).reference
    typed = tickets.open(request("b", conversation_id="stranger", proven=())).reference
    desk.merge(typed, kept, STAFF, VIA)
    tickets.reply(kept, STAFF, "Jane, your result was 41 percent.", VIA)
    assert services.store.all("stranger") == []
    assert tickets.of_conversation("stranger") is None and tickets.all_of_conversation("stranger") == []


def test_a_ticket_that_has_others_in_it_takes_them_along(tickets, desk, services):
    first, second, third = (tickets.open(request(key)).reference for key in ("r1", "r2", "r3"))
    desk.merge(first, second, STAFF, VIA)
    desk.merge(second, third, STAFF, VIA)
    assert tickets.get(first).reference == tickets.get(second).reference == third
    assert len(tickets.merged(third)) == 2
    tickets.resolve(third, STAFF, via=VIA)
    assert tickets.store.delete_before(NOON + datetime.timedelta(days=1), batch=1) == 1
    assert tickets.store.delete_before(NOON + datetime.timedelta(days=1)) == 2


def test_a_duplicate_is_kept_as_long_as_what_it_leads_to(tickets, desk, services):
    kept, duplicate = two_of(tickets, services)
    desk.merge(duplicate, kept, STAFF, VIA)
    assert tickets.store.delete_before(NOON + datetime.timedelta(days=99)) == 0
    assert tickets.get(duplicate).reference == kept


def test_merging_an_open_one_into_a_resolved_one_opens_that_again(tickets, desk, services):
    kept, duplicate = two_of(tickets, services)
    tickets.resolve(kept, STAFF, via=VIA)
    assert desk.merge(duplicate, kept, STAFF, VIA).state is State.REOPENED


def test_a_ticket_is_not_merged_with_itself_or_with_none(tickets, desk, services):
    kept, duplicate = two_of(tickets, services)
    with pytest.raises(CannotMerge):
        desk.merge(kept, kept.lower(), STAFF, VIA)
    with pytest.raises(UnknownTicket):
        desk.merge(kept, "CRT-2026-99999", STAFF, VIA)
    desk.merge(duplicate, kept, STAFF, VIA)
    with pytest.raises(CannotMerge):
        desk.merge(kept, duplicate, STAFF, VIA)
    assert tickets.get(kept).merged_into == ""


def test_mails_of_a_duplicate_stand_in_the_history_of_the_other(tickets, desk, services):
    kept, duplicate = two_of(tickets, services)
    content = b"From: jane@example.com\nMessage-ID: <1@example.com>\nSubject: x\n\nHello\n"
    services.received.keep(read(content, set(), ""), content, duplicate, "mail 1")
    desk.merge(duplicate, kept, STAFF, VIA)
    assert set(services.received.of_ticket(kept)) == {"mail 1"}


def test_files_of_a_duplicate_are_those_of_the_other(tickets, desk, services):
    kept, duplicate = two_of(tickets, services)
    files = services.attachments
    scan = files.from_team(Upload("walrus-scan.pdf", pdf()), STAFF)
    tickets.reply(duplicate, STAFF, "See.", VIA, files=[scan.id])
    desk.merge(duplicate, kept, STAFF, VIA)
    assert found(tickets, text="walrus") == sorted([kept, duplicate])
    tickets.resolve(kept, STAFF, via=VIA)
    late = files.from_learner(Upload("late.pdf", pdf()), "b", shown=True)
    assert hand_in(tickets, late, "site") == ""
    tickets.answer(duplicate, "One more thing", "site")
    assert files.get(late.id).reference == kept  # what waited in the duplicate's chat


def test_files_of_a_reply_stand_in_the_chat_of_the_ticket_that_stays(tickets, desk, services):
    kept, duplicate = two_of(tickets, services)
    desk.merge(duplicate, kept, STAFF, VIA)
    guide = services.attachments.from_team(Upload("guide.pdf", pdf()), STAFF)
    tickets.reply(kept, STAFF, "See.", VIA, files=[guide.id])
    assert [one.id for one in services.attachments.of_conversation("a")] == [guide.id]


def test_files_of_a_reply_stand_in_both_chats_of_one_learner(tickets, desk, services):
    kept, duplicate = two_of(tickets, services)
    desk.merge(duplicate, kept, STAFF, VIA)
    files = services.attachments
    guide, form = (files.from_team(Upload(name, pdf(name)), STAFF) for name in ("guide.pdf", "form.pdf"))
    tickets.reply(kept, STAFF, "See.", VIA, files=[guide.id])
    tickets.resolve(kept, STAFF, "And this.", via=VIA, files=[form.id])
    for talk in ("a", "b"):
        said = {message.id: message.text for message in services.store.all(talk)}
        shown = [(one.name, said[one.message_id]) for one in files.of_conversation(talk)]
        assert [name for name, _ in shown] == ["guide.pdf", "form.pdf"]
        assert ["See." in text for _, text in shown] == [True, False]
        assert files.shown_in(guide.id, talk).conversation_id == talk
    with pytest.raises(UnknownFile):
        files.shown_in(guide.id, "somebody else's")


def test_with_several_what_is_not_possible_with_one_leaves_the_others_alone(tickets, desk):
    references = [tickets.open(request(key)).reference for key in ("r1", "r2")]
    done = desk.each([references[0], "CRT-2026-99999", references[1]], lambda one: desk.tag(one, ["vip"], STAFF, VIA))
    assert done == (2, ["CRT-2026-99999"]) and found(tickets, tag="vip") == references
