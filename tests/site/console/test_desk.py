"""The team's desk in the console: who has what, in which order, and what is done with several at once."""

import datetime
import re
from dataclasses import replace

import pytest

from bot.desk.store import CannedAnswer, add_answer
from bot.tickets.ticket import Priority, State, What
from tests.servers.staff import ANNA, BEN
from tests.site.console.conftest import file


@pytest.fixture()
def three(services):
    return [file(services, f"r{n}", about=f"Matter number {n}").reference for n in (1, 2, 3)]


def listed(staff, query=""):
    return re.findall(r'name="reference" value="([^"]+)"', staff.get(f"/{query}").text)


def test_each_queue_shows_whose_work_it_is(anna, ben, services, three):
    first, second, third = three
    anna.act(first, "assign", to=ANNA)
    told = anna.client.get(anna.act(second, "assign", to=BEN).location).text
    assert "changed hands" in told and "gave the ticket to" in told and BEN in told
    queries = ("", "?owner=me", "?owner=nobody", "?owner=colleagues", "?owner=ben", "?owner=stranger")
    assert [listed(anna, query) for query in queries] == [three, [first], [third], [second], [second], three]
    assert ">ben</a>" in anna.get("/").text and listed(ben, "?owner=me") == [second]


def test_a_ticket_is_not_given_to_a_stranger(anna, services, three):
    answer = anna.act(three[0], "assign", to="stranger@example.com")
    assert answer.status_code == 400 and "not of the team" in answer.text
    assert services.tickets.get(three[0]).assigned_to == ""


def test_what_waits_for_the_learner_is_no_work_of_today(anna, services, three):
    services.tickets.reply(three[0], ANNA, "Which address?", "console")
    page = anna.get("/").text
    assert listed(anna) == three[1:] and listed(anna, "?state=waiting") == [three[0]]
    for chip in ("Open", "Waiting for learner", "Snoozed", "Resolved", "All"):
        assert f"{chip} <span" in page
    assert 'Open <span class="chip-count">2<' in page and 'Waiting for learner <span class="chip-count">1<' in page


def test_both_times_of_service_stand_in_queue_and_ticket(anna, services, three):
    with services.database.transaction() as connection:
        services.tickets.store.update(
            connection,
            replace(services.tickets.get(three[2]), created_at=services.clock() - datetime.timedelta(days=15)),
        )
    services.tickets.reply(three[1], ANNA, "Which address?", "console")
    assert listed(anna) == [three[2], three[0]]
    assert re.search(r'class="number late" data-label="Resolution due"><time[^>]*>\d+ d late<', anna.get("/").text)
    page = anna.get(f"/tickets/{three[2]}").text
    assert re.search(r"resolution \d+ d late", page) and re.search(r"answer due <time[^>]*>in \d d", page)
    waiting = anna.get(f"/tickets/{three[1]}").text
    assert "answer due" not in waiting and re.search(r"resolution due <time[^>]*>in \d d", waiting)
    services.tickets.resolve(three[1], ANNA, via="console")
    assert "resolution due" not in anna.get(f"/tickets/{three[1]}").text
    assert "a resolution within 5 working days" in anna.get("/team").text


def test_priority_tags_and_snooze(anna, services, three):
    reference = three[2]
    anna.act(reference, "priority", priority="high")
    anna.act(reference, "tags", tags="Partner, vip")
    assert services.tickets.get(reference).priority is Priority.HIGH
    assert listed(anna)[0] == reference and listed(anna, "?tag=vip") == [reference]
    assert "#partner" in anna.get("/").text
    day = (services.clock() + datetime.timedelta(days=4)).date().isoformat()
    told = anna.client.get(anna.act(reference, "snooze", until=day).location).text
    assert "put off" in told and "snoozed until" in told
    assert reference not in listed(anna) and listed(anna, "?state=snoozed") == [reference]
    anna.act(reference, "snooze", until="")
    assert reference in listed(anna)


@pytest.mark.parametrize(
    ("action", "fields", "told"),
    [
        ("priority", {"priority": "utmost"}, "no such priority"),
        ("tags", {"tags": "<script>"}, "letters, digits and hyphens"),
        ("snooze", {"until": "2020-01-01"}, "from tomorrow on"),
        ("snooze", {"until": "soon"}, "from tomorrow on"),
        ("merge", {"into": "CRT-2020-00009"}, "no other ticket"),
        ("merge", {"into": ""}, "no other ticket"),
    ],
)
def test_what_makes_no_sense_is_told_and_changes_nothing(anna, services, three, action, fields, told):
    before = services.tickets.get(three[0])
    answer = anna.act(three[0], action, **fields)
    assert answer.status_code == 400 and told in answer.text
    assert services.tickets.get(three[0]) == before


def test_two_who_change_the_tags_at_the_same_moment_lose_none(anna, ben, services, three):
    reference = three[0]
    anna.act(reference, "tags", tags="old kept")
    anna.act(reference, "tags", was="old kept", tags="kept urgent")
    ben.act(reference, "tags", was="old kept", tags="old kept partner")
    assert services.tickets.get(reference).tags == ("kept", "urgent", "partner")


def test_a_merged_ticket_leads_to_the_other_with_all_that_was_said(anna, services, three):
    kept, duplicate, _ = three
    file(services, "r4", about="Somebody typed the address", proven=())
    page = anna.get(f"/tickets/{kept}").text
    assert page.count("Merge into it") == 3 and page.count(f">{duplicate}<") == 1  # each of the others stands once
    assert page.count("· not proven") == 1
    answer = anna.act(duplicate, "merge", into=kept)
    assert answer.location.endswith(f"/tickets/{kept}")
    page = anna.client.get(answer.location).text
    assert "one ticket now" in page and "Matter number 2" in page and "merged the ticket with" in page
    assert anna.get(f"/tickets/{duplicate}").location.endswith(f"/tickets/{kept}")
    assert f"in {kept}" in anna.get("/?state=all").text and duplicate not in listed(anna)


def test_what_is_of_two_addresses_is_merged_only_when_it_is_said_twice(anna, services, three):
    other = file(services, "r9", contact="joe@example.com", proven=("joe@example.com",)).reference
    asked = anna.act(three[0], "merge", into=other.lower())
    assert asked.status_code == 409 and "from another address, <bdi>joe@example.com</bdi>" in asked.text
    assert services.tickets.get(three[0]).reference == three[0]
    sure = re.search(r'name="sure" value="([^"]+)"', asked.text)[1]
    assert anna.act(three[0], "merge", into=three[1], sure=sure).status_code == 303  # one address: nothing to ask
    assert anna.act(three[2], "merge", into=other, sure="CRT-2026-99999").status_code == 409
    assert anna.act(three[2], "merge", into=other, sure=sure).status_code == 303
    assert services.tickets.get(three[2]).reference == other


def test_the_way_back_leads_to_the_queue_one_came_from(anna, services, three):
    queue = anna.get("/?state=all&order=newest&q=matter&owner=nobody").text
    link = re.search(rf'href="/console(/tickets/{three[0]}[^"]*)"', queue)[1].replace("&amp;", "&")
    page = anna.get(link).text
    back = re.search(r'href="([^"]+)" id="back"', page)[1].replace("&amp;", "&")
    assert back == "/console/?state=all&owner=nobody&order=newest&q=matter"
    claim = re.search(rf'action="/console(/tickets/{three[0]}/claim[^"]*)"', page)[1].replace("&amp;", "&")
    after = anna.client.get(anna.post(claim, seen_on=link).location).text
    assert back.replace("&", "&amp;") in after


def test_after_resolving_comes_the_next_one_of_the_queue(anna, services, three):
    told = anna.post(f"/tickets/{three[1]}/resolve?order=oldest&then=next", seen_on=f"/tickets/{three[1]}")
    assert f"/tickets/{three[2]}" in told.location and "order=oldest" in told.location
    page = anna.client.get(told.location).text
    assert f"{three[1]} is resolved" in page and "This is the next one" in page
    for reference in (three[2], three[0]):
        told = anna.post(f"/tickets/{reference}/resolve?then=next", seen_on=f"/tickets/{reference}")
    assert told.location == "/console/" and "last one here" in anna.client.get(told.location).text


def test_several_are_given_tagged_and_resolved_at_once(anna, services, three):
    def do(**fields):
        return anna.client.get(anna.post("/bulk", seen_on="/", **fields).location).text

    assert "2 tickets are given away" in do(reference=three[:2], what="assign", to=BEN)
    assert [services.tickets.get(one).assigned_to for one in three] == [BEN, BEN, ""]
    assert "3 tickets are tagged" in do(reference=three, what="tag", tags="autumn")
    told = do(reference=[*three[:2], "CRT-2020-1"], what="resolve", sure="yes")
    assert re.search("2 tickets are resolved. With 1 it was not possible[^:]*: CRT-2020-1", told)
    assert [services.tickets.get(one).state for one in three[:2]] == [State.RESOLVED] * 2
    assert "Choose some tickets first" in do(what="resolve")
    assert "letters, digits and hyphens" in do(reference=three, what="tag", tags="<b>")
    assert "Type a tag first" in do(reference=three, what="tag", tags=" ")


def test_of_several_one_that_has_news_is_not_resolved(anna, services, three):
    seen = {f"seen {one}": services.tickets.get(one).version for one in three}
    assert all(f'name="{name}" value="{version}"' in anna.get("/").text for name, version in seen.items())
    services.tickets.answer(three[1], "It is urgent.", "site")
    asked = anna.post("/bulk", seen_on="/", reference=three, what="resolve", **seen)
    assert re.search(f"1 of those chosen stays.*{three[1]}", asked.text) and "Resolve 2 tickets?" in asked.text
    sure = {"reference": three, "what": "resolve", "sure": "yes"}
    told = anna.client.get(anna.post("/bulk", seen_on="/", **sure, **seen).location).text
    assert "2 tickets are resolved" in told and f"there is news in it or it is gone: {three[1]}." in told
    assert [services.tickets.get(one).open for one in three] == [False, True, False]


def test_several_are_resolved_only_after_it_was_asked_how_many_people_get_a_mail(anna, services, mailbox):
    his = file(services, "r9", contact="joe@example.com", proven=("joe@example.com",)).reference
    hers = [file(services, f"r{n}").reference for n in (1, 2)]
    done = file(services, "r3").reference
    services.tickets.resolve(done, BEN, via="console")
    mails = [len(mailbox.to(f"{who}@example.com")) for who in ("joe", "jane")]
    asked = anna.post("/bulk?owner=nobody", seen_on="/", reference=[his, *hers, done, "CRT-2020-1"], what="resolve")
    assert asked.status_code == 200 and "Resolve 3 tickets?" in asked.text
    assert "2 people get a mail" in asked.text and "3 mails" in asked.text
    assert "CRT-2020-1</a>" in asked.text and "2 of those chosen stay" in asked.text
    assert all(services.tickets.get(one).open for one in (his, *hers))
    assert [len(mailbox.to(f"{who}@example.com")) for who in ("joe", "jane")] == mails
    back = re.search(r'href="([^"]+)" id="back"', asked.text)[1].replace("&amp;", "&")
    queue = anna.client.get(back).text
    assert "owner=nobody" in back and queue.count('"off" checked>') == 3
    one = anna.post("/bulk", seen_on="/", reference=[hers[0]], what="resolve").text
    assert "Resolve 1 ticket?" in one and "1 person gets a mail</strong> that says that it is done." in one
    assert "Nothing to resolve" in anna.post("/bulk", seen_on="/", reference=[done], what="resolve").text


def test_what_was_chosen_stays_chosen_where_something_else_was_wrong(anna, three):
    for fields in ({"what": "tag", "tags": "<b>"}, {"what": "tag"}, {"what": "assign", "to": "stranger@example.com"}):
        answer = anna.post("/bulk", seen_on="/", reference=three[:2], **fields)
        page = anna.client.get(answer.location).text
        assert "Nothing was changed" in page and page.count('"off" checked>') == 2


def test_who_is_given_tickets_by_a_colleague_is_told_by_one_mail(anna, ben, services, three, mailbox):
    before = len(mailbox.to(BEN))
    told = anna.client.get(anna.act(three[0], "assign", to=BEN).location).text
    assert "told by mail" in told
    anna.post("/bulk", seen_on="/", reference=three, what="assign", to=BEN)
    anna.act(three[2], "assign", to=ANNA)
    one, several = mailbox.to(BEN)[before:]
    assert one.subject == f"[{three[0]}] Given to you: Matter number 1" and one.reply_to == ANNA
    assert several.subject == "2 tickets were given to you" and three[0] not in several.text
    for part in (several.text, several.html):
        assert all(f"/console/tickets/{one}" in part for one in three[1:])
        assert all(words in part for words in (ANNA, "Matter number 3", "jane@example.com", "proven", "owner=me"))
    assert not [mail for mail in mailbox.to(ANNA) if "Given to you" in mail.subject]


def test_after_a_reply_comes_the_next_one_too(anna, services, three):
    def send(reference, text):
        path = f"/tickets/{reference}"
        return anna.post(f"{path}/reply?order=oldest&then=next", seen_on=path, text=text)

    told = send(three[0], "Which address?")
    assert f"/tickets/{three[1]}" in told.location and "order=oldest" in told.location
    page = anna.client.get(told.location).text
    assert f"Your reply to {three[0]} is on its way. This is the next one." in page
    assert f'data-sent="reply" data-of="{three[0]}"' in page
    assert send(three[1], "Hello {nmae}").status_code == 409  # stays there until it is sent
    services.tickets.resolve(three[2], BEN, via="console")
    told = send(three[1], "Hello")
    assert told.location == "/console/?order=oldest" and "last one here" in anna.client.get(told.location).text


def test_the_queue_shows_where_the_learner_has_written_since_the_team_did(anna, services, three):
    def marked():
        rows = re.findall(r"<tr>(.*?)</tr>", anna.get("/?state=all").text, re.DOTALL)
        return [re.search(r'value="(CRT[^"]+)"', row)[1] for row in rows if "learner wrote" in row]

    assert marked() == []
    services.tickets.answer(three[0], "One more thing", "site")
    services.tickets.reply(three[1], ANNA, "Which address?", "console")
    services.tickets.reply(three[2], ANNA, "Which address?", "console")
    services.tickets.answer(three[2], "This one", "mail")
    assert sorted(marked()) == [three[0], three[2]]
    services.tickets.reply(three[2], ANNA, "Thank you", "console")
    services.tickets.resolve(three[0], ANNA, via="console")
    assert marked() == []
    services.tickets.answer(three[0], "It is not there", "mail")
    assert marked() == [three[0]]


def test_enter_in_the_tags_of_several_tags_them(anna, three):
    """A browser presses the first button of the form."""
    buttons = re.findall(r'name="what" value="(\w+)"', anna.get("/").text)
    assert buttons[0] == "tag"


def test_a_canned_answer_is_put_below_what_was_typed(anna, services, ticket):
    services.canned_answers.keep(CannedAnswer(0, "Sent", "Hello {name},\n{reference} is done."), BEN)
    number = services.canned_answers.all()[0].id
    page = anna.act(ticket.reference, "fill", text="Half a reply", canned=str(number))
    assert f"Half a reply\n\nHello,\n{ticket.reference} is done.</textarea>" in page.text
    assert f'data-text="Hello,\n{ticket.reference} is done."' in page.text
    unknown = anna.act(ticket.reference, "fill", text="Half a reply", canned="99")
    assert ">Half a reply</textarea>" in unknown.text
    assert [event.what for event in services.tickets.events(ticket.reference)] == [What.OPENED]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Hello {nmae},", "{nmae}"),
        ("About {refrence} and {date}", "{refrence} or {date}"),
        ("Dear [name],", "[name]"),
    ],
)
def test_a_canned_answer_with_a_placeholder_that_nothing_fills_in_is_refused(anna, services, text, named):
    refused = anna.post("/answers/0", seen_on="/answers", title="Sent", text=text)
    assert refused.status_code == 400 and f">{text}</textarea>" in refused.text
    assert f"Nothing fills in {named}, so nothing was kept." in refused.text
    assert "The placeholders are {name}, {reference} and {credential}." in refused.text
    assert services.canned_answers.all() == []


def test_an_older_answer_that_goes_wrong_is_marked(anna, services):
    with services.database.transaction() as connection:
        add_answer(connection, "Old", "It comes on {date}.", BEN, services.clock())
    assert "nothing fills in {date}" in anna.get("/answers").text


@pytest.mark.parametrize("action", ["reply", "resolve"])
def test_a_reply_with_an_unfilled_placeholder_is_shown_again_before_anything_is_mailed(
    anna, services, ticket, mailbox, action
):
    mails = len(mailbox.to("jane@example.com"))
    text = "Hello {nmae},\nit is {credential}."
    asked = anna.act(ticket.reference, action, text=text)
    assert asked.status_code == 409 and f">{text}</textarea>" in asked.text
    assert "{nmae} and {credential} are not filled in" in asked.text and "nothing was sent" in asked.text
    assert len(mailbox.to("jane@example.com")) == mails and services.tickets.get(ticket.reference).open
    sure = re.findall(r'name="as_it_stands" value="([^"]+)"', asked.text)
    other = anna.act(ticket.reference, action, text=f"{text} {{refrence}}", as_it_stands=sure)
    assert other.status_code == 409 and "{refrence}" in other.text  # of which nobody was told
    assert anna.act(ticket.reference, action, text=text, as_it_stands=sure).status_code == 303
    assert "{nmae}" in mailbox.to("jane@example.com")[-1].text


def test_what_an_older_answer_leaves_in_braces_is_seen_before_it_is_mailed(anna, services, ticket):
    with services.database.transaction() as connection:
        add_answer(connection, "Old", "It comes on {date}.", BEN, services.clock())
    assert "{date} is not filled in" in anna.act(ticket.reference, "reply", text="It comes on {date}.").text
    assert anna.act(ticket.reference, "reply", text="Use {day} in that form.").status_code == 303


def test_where_a_ticket_came_from_is_said_for_each_way(anna, services):
    for channel, words in (("site", "chat"), ("form", "form"), ("slack", "Slack")):
        reference = file(services, channel, channel=channel).reference
        services.tickets.reply(reference, BEN, "Hello", "mail")
        page = anna.get(f"/tickets/{reference}").text
        assert f"<dt>Came by</dt><dd>{words}</dd>" in page
        assert re.search(rf"opened the ticket\s*<span[^>]*><time[^>]*>[^<]*</time> · {words}</span>", page)
        assert (
            ("to the learner in Slack" in page) is ("The conversation in Slack before" in page) is (channel == "slack")
        )
        assert ("into the learner’s chat" in page) is (channel != "slack")


def test_canned_answers_are_kept_in_the_console(anna, services):
    def keep(number, **fields):
        return anna.post(f"/answers/{number}", seen_on="/answers", **fields)

    told = anna.client.get(keep(0, title="Sent", text="It is <b>there</b>.").location).text
    assert "The answer is kept" in told and 'data-sent="text-0"' in told
    assert keep(0, title="Sent", text="again").status_code == 409
    problem = keep(0, title="Empty", text=" ")
    assert problem.status_code == 400 and 'value="Empty"' in problem.text
    page = anna.get("/answers").text
    assert "Sent" in page and "&lt;b&gt;there" in page and "<b>there" not in page
    number = services.canned_answers.all()[0].id
    anna.post(f"/answers/{number}/delete", seen_on="/answers")
    assert services.canned_answers.all() == []


def test_of_two_who_change_a_canned_answer_the_second_sees_what_the_first_wrote(anna, ben, services):
    services.canned_answers.keep(CannedAnswer(0, "Sent", "It is sent."), ANNA)
    (answer,) = services.canned_answers.all()
    assert f'name="seen" value="{answer.version}"' in ben.get("/answers").text

    def keep(who, text, version):
        return who.post(f"/answers/{answer.id}", seen_on="/answers", title="Sent", text=text, seen=version)

    assert keep(anna, "It was sent on Monday.", answer.version).status_code == 303
    late = keep(ben, "It is on its way.", answer.version)
    assert late.status_code == 409 and "A colleague has changed this answer" in late.text
    assert "It is on its way.</textarea>" in late.text and "It was sent on Monday." in late.text
    (now,) = services.canned_answers.all()
    assert now.text == "It was sent on Monday." and f'name="seen" value="{now.version}"' in late.text
    assert keep(ben, "It is on its way since Monday.", now.version).status_code == 303
    services.canned_answers.delete(answer.id)
    late = keep(anna, "It was sent on Tuesday.", now.version)
    assert late.status_code == 409 and "It was sent on Tuesday.</textarea>" in late.text


def test_the_queue_tells_when_it_has_changed(anna, services, three):
    def mark(query=""):
        return anna.get(f"/live{query}").get_json()["mark"]

    before, mine = mark(), mark("?owner=me")
    assert mark() == before
    services.tickets.answer(three[0], "One more thing", "site")
    assert mark() != before
    before = mark("?owner=me")
    services.tickets.claim(three[1], ANNA, "slack")
    assert mark("?owner=me") not in (before, mine)


def test_colleagues_on_the_same_ticket_are_shown_as_long_as_they_are(anna, ben, services, ticket):
    def look(staff, **fields):
        path = f"/tickets/{ticket.reference}"
        return staff.post(f"{path}/live", seen_on=path, **fields).get_json()

    first = look(anna)
    assert (first["version"], first["others"]) == (ticket.version, [])
    assert look(ben, writes="yes")["others"] == [{"who": ANNA, "writes": False}]
    assert look(anna)["others"] == [{"who": BEN, "writes": True}]
    later = services.clock() + datetime.timedelta(minutes=2)
    object.__setattr__(services, "clock", lambda: later)
    assert look(anna)["others"] == []
    services.tickets.note(ticket.reference, BEN, "called", "console")
    assert look(anna)["version"] != ticket.version


def test_nobody_else_asks_what_is_new_and_who_was_signed_out_does_not_come_back_to_it(visitor, anna, ticket):
    visitor.get(f"/tickets/{ticket.reference}")
    for answer in (visitor.get("/live"), visitor.client.post(f"/console/tickets/{ticket.reference}/live")):
        assert answer.status_code == 401 and ticket.reference not in answer.text
    visitor.post("/sign-in", address=ANNA)
    signed_in = visitor.post("/code", code=visitor.mailbox.code(ANNA))
    assert signed_in.location == f"/console/tickets/{ticket.reference}"
    assert "You were signed out" not in visitor.client.get(signed_in.location).text
    reply = anna.client.post(f"/console/tickets/{ticket.reference}/live")
    assert reply.status_code == 400  # without the token of a form


def test_the_page_of_the_team_and_its_spreadsheet(anna, services, three):
    services.tickets.reply(three[0], ANNA, "Hello", "console")
    services.tickets.resolve(three[1], BEN, via="console")
    page = anna.get("/team?days=7").text
    assert "<svg" in page and "style=" not in page and ANNA in page and "in the FAQ" in page
    assert ", 2 open" in page or ">2 open<" in page
    sheet = anna.get("/team.csv?days=7")
    assert sheet.mimetype == "text/csv" and "attachment" in sheet.headers["Content-Disposition"]
    assert len(sheet.text.splitlines()) == 4


def test_what_was_sent_is_named_so_that_only_its_draft_goes(anna, services, ticket):
    sent = [("claim", {}, ""), ("note", {"text": "x"}, "note"), ("reply", {"text": "x"}, "reply")]
    for action, fields, field in sent:
        page = anna.client.get(anna.act(ticket.reference, action, **fields).location).text
        assert re.search(r'class="notice good told" role="status" data-sent="(\w*)"', page)[1] == field
